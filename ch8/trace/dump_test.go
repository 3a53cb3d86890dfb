//go:build amd64 || arm64

package trace

import (
	"os"
	"strings"
	"testing"
)

func TestDump(t *testing.T) {
	for _, p := range strings.Fields(os.Getenv("DUMP")) {
		name, arg, _ := strings.Cut(p, ":")
		exe := cProgram(t, name)
		args := []string{exe}
		if arg != "" {
			args = append(args, strings.Split(arg, ",")...)
		}
		o := Options{Files: name == "files", Words: []int32{6}, NoSeccomp: os.Getenv("NOSEC") != ""}
		t.Chdir(t.TempDir())
		r := runProgram(t, o, args...)
		t.Log("\n" + text(r.Recording) + "\n" + r.out + "\n" + text(r.Canonical()))
	}
}
