//go:build !linux

package labtest

// LookAtMachine reads nothing: experiments run on Linux only.
func LookAtMachine() (m Machine) { return m }
