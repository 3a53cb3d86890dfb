// Package sampling says how much the tests look at. go test ./... looks at a
// fixed sample of everything. make test-all sets CH8_TEST_ALL=1 and looks
// at everything: each program of the zoo at each level of optimisation,
// each seed, each twin, each page.
//
// The sample is the same in each run, so that a test that passed here also
// passes there. A developer who asks for a subtest by its name
// (go test ./wait -run TestWrong/status/stopped) gets it, whether or not
// it is in the sample.
//
// OpenTemp and Said are the other things that the tests of all packages share.
package sampling

import (
	"flag"
	"os"
	"strings"
)

// All reports whether everything is to be tested.
func All() bool {
	if os.Getenv("CH8_TEST_ALL") != "" {
		return true
	}
	run := flag.Lookup("test.run")
	return run != nil && strings.Contains(run.Value.String(), "/")
}

// Number returns how many of something are to be tried.
func Number(few, all int) int {
	if All() {
		return all
	}
	return few
}

// Has reports whether the element at this position of a list is in the
// sample of every n-th one. The first one is.
func Has(position, n int) bool { return All() || position%n == 0 }

// Every returns every n-th element of the list, the first one included.
func Every[T any](n int, list []T) (in []T) {
	for i, v := range list {
		if Has(i, n) {
			in = append(in, v)
		}
	}
	return in
}
