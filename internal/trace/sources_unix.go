//go:build unix

package trace

import (
	"os"
	"syscall"
)

// openSource opens a file without waiting, which the open of a FIFO does.
func openSource(name string) (*os.File, error) {
	return os.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
}
