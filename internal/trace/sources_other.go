//go:build !unix

package trace

import "os"

func openSource(name string) (*os.File, error) { return os.Open(name) }
