// Package po reads translations in the format of gettext, as
// far as package locale uses it: entries with an empty line between
// them, without plural forms and contexts.
package po

import (
	"fmt"
	"strconv"
	"strings"
)

// An Entry is a sentence and its translation in a file of gettext.
type Entry struct {
	Place string // "#:", where the English stands: "fork/glob/copied hint 1"
	Fuzzy bool   // "#, fuzzy": the English has changed since
	Old   string // "#| msgid", of a fuzzy entry: the English that was translated
	ID    string // msgid: the English; "" in the head of the file
	Str   string // msgstr: the translation; "" if there is none yet
}

// Parse reads the text of a file.
func Parse(text string) (entries []Entry, err error) {
	var e Entry
	field := &e.ID // that the next string belongs to
	began := false
	for n, line := range strings.Split(text+"\n\n", "\n") {
		key, rest, _ := strings.Cut(line, " ")
		if key == "#|" {
			key, rest, _ = strings.Cut(rest, " ")
			key = "#| " + key
		}
		switch {
		case line == "":
			if began {
				entries, e, began = append(entries, e), Entry{}, false
			}
			continue
		case key == "#:":
			e.Place, rest = rest, ""
		case key == "#,":
			e.Fuzzy, rest = strings.Contains(rest, "fuzzy"), ""
		case key == "#| msgid":
			field = &e.Old
		case key == "msgid":
			field = &e.ID
		case key == "msgstr":
			field = &e.Str
		case strings.HasPrefix(key, `#| "`):
			rest = strings.TrimPrefix(line, "#| ")
		case line[0] == '"':
			rest = line
		case line[0] == '#':
			rest = ""
		default:
			return nil, fmt.Errorf("line %d: %s is not a part of an entry", n+1, line)
		}
		began = true
		if rest == "" {
			continue
		}
		part, err := strconv.Unquote(rest)
		if err != nil {
			return nil, fmt.Errorf("line %d: %s is not a string in quotes", n+1, rest)
		}
		*field += part
	}
	return entries, nil
}
