package sampling

import "regexp"

// Said returns what a program of the tests says of itself in a comment, in
// a line "KEY: VALUE" or "KEY" (in the package labtest: fails, races and
// their like), and whether it says it.
func Said(source, key string) (value string, ok bool) {
	line := regexp.MustCompile(`(?m)^[ /*#]*` + regexp.QuoteMeta(key) + `(?:: (.*?))?[ */]*$`)
	m := line.FindStringSubmatch(source)
	if m == nil {
		return "", false
	}
	return m[1], true
}
