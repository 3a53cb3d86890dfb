package grade

import (
	_ "embed"
	"fmt"
	"hash/fnv"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"apue"
	"apue/internal/lab"
	"apue/internal/show"
)

// Near copies are found by fingerprints. The functions of a source are
// taken apart into statements. In each statement all names, all numbers and
// all strings are the same word, and its hash is a fingerprint. So renaming
// hides nothing, nor does another order of functions or files, nor
// statements put in between, which only add fingerprints. Macros are
// replaced first by what they stand for.
const (
	// fewest is how many fingerprints a program needs to be compared.
	fewest = 4
	// few: if our own program has fewer, the exercise has one natural
	// solution, which independent students find.
	few = 12
	// shortest is how many words a statement needs to be one.
	shortest = 4
	// margin is by how much more alike than independent programs near
	// copies are.
	margin = 0.05
	// usual is the threshold of an exercise of which fewer than two
	// independent programs are known.
	usual = 0.9
)

// sourceExtensions are the endings of files that are compared.
var sourceExtensions = []string{".c", ".h", ".cc", ".cpp", ".cxx", ".go", ".py", ".pl", ".sh", ".s", ".S", ".rs"}

var (
	comment  = show.Pattern(`(?s:/\*.*?\*/)|//.*`)
	hashNote = show.Pattern(`(?m)(^|\s)#.*$`)
	define   = show.Pattern(`(?m)^[ \t]*#[ \t]*define[ \t]+(\w+)(\([\w, \t]*\))?[ \t]*((?:.*\\\n)*.*)$`)
	lineNote = show.Pattern(`(?m)^[ \t]*#(?:.*\\\n)*.*$|^import .*$|^package .*$`)
	word     = show.Pattern(`"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|[A-Za-z_]\w*|\d\w*|[^\s\w]`)
)

// known are words that are kept apart from names: they say what a program
// does.
var known = strings.Fields(`if else for while do switch case break continue return goto func go defer select range
	fork vfork clone waitpid wait wait3 wait4 waitid exit _exit _Exit abort atexit on_exit getpid getppid getpgid setpgid setsid
	printf fprintf dprintf puts putchar fputs fwrite fflush setvbuf setbuf write writev read pipe close open dup dup2 lseek
	sleep usleep nanosleep pause kill raise signal sigaction sigprocmask alarm execl execlp execle execv execvp execve system popen
	umask chdir poll select mmap shmget time perror strerror memset strlen WIFEXITED WEXITSTATUS WIFSIGNALED WTERMSIG WIFSTOPPED
	WCOREDUMP os sys print def import`)

// mostCompared is how much source of an exercise is compared, in bytes.
const mostCompared = 256 << 10

// prints returns the fingerprints of the sources in a folder, and whether
// that is only a part of them.
func prints(dir string) (all []uint32, part bool) {
	var texts []string
	left := mostCompared
	filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return nil
		}
		ext, name := filepath.Ext(path), strings.ToLower(d.Name())
		if left <= 0 {
			return fs.SkipAll
		}
		if slices.Contains(sourceExtensions, ext) || strings.HasPrefix(name, "makefile") || isScript(path) {
			text := beginning(path, left)
			left -= len(text)
			if !slices.Contains([]string{".c", ".h", ".cc", ".cpp", ".cxx", ".go", ".rs"}, ext) {
				// A sign # begins a comment, and a line is a statement.
				text = strings.ReplaceAll(hashNote().ReplaceAllString(text, ""), "\n", ";\n")
			}
			texts = append(texts, text)
		}
		return nil
	})
	return fingerprints(strings.Join(texts, "\n")), left <= 0
}

// beginning returns the first bytes of a file.
func beginning(path string, most int) string {
	f, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer f.Close()
	b, _ := io.ReadAll(io.LimitReader(f, int64(most)))
	return string(b)
}

// fingerprints returns the sorted set of the hashes of the statements of a
// source.
func fingerprints(source string) []uint32 {
	var all []uint32
	for _, statement := range statements(words(source)) {
		if len(statement) < shortest {
			continue
		}
		h := fnv.New32a()
		for _, w := range statement {
			h.Write([]byte(w))
			h.Write([]byte{0})
		}
		all = append(all, h.Sum32())
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// words splits a source into words and signs, without comments, lines of
// the preprocessor and imports, and with macros replaced.
func words(source string) []string {
	source = comment().ReplaceAllString(source, " ")
	macros := map[string]macro{}
	for _, m := range define().FindAllStringSubmatch(source, -1) {
		var params []string
		if m[2] != "" {
			params = word().FindAllString(strings.ReplaceAll(m[2][1:len(m[2])-1], ",", " "), -1)
		}
		macros[m[1]] = macro{m[2] != "", params, word().FindAllString(strings.ReplaceAll(m[3], "\\\n", " "), -1)}
	}
	in := word().FindAllString(lineNote().ReplaceAllString(source, " "), -1)
	room := len(in) + mostExpanded
	return (&expansion{macros, map[string]bool{}, room}).expand(in)
}

// mostExpanded is how many words macros may add: a few lines can stand for
// more than any memory holds.
const mostExpanded = 50_000

// A macro is what #define defines.
type macro struct {
	function bool
	params   []string
	body     []string
}

// deepest is how deep macros are replaced in macros.
const deepest = 50

// An expansion replaces macros.
type expansion struct {
	macros map[string]macro
	active map[string]bool // those that are being replaced: not again in themselves
	room   int             // words that may still come out
}

// expand replaces the macros among words. When there is no room left, the
// rest stays as it is.
func (x *expansion) expand(in []string) (out []string) {
	for i := 0; i < len(in); i++ {
		if x.room--; x.room <= 0 {
			return append(out, in[i:]...)
		}
		name := in[i]
		m, ok := x.macros[name]
		if !ok || x.active[name] || len(x.active) == deepest || m.function && (i+1 >= len(in) || in[i+1] != "(") {
			out = append(out, in[i])
			continue
		}
		body := m.body
		if m.function {
			args, end := arguments(in, i+2)
			body = nil
			for _, w := range m.body {
				if len(body) > x.room {
					break // the rest has no room
				}
				if n := slices.Index(m.params, w); n >= 0 && n < len(args) {
					body = append(body, args[n]...)
				} else {
					body = append(body, w)
				}
			}
			i = end
		}
		x.active[name] = true
		out = append(out, x.expand(body)...)
		delete(x.active, name)
	}
	return out
}

// arguments returns those of a macro's call, and the place of the closing
// parenthesis.
func arguments(in []string, from int) (args [][]string, end int) {
	var arg []string
	depth := 0
	for end = from; end < len(in); end++ {
		switch w := in[end]; {
		case w == ")" && depth == 0:
			return append(args, arg), end
		case w == "," && depth == 0:
			args, arg = append(args, arg), nil
			continue
		case w == "(":
			depth++
		case w == ")":
			depth--
		}
		arg = append(arg, in[end])
	}
	return append(args, arg), end
}

// statements splits words at semicolons and braces, and makes one kind of
// word of all names, numbers and strings.
func statements(words []string) (all [][]string) {
	var s []string
	depth := 0 // of parentheses: for (;;) is one statement
	for _, w := range words {
		switch {
		case w == "(":
			depth++
		case w == ")":
			depth--
		}
		if (w == ";" && depth <= 0) || w == "{" || w == "}" {
			all, s, depth = append(all, s), nil, 0
			continue
		}
		switch c := w[0]; {
		case slices.Contains(known, w):
		case c == '"', c == '\'':
			w = "S"
		case c == '_', c >= 'A' && c <= 'Z', c >= 'a' && c <= 'z':
			w = "N"
		case c >= '0' && c <= '9':
			w = "0"
		}
		s = append(s, w)
	}
	return append(all, s)
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

// alike has a line for each exercise of which several independent right
// programs are known: its id, and how alike the two most alike of them
// are. The test writes it with -update.
//
//go:embed alike.txt
var alike string

// threshold returns from which likeness on two programs of an exercise are
// near copies; more than 1 if that cannot be told.
func threshold(id string) float64 {
	for line := range strings.Lines(alike) {
		var name string
		var independent float64
		if n, _ := fmt.Sscan(line, &name, &independent); n == 2 && name == id {
			return max(usual, independent+margin)
		}
	}
	return usual
}

// ours returns the fingerprints of our own C program of an exercise.
func ours(x *lab.Experiment) []uint32 {
	text, _ := apue.Files.ReadFile(x.Dir + "/c/" + x.Name + ".c") // none: nothing is like it
	return fingerprints(string(text))
}

// A group is a set of programs that are near copies of each other.
type group struct {
	exercise string
	students []Name
	ours     bool    // our own C program is one of them
	likeness float64 // of the two that are least alike of those that connect the group
	untold   bool    // copies of this exercise cannot be told; there is no group
}

// copies returns the groups of near copies of each exercise.
func copies(students []*Student, xs lab.Registry) (groups []group) {
	for k, x := range xs {
		least, own := threshold(x.ID()), ours(x)
		if least > 1 || len(own) > 0 && len(own) < few {
			groups = append(groups, group{exercise: x.ID(), untold: true})
			continue
		}
		programs := [][]uint32{own}
		for _, s := range students {
			programs = append(programs, s.Exercises[k].Prints)
		}
		groups = append(groups, connected(x.ID(), students, programs, least)...)
	}
	return groups
}

// connected puts programs that are alike into groups. The first program is
// our own.
func connected(id string, students []*Student, programs [][]uint32, threshold float64) (groups []group) {
	in := make([]*group, len(programs))
	for i := range programs {
		for j := i + 1; j < len(programs); j++ {
			like := likeness(programs[i], programs[j])
			if like < threshold {
				continue
			}
			old := []*group{in[i], in[j]}
			g := &group{exercise: id, likeness: like}
			for n := range in {
				if n == i || n == j || in[n] != nil && slices.Contains(old, in[n]) {
					if in[n] != nil {
						g.likeness = min(g.likeness, in[n].likeness)
					}
					in[n] = g
				}
			}
		}
	}
	seen := map[*group]bool{nil: true}
	for _, g := range in {
		if seen[g] {
			continue
		}
		seen[g] = true
		g.ours = in[0] == g
		for n := 1; n < len(in); n++ {
			if in[n] == g {
				g.students = append(g.students, students[n-1].Name)
			}
		}
		groups = append(groups, *g)
	}
	return groups
}

func copyRows(groups []group) [][]string {
	rows := [][]string{{"exercise", "students", "likeness", "remark"}}
	for _, g := range groups {
		if g.untold {
			rows = append(rows, []string{g.exercise, "", "", "copies cannot be told here: independent right programs are as alike as copies"})
			continue
		}
		var shown []string
		for _, n := range g.students {
			shown = append(shown, cell(string(n)))
		}
		remark := ""
		if g.ours {
			remark = "like our own C program"
		}
		rows = append(rows, []string{g.exercise, strings.Join(shown, "; "), fmt.Sprintf("%.0f %%", 100*g.likeness), remark})
	}
	return rows
}
