package locale_test

import (
	"fmt"
	"strings"

	"apue/internal/locale/po"
)

// format writes entries as [po.Parse] reads them.
func format(entries []po.Entry) string {
	var b strings.Builder
	for i, e := range entries {
		if i > 0 {
			b.WriteByte('\n')
		}
		if e.Place != "" {
			fmt.Fprintf(&b, "#: %s\n", e.Place)
		}
		if e.Fuzzy {
			b.WriteString("#, fuzzy\n")
			b.WriteString("#| " + strings.ReplaceAll(quoted("msgid", e.Old), "\n", "\n#| ") + "\n")
		}
		b.WriteString(quoted("msgid", e.ID) + "\n" + quoted("msgstr", e.Str) + "\n")
	}
	return b.String()
}

// quoted writes a string after its key; one of several lines begins
// with an empty string, as gettext's own tools write it.
func quoted(key, s string) string {
	lines := strings.SplitAfter(s, "\n")
	if last := len(lines) - 1; last > 0 && lines[last] == "" {
		lines = lines[:last]
	}
	if len(lines) > 1 {
		key += ` ""`
	}
	var b strings.Builder
	b.WriteString(key)
	for i, l := range lines {
		l = `"` + escape.Replace(l) + `"`
		if i == 0 && len(lines) == 1 {
			b.WriteString(" " + l)
			continue
		}
		b.WriteString("\n" + l)
	}
	return b.String()
}

var escape = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\t", `\t`)
