// Package locale shows the sentences of the suite in the language of
// its reader: English, or Chinese.
//
// The English sentence is the key. A sentence is looked up where it is
// shown, once: with [T], or with [Sprintf] if values stand in it. Names,
// ids, JSON and the words for a result stay English. A sentence without
// a translation is shown in English.
//
// The translations are in zh.po, in the format of gettext, which editors
// for translators read. An entry that is marked fuzzy is out of date and
// is not used. The tests of this package compare zh.po with all English
// sentences, and the Chinese lab sheets with the English ones.
// CONTRIBUTING.md says how both are renewed.
package locale

import (
	_ "embed"
	"fmt"
	"strings"
	"sync/atomic"
	"unicode"
	"unicode/utf8"

	"apue/internal/locale/po"
	"apue/internal/show"
)

//go:embed zh.po
var chinese string

// messages are the translations by their English sentences; nil in
// English.
var messages atomic.Pointer[map[string]string]

// Set chooses the language, en or zh. It is called before anything is
// shown.
func Set(language string) error {
	switch language {
	case "en":
		messages.Store(nil)
		return nil
	case "zh":
	default:
		return fmt.Errorf("--locale %s: there are en (English) and zh (Chinese)", language)
	}
	entries, err := po.Parse(chinese)
	if err != nil {
		return fmt.Errorf("zh.po: %w", err)
	}
	all := map[string]string{}
	for _, e := range entries {
		if e.ID != "" && e.Str != "" && !e.Fuzzy {
			all[e.ID] = e.Str
		}
	}
	messages.Store(&all)
	return nil
}

// FromEnvironment is the language that a user has chosen for messages.
// As POSIX says, LC_ALL goes before LC_MESSAGES, and LC_MESSAGES before
// LANG; an empty variable counts as not set. It is zh for every
// territory, and en for another language or for a codeset that is not
// UTF-8, because nothing else is written here.
func FromEnvironment(getenv func(string) string) string {
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		value := getenv(name)
		if value == "" {
			continue
		}
		value, _, _ = strings.Cut(value, "@")
		place, codeset, named := strings.Cut(value, ".")
		language, _, _ := strings.Cut(place, "_")
		utf8 := !named || strings.EqualFold(strings.ReplaceAll(codeset, "-", ""), "utf8")
		if language == "zh" && utf8 {
			return "zh"
		}
		return "en"
	}
	return "en"
}

// Tag is the language as HTML's lang attribute has it.
func Tag() string {
	if messages.Load() != nil {
		return "zh-CN"
	}
	return "en"
}

// Sheet is the name of the lab sheets in the reader's language.
func Sheet() string {
	if messages.Load() != nil {
		return "README.zh-CN.md"
	}
	return "README.md"
}

// T returns the sentence in the reader's language.
func T(english string) string {
	if all := messages.Load(); all != nil {
		if s, ok := (*all)[english]; ok {
			return s
		}
	}
	return english
}

// Sprintf is fmt.Sprintf with the format in the reader's language. A
// translation may take the values in another order: %[2]s. In Chinese a
// blank beside a value stands only where one side of it is not Chinese.
func Sprintf(format string, values ...any) string {
	if messages.Load() == nil {
		return fmt.Sprintf(format, values...)
	}
	s := fmt.Sprintf(besideValue().ReplaceAllStringFunc(T(format), func(v string) string {
		return strings.ReplaceAll(v, " ", seam)
	}), values...)
	parts := strings.Split(s, seam)
	s = parts[0]
	for _, part := range parts[1:] {
		last, _ := utf8.DecodeLastRuneInString(s)
		first, _ := utf8.DecodeRuneInString(part)
		if !mark(last) && !mark(first) && !(wide(last) && wide(first)) {
			s += " "
		}
		s += part
	}
	return s
}

// besideValue is a verb of a format with the blanks beside it, and seam
// stands for such a blank until the values are known.
var besideValue = show.Pattern(` ?%(\[\d+\])?[-+#0-9.*]*[a-zA-Z] ?`)

const seam = "\ue000" // of private use: no value that is shown has it

// wide is a Chinese character.
func wide(r rune) bool { return unicode.Is(unicode.Han, r) }

// mark is a Chinese punctuation mark, beside which no blank stands.
func mark(r rune) bool {
	return strings.ContainsRune("，。、；：？！（）《》「」“”", r)
}

// Ref returns a reference to the book in the reader's language: "§8.3,
// Fig. 8.1".
func Ref(english string) string {
	if messages.Load() == nil {
		return english
	}
	return chineseRef.Replace(english)
}

var chineseRef = strings.NewReplacer("Fig. ", "图 ", "Ex. ", "习题 ", ", ", "，", " to ", " 至 ")

// Key returns its argument. It marks a sentence that is given to [T]
// elsewhere, so that the tests know it.
func Key(english string) string { return english }
