//go:build !linux

package labtest

// Machine is what an experiment could change for good; experiments run on
// Linux only.
type Machine struct{}

// LookAtMachine reads nothing.
func LookAtMachine() (m Machine) { return m }
