package apue

import (
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// hardWords is the mechanical part of plain words: expressions that
// were hard to read for readers whose first language is not English,
// and what to write instead. The part that no list can hold is in
// CONTRIBUTING.md.
var hardWords = []struct {
	expression *regexp.Regexp
	instead    string
	has        []string // each match has one of these in it
}{
	{regexp.MustCompile(`(?i)\bcan not\b`), "cannot", []string{"can not"}},
	{regexp.MustCompile(`(?i)\bin place of\b`), "instead of", []string{"in place of"}},
	{regexp.MustCompile(`(?i)\bwhich of both\b`), "which of the two", []string{"which of both"}},
	{regexp.MustCompile(`(?i)\b(it|that|this|which|what|who|process|program|file|[0-9]) (is|are|was|were) no (file|program|child|process|zombie|recording|id|option|thread|fork|one of|bug)\b`), "is not a …", []string{" is no ", " are no ", " was no ", " were no "}},
	{regexp.MustCompile(`(?i)\bis a [a-z]+ and no (id|file|child|thread)\b`), "not a …", []string{" and no "}},
	{regexp.MustCompile(`(?i)\bmay not (be|go|do|have|write|read|use|look|see)\b`), "must not, or cannot", []string{"may not "}},
	{regexp.MustCompile(`(?i)\bwhoever\b`), "name the person or the process", []string{"whoever"}},
	{regexp.MustCompile(`(?m)(^|[.:;] |"|# )(Who|What) [a-z]+ [^?\n"]*\.( |"|$)`), "begin with a noun: the process that …", []string{"Who ", "What "}},
	{regexp.MustCompile(`(?i)\bnobody else's\b`), "no other program's", []string{"nobody else's"}},
	{regexp.MustCompile(`(?i)\b(hand(s|ed)?|given?) (it |them )?(away|over) to (the|its) (adopter|new parent)\b`), "is adopted by", []string{"away to ", "over to "}},
	{regexp.MustCompile(`(?i)\bthe contract\b`), "the task", []string{"the contract"}},
	{regexp.MustCompile(`(?i)\bsays the tree\b`), "look at the tree: …", []string{"says the tree"}},
}

// messageWords are what the message of a failed claim must not say to a
// learner: names that stand in no program, and sentences that have been
// taken for something else.
var messageWords = []struct {
	expression *regexp.Regexp
	instead    string
}{
	{regexp.MustCompile(`\b(wait4|pwrite64|clock_nanosleep|exit_group)\b`), "the name that the program has for the call"},
	{regexp.MustCompile(`made .{5,40} by [a-z]+, which executed`), "used vfork to make the child, which executed: a call executes no program"},
	{regexp.MustCompile(`\bbelongs? into\b`), "belongs in"},
	{regexp.MustCompile(`\b(1 children|0 children|1 processes)\b`), "the right number of the noun"},
	{regexp.MustCompile(`, 0 (for|asked|with)\b`), "only what there was"},
}

// TestMessageWords looks for them in the golden messages, but not in what
// a program printed.
func TestMessageWords(t *testing.T) {
	walkFiles(t, func(path string, b []byte) {
		if filepath.Ext(path) != ".golden" {
			return
		}
		text, lines := flow(string(b))
		for _, h := range messageWords {
			for _, m := range h.expression.FindAllStringIndex(text, -1) {
				t.Errorf("%s:%d: %q: write %s", path, lines[m[0]], text[m[0]:m[1]], h.instead)
			}
		}
	})
}

// TestPlainWords looks for hard expressions in everything that a
// reader reads: sheets, messages, comments, help, golden messages.
func TestPlainWords(t *testing.T) {
	walkFiles(t, func(path string, b []byte) {
		// A right or wrong program imitates a learner's hand.
		if path == "words_test.go" || strings.Contains(path, "testdata/") && filepath.Ext(path) != ".golden" {
			return
		}
		text, lines := flow(string(b))
		lower := strings.ToLower(text)
		for _, h := range hardWords {
			// An expression is slow to look for, a word is not.
			if !slices.ContainsFunc(h.has, func(word string) bool { return strings.Contains(text, word) || strings.Contains(lower, word) }) {
				continue
			}
			for _, m := range h.expression.FindAllStringIndex(text, -1) {
				t.Errorf("%s:%d: %q: write %s", path, lines[m[0]], strings.TrimSpace(text[m[0]:m[1]]), h.instead)
			}
		}
	})
}

// lineBreak is a line's end with what begins the next line of a
// comment.
var lineBreak = regexp.MustCompile(`\n[ \t]*(//|\*|#)?[ \t]*`)

// flow returns the text with each line break that may stand inside a
// sentence replaced by a blank, and the number of the line for each of
// its bytes.
func flow(s string) (string, []int) {
	var b strings.Builder
	var lines []int
	n, at := 1, 0
	add := func(part string) {
		b.WriteString(part)
		for range len(part) {
			lines = append(lines, n)
		}
	}
	for _, m := range lineBreak.FindAllStringIndex(s, -1) {
		add(s[at:m[0]])
		if strings.HasPrefix(s[m[1]:], "\n") || m[1] == len(s) {
			add("\n") // the end of a paragraph
		} else {
			add(" ")
		}
		n, at = n+1, m[1]
	}
	add(s[at:])
	return b.String(), append(lines, n)
}
