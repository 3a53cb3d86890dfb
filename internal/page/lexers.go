package page

import (
	"path/filepath"
	"strings"
	"sync"

	"github.com/alecthomas/chroma/v2"
)

// The languages of programs are defined here and not taken from chroma's
// package lexers, which reads some 300 definitions when a program starts:
// every recorded run starts ch8 itself again.

// keywords of the languages, those of the C library's and of Go's most used
// types included.
const (
	keywordsC = `auto break case char const continue default do double else enum extern float for goto if inline int long
		register restrict return short signed sizeof static struct switch typedef union unsigned void volatile while
		bool pid_t size_t ssize_t siginfo_t sigset_t NULL true false`
	keywordsGo = `break case chan const continue default defer else fallthrough for func go goto if import interface map
		package range return select struct switch type var bool byte error int int32 int64 string uint uint32 uint64 uintptr
		any nil true false iota`
	keywordsShell  = `if then else elif fi for while until do done case esac in function return exit exec trap wait export set`
	keywordsPython = `and as assert break class continue def del elif else except finally for from global if import in is
		lambda None not or pass raise return True False try while with yield`
)

// language makes a lexer: comments, strings, numbers and keywords have
// marks, everything else is text.
func language(name, comments, keywords string, more ...chroma.Rule) func() chroma.Lexer {
	return sync.OnceValue(func() chroma.Lexer {
		words := `\b(` + strings.Join(strings.Fields(keywords), "|") + `)\b`
		rules := append([]chroma.Rule{{Pattern: comments, Type: chroma.Comment}}, more...)
		rules = append(rules,
			chroma.Rule{Pattern: `"(\\.|[^"\\\n])*"|'(\\.|[^'\\\n])*'`, Type: chroma.LiteralString},
			chroma.Rule{Pattern: words, Type: chroma.Keyword},
			chroma.Rule{Pattern: `\b(0[xX][0-9a-fA-F]+|\d+(\.\d+)?)[uUlL]*\b`, Type: chroma.LiteralNumber},
			chroma.Rule{Pattern: `\w+|\s+|.`, Type: chroma.Text},
		)
		return chroma.MustNewLexer(&chroma.Config{Name: name, DotAll: true}, func() chroma.Rules {
			return chroma.Rules{"root": rules}
		})
	})
}

const slashes = `//[^\n]*|/\*.*?\*/`

var (
	langC = language("C", slashes, keywordsC,
		chroma.Rule{Pattern: `#[ \t]*\w+[^\n]*`, Type: chroma.CommentPreproc})
	langGo = language("Go", slashes, keywordsGo,
		chroma.Rule{Pattern: "`[^`]*`", Type: chroma.LiteralString})
	langShell  = language("shell", `#[^\n]*`, keywordsShell)
	langPython = language("Python", `#[^\n]*`, keywordsPython,
		chroma.Rule{Pattern: `""".*?"""|'''.*?'''`, Type: chroma.LiteralString})
	langNone = language("text", `\A\z`, "no-such-word")
)

// lexerFor returns the lexer of a file, by the ending of its name or by the
// interpreter in its first line.
func lexerFor(file, text string) chroma.Lexer {
	switch filepath.Ext(file) {
	case ".c", ".h", ".cc", ".cpp", ".s", ".S":
		return langC()
	case ".go":
		return langGo()
	case ".sh":
		return langShell()
	case ".py":
		return langPython()
	}
	first, _, _ := strings.Cut(text, "\n")
	switch {
	case !strings.HasPrefix(first, "#!"):
	case strings.Contains(first, "python"):
		return langPython()
	case strings.Contains(first+" ", "sh "):
		return langShell()
	}
	return langNone()
}
