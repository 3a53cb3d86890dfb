package locale_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"apue/internal/lab"
	"apue/internal/suite"
)

// root is the folder of the module.
const root = "../.."

// message is an English sentence that is shown to a reader, and where it
// stands.
type message struct{ place, english string }

// english are all messages, each once, in the order of the book and then
// of the sources.
func english(t *testing.T) []message {
	t.Helper()
	c := &collector{t: t, known: map[string]bool{"": true}}
	for _, x := range suite.All {
		c.experiment(x)
	}
	for _, dir := range []string{"ch8", "internal/lab", "internal/quiz", "internal/trace", "internal/timeline", "internal/page"} {
		c.sources(dir)
	}
	for _, dir := range suite.Folders() {
		c.sources(dir + "/checks")
	}
	c.pages("internal/page")
	return c.all
}

type collector struct {
	t     *testing.T
	known map[string]bool
	all   []message
}

func (c *collector) add(place, english string) {
	if !c.known[english] {
		c.known[english] = true
		c.all = append(c.all, message{place, english})
	}
}

// experiment adds what an experiment says to its readers.
func (c *collector) experiment(x *lab.Experiment) {
	id := x.ID()
	c.add(id+" title", x.Title)
	c.add(id+" task", x.Task)
	for i := range x.Claims {
		claim := &x.Claims[i]
		at := x.ClaimID(claim)
		c.add(at+" says", claim.Says)
		c.add(at+" why", claim.Why)
		for n, hint := range claim.Hints {
			c.add(fmt.Sprintf("%s hint %d", at, n+1), hint)
		}
	}
	for _, m := range x.Moments {
		c.add(id+" moment "+m.Name, m.Says)
	}
	for _, q := range x.Questions {
		at := id + " question " + q.Name
		c.add(at, q.Ask)
		for n, answer := range q.Answers {
			if answer != "" && !onlyNumbers.MatchString(answer) {
				c.add(fmt.Sprintf("%s answer %d", at, n+1), answer)
			}
		}
		c.add(at+" why", q.Why)
	}
}

// onlyNumbers matches an answer without words: a number, bytes, a name
// of an errno or a constant.
var onlyNumbers = regexp.MustCompile(`^[-0-9A-Zx_., /]*$`)

// sources adds the sentences in the Go files of a folder: the first
// argument of locale.T, locale.Sprintf and locale.Key, and that of the
// functions that give theirs to locale.Sprintf.
func (c *collector) sources(dir string) {
	files, err := filepath.Glob(filepath.Join(root, dir, "*.go"))
	if err != nil || len(files) == 0 {
		c.t.Fatalf("%s: no Go files (%v)", dir, err)
	}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		if err != nil {
			c.t.Fatal(err)
		}
		place := dir + "/" + filepath.Base(file)
		ast.Inspect(parsed, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || len(call.Args) == 0 {
				return true
			}
			for _, s := range sentences(call) {
				c.add(place, s)
			}
			return true
		})
	}
}

// sentences are the messages that a call is given.
func sentences(call *ast.CallExpr) []string {
	name := ""
	switch f := call.Fun.(type) {
	case *ast.Ident:
		name = f.Name
	case *ast.SelectorExpr:
		name = f.Sel.Name
		if of, ok := f.X.(*ast.Ident); ok && of.Name == "locale" {
			name = "locale." + name
		}
	}
	switch name {
	case "locale.T", "locale.Sprintf", "locale.Key", "say", "prove", "With":
		if s := literal(call.Args[0]); strings.Trim(s, "%s ") != "" {
			return []string{s}
		}
	case "count": // "1 step", "2 steps"
		if len(call.Args) < 2 || literal(call.Args[1]) == "" {
			return nil
		}
		one := literal(call.Args[1])
		more := one + "s"
		if len(call.Args) > 2 {
			more = literal(call.Args[2])
		}
		return []string{"1 " + one, "%d " + more}
	}
	return nil
}

// literal is the value of a string, or of strings with + between them;
// "" for another expression.
func literal(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.BasicLit:
		if e.Kind == token.STRING {
			s, _ := strconv.Unquote(e.Value)
			return s
		}
	case *ast.BinaryExpr:
		if a, b := literal(e.X), literal(e.Y); a != "" && b != "" {
			return a + b
		}
	}
	return ""
}

// inPage finds the messages of pages: {{t "…"}} in a template, t("…") in
// a script.
var inPage = regexp.MustCompile(`(?:\{\{t |\bt\()("(?:[^"\\]|\\.)*")`)

func (c *collector) pages(dir string) {
	for _, pattern := range []string{"*.html", "*.js", "js/*.js"} {
		files, err := filepath.Glob(filepath.Join(root, dir, pattern))
		if err != nil || len(files) == 0 {
			c.t.Fatalf("%s/%s: no files (%v)", dir, pattern, err)
		}
		for _, file := range files {
			b, err := os.ReadFile(file)
			if err != nil {
				c.t.Fatal(err)
			}
			for _, m := range inPage.FindAllStringSubmatch(string(b), -1) {
				s, err := strconv.Unquote(m[1])
				if err != nil {
					c.t.Fatalf("%s: %s: %v", file, m[1], err)
				}
				c.add(dir+"/"+filepath.Base(file), s)
			}
		}
	}
}

// verbs are the verbs of a format, sorted: a translation may use them in
// another order.
func verbs(format string) []string {
	var all []string
	for _, m := range verb.FindAllStringSubmatch(format, -1) {
		all = append(all, m[2]+m[3])
	}
	slices.Sort(all)
	return all
}

// verb is one of a format: an index, flags and width, and the letter.
var verb = regexp.MustCompile(`%(\[\d+\])?([-+# 0-9.*]*)([a-zA-Z%])`)
