package grade

import (
	_ "embed"
	"fmt"
	"hash/fnv"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Copies are found by fingerprints of the token stream: names,
// numbers and strings are each one kind of token, so that renaming
// hides nothing; of the hashes of every gram of gramLength tokens
// the least of each window is kept (winnowing).
const (
	gramLength = 12
	window     = 6
	// similar is the share of fingerprints in common, of the
	// smaller program, from which a human is asked.
	similar = 0.9
	// fewest is how many fingerprints a program needs: the
	// exercises are short, and short programs are alike.
	fewest = 12
)

// token splits C and Go into words and signs; comments are left
// out, as are preprocessor lines and imports.
var (
	comment = regexp.MustCompile(`(?s:/\*.*?\*/)|//.*|(?m:^\s*#.*$)|(?m:^import .*$)`)
	token   = regexp.MustCompile(`"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|[A-Za-z_]\w*|\d\w*|[^\s\w]`)
)

// keywords are kept apart from names.
var keywords = strings.Fields("if else for while do switch case break return fork vfork waitpid wait waitid exit _exit getpid getppid printf write pipe read close struct int func go defer")

// prints returns the fingerprints of the sources in a folder.
func prints(dir string) []uint32 {
	var tokens []string
	filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return nil
		}
		if ext := filepath.Ext(path); ext != ".c" && ext != ".go" {
			return nil
		}
		b, err := os.ReadFile(path)
		if err == nil {
			tokens = append(tokens, tokenize(string(b))...)
		}
		return nil
	})
	return winnow(tokens)
}

func tokenize(source string) []string {
	var tokens []string
	for _, t := range token.FindAllString(comment.ReplaceAllString(source, " "), -1) {
		switch c := t[0]; {
		case slices.Contains(keywords, t):
		case c == '"', c == '\'':
			t = "S"
		case c == '_', c >= 'A' && c <= 'Z', c >= 'a' && c <= 'z':
			t = "N"
		case c >= '0' && c <= '9':
			t = "0"
		}
		tokens = append(tokens, t)
	}
	return tokens
}

// winnow returns the sorted set of the kept hashes.
func winnow(tokens []string) []uint32 {
	var hashes []uint32
	for i := 0; i+gramLength <= len(tokens); i++ {
		h := fnv.New32a()
		for _, t := range tokens[i : i+gramLength] {
			h.Write([]byte(t))
			h.Write([]byte{0})
		}
		hashes = append(hashes, h.Sum32())
	}
	var kept []uint32
	for i := 0; i+window <= len(hashes); i++ {
		kept = append(kept, slices.Min(hashes[i:i+window]))
	}
	slices.Sort(kept)
	return slices.Compact(kept)
}

// likeness is the share of common fingerprints, of the smaller set.
func likeness(a, b []uint32) float64 {
	if len(a) < fewest || len(b) < fewest {
		return 0
	}
	common := 0
	for i, j := 0, 0; i < len(a) && j < len(b); {
		switch {
		case a[i] == b[j]:
			common, i, j = common+1, i+1, j+1
		case a[i] < b[j]:
			i++
		default:
			j++
		}
	}
	return float64(common) / float64(min(len(a), len(b)))
}

// twins are the fingerprints of our own C programs, a line each:
// the id of the experiment and the hashes. The test writes them
// with -update.
//
//go:embed twins.txt
var twins string

// ours returns the fingerprints of the suite's C program.
func ours(id string) []uint32 {
	for line := range strings.Lines(twins) {
		fields := strings.Fields(line)
		if len(fields) == 0 || fields[0] != id {
			continue
		}
		var p []uint32
		for _, f := range fields[1:] {
			if n, err := strconv.ParseUint(f, 16, 32); err == nil {
				p = append(p, uint32(n))
			}
		}
		return p
	}
	return nil
}

// copies lists near copies, of our programs and among submissions.
func copies(students []*Student) [][]string {
	var rows [][]string
	for i, s := range students {
		for k, x := range s.Exercises {
			if like := likeness(x.Prints, ours(x.ID)); like >= similar {
				rows = append(rows, []string{s.Name, x.ID, fmt.Sprintf("near copy of our own C program (%.0f %%)", 100*like)})
			}
			for _, other := range students[i+1:] {
				if like := likeness(x.Prints, other.Exercises[k].Prints); like >= similar {
					rows = append(rows, []string{s.Name, x.ID, fmt.Sprintf("near copy of the submission of %s (%.0f %%)", other.Name, 100*like)})
				}
			}
		}
	}
	return rows
}
