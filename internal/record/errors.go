package record

import "fmt"

// NotStartedError says that the launcher ended before it executed
// the program; Status is its raw wait status word.
type NotStartedError struct{ Status uint32 }

func (e *NotStartedError) Error() string {
	return fmt.Sprintf("record: the program was not executed: its launcher ended with status %#04x", e.Status)
}
