package symbol

// Why a call has no place. Other reasons name what is wrong with the
// program's file.
const (
	NoDebugInfo = "no debug information"
	NotOurCode  = "not called from the program's own code"
)

// A Place is a place in a program's source.
type Place struct {
	File string // as the compiler was told it
	Line int    // from 1
	Func string // with its package in Go; "" if that is not known
}
