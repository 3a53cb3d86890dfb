package build

import "io/fs"

// Carried, if set, is what the binary of make dist carries:
// experiments/DIR, the program of each folder of experiments, and
// licences/MODULE@VERSION/LICENSE. Where it is nil our own programs are
// built from the module's source.
var Carried fs.FS

// carried writes our own program of a folder to path, if the binary
// carries it.
func carried(dir, path string) (ok bool, err error) {
	if Carried == nil {
		return false, nil
	}
	program, err := fs.ReadFile(Carried, "experiments/"+dir)
	if err != nil {
		return false, nil
	}
	return true, WriteProgram(path, program, 0o755)
}
