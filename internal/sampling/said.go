package sampling

import "strings"

// Said returns what a program of the tests says of itself in a comment, in
// a line "KEY: VALUE" or "KEY" (in the package labtest: fails, races and
// their like), and whether it says it.
func Said(source, key string) (value string, ok bool) {
	for line := range strings.Lines(source) {
		said := strings.TrimRight(strings.TrimLeft(strings.TrimSuffix(line, "\n"), " /*#"), " */")
		if said == key {
			return "", true
		}
		if value, ok := strings.CutPrefix(said, key+": "); ok {
			return value, true
		}
	}
	return "", false
}
