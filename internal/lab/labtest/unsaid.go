package labtest

import (
	"slices"
	"strings"
	"testing"

	"apue/internal/lab"
	"apue/internal/sandbox"
)

// Unsaid checks of wrong programs, "NAME/PROGRAM", that a moment of the
// experiment is not said of them, because it did not happen.
func Unsaid(t *testing.T, all lab.Registry, moments map[string]string) {
	for program, moment := range moments {
		t.Run(program, func(t *testing.T) {
			name, file, _ := strings.Cut(program, "/")
			x := all[slices.IndexFunc(all, func(x *lab.Experiment) bool { return x.Name == name })]
			animals := zoo(t, "wrong", name)
			z := animals[slices.IndexFunc(animals, func(z animal) bool { return z.name == file })]
			if !slices.ContainsFunc(x.Moments, func(m lab.Moment) bool { return m.Name == moment }) {
				t.Fatalf("%s has no moment %q", x.ID(), moment)
			}
			o, err := once(x, z.program(t))(lab.Recorded(sandbox.Pipe))
			if err != nil {
				Cannot(t, x.ID()+"/moments", err.Error(), "")
			}
			for _, m := range x.MomentsIn(o) {
				if m.Name == moment {
					t.Errorf("%q is said of event %d", m.Says, m.Index)
				}
			}
		})
	}
}
