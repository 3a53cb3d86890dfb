//go:build !machine

package page

import (
	"html/template"
	"strconv"

	"apue/internal/locale"
	"apue/internal/show"
)

// functions are what the templates call: t looks a text up in the
// reader's language, lang is the name of that language.
var functions = template.FuncMap{"t": locale.T, "lang": locale.Tag}

// inScript finds the texts that a script looks up: t("Nothing is printed
// yet.").
var inScript = show.Pattern(`\bt\(("(?:[^"\\]|\\.)*")`)

// words are the texts of a script in the reader's language, by the
// English ones; nil in English.
func words(script string) map[string]string {
	var all map[string]string
	for _, m := range inScript().FindAllStringSubmatch(script, -1) {
		english, err := strconv.Unquote(m[1])
		if err != nil {
			continue // not a string that Go writes so: it stays English
		}
		if s := locale.T(english); s != english {
			if all == nil {
				all = map[string]string{}
			}
			all[english] = s
		}
	}
	return all
}
