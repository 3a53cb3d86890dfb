package locale_test

import (
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"apue/internal/suite"
)

// howSheets says what a translator does.
const howSheets = `Translate the section anew, empty its comment (<!-- en: -->), and type: make renew
(it fills in the digest of the English section, and copies the transcripts).`

// sheetFolders are the folders that have a README.md and a
// README.zh-CN.md.
var sheetFolders = append([]string{"."}, suite.Folders()...)

// TestSheets compares each section of a Chinese sheet with its English
// one: the digest that it carries, and the transcripts.
func TestSheets(t *testing.T) {
	bad := false
	for _, dir := range sheetFolders {
		name := filepath.Join(dir, "README.zh-CN.md")
		b, err := os.ReadFile(filepath.Join(root, dir, "README.md"))
		if err != nil {
			t.Fatal(err)
		}
		english := sections(string(b))
		b, err = os.ReadFile(filepath.Join(root, name))
		if err != nil {
			t.Errorf("%s: there is no translation of %s/README.md", name, dir)
			continue
		}
		chinese := sections(string(b))
		if len(english) != len(chinese) {
			t.Errorf("%s has %d sections, README.md has %d: each section stands in its place", name, len(chinese), len(english))
			bad = true
			continue
		}
		if *update {
			for i := range chinese {
				chinese[i] = renewed(chinese[i], english[i])
			}
			if err := os.WriteFile(filepath.Join(root, name), []byte(strings.Join(chinese, "")), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		for i := range chinese {
			if why := stale(chinese[i], english[i]); why != "" {
				heading, _, _ := strings.Cut(english[i], "\n")
				t.Errorf("%s: the section %q %s", name, heading, why)
				bad = true
			}
		}
	}
	if bad {
		t.Log(howSheets)
	}
}

// sections splits a sheet before each heading.
func sections(sheet string) (all []string) {
	code := false
	for line := range strings.Lines(sheet) {
		if strings.HasPrefix(line, "```") {
			code = !code
		}
		if len(all) == 0 || !code && (strings.HasPrefix(line, "# ") || strings.HasPrefix(line, "## ") || strings.HasPrefix(line, "### ")) {
			all = append(all, "")
		}
		all[len(all)-1] += line
	}
	return all
}

// transcript is a block that the tests of the English sheet make.
var transcript = regexp.MustCompile("(?s)```console\n(.*?)```\n")

// mark is the comment in which a Chinese section carries the digest of
// its English one; an empty one says that the translation is new.
var mark = regexp.MustCompile(`<!-- en:([0-9a-f ]*)-->`)

// digest is that of an English section without what its transcripts
// print: those are copied.
func digest(english string) string {
	sum := sha256.Sum256([]byte(transcript.ReplaceAllString(english, "```console\n```\n")))
	return fmt.Sprintf("%x", sum[:6])
}

// stale says what is wrong with a Chinese section; "" if nothing is.
func stale(chinese, english string) string {
	have := mark.FindStringSubmatch(chinese)
	a, b := transcript.FindAllString(chinese, -1), transcript.FindAllString(english, -1)
	switch {
	case have == nil:
		return "has no comment <!-- en: --> below its heading"
	case strings.TrimSpace(have[1]) != digest(english):
		return "is out of date: its English has changed"
	case len(a) != len(b):
		return fmt.Sprintf("has %d transcripts, and the English one %d", len(a), len(b))
	case strings.Join(a, "") != strings.Join(b, ""):
		return "has other transcripts than the English one"
	}
	return ""
}

// renewed copies the transcripts of the English section into the Chinese
// one, and fills in the digest if its comment is empty.
func renewed(chinese, english string) string {
	blocks := transcript.FindAllString(english, -1)
	if len(transcript.FindAllString(chinese, -1)) == len(blocks) {
		chinese = transcript.ReplaceAllStringFunc(chinese, func(string) string {
			block := blocks[0]
			blocks = blocks[1:]
			return block
		})
	}
	return mark.ReplaceAllStringFunc(chinese, func(m string) string {
		if strings.TrimSpace(mark.FindStringSubmatch(m)[1]) == "" {
			return "<!-- en: " + digest(english) + " -->"
		}
		return m
	})
}
