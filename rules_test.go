package apue

import (
	"bytes"
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"

	"apue/internal/suite"
)

// folders lists the folders of the experiments.
var folders = suite.Folders()

// goPackage is what go list says of a package.
type goPackage struct {
	ImportPath string
	Name       string
	Dir        string
	Imports    []string
	GoFiles    []string
	SFiles     []string
}

// packages returns all packages of the module as linux/amd64 builds
// them.
func packages(t *testing.T) []goPackage {
	t.Helper()
	all, err := listed()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

var listed = sync.OnceValues(func() ([]goPackage, error) {
	cmd := exec.Command("go", "list", "-json=ImportPath,Name,Dir,Imports,GoFiles,SFiles", "./...")
	cmd.Env = append(os.Environ(), "GOOS=linux", "GOARCH=amd64", "CGO_ENABLED=0")
	out, err := cmd.Output()
	if err != nil {
		return nil, err
	}
	var all []goPackage
	d := json.NewDecoder(bytes.NewReader(out))
	for {
		var p goPackage
		err := d.Decode(&p)
		if errors.Is(err, io.EOF) {
			return all, nil
		}
		if err != nil {
			return nil, err
		}
		if !learners(p) {
			all = append(all, p)
		}
	}
})

// learners reports whether the package is what a learner makes of a
// starter of ch8 new: the folder fork-glob of fork/glob.
func learners(p goPackage) bool {
	return learnersFolder(strings.TrimPrefix(p.ImportPath, "apue/"))
}

// learnersFolder says the same of a path from the top.
func learnersFolder(path string) bool {
	dir, _, dash := strings.Cut(path, "-")
	return dash && slices.Contains(folders, dir)
}

// ignored are the paths that git ignores: what was built here, and
// results. None, where there is no git or this is not its tree.
func ignored() map[string]bool {
	paths := map[string]bool{}
	out, _ := exec.Command("git", "ls-files", "-z", "--others", "--ignored", "--exclude-standard", "--directory").Output()
	for path := range strings.SplitSeq(string(out), "\x00") {
		paths[filepath.Clean(path)] = path != ""
	}
	return paths
}

// std reports whether the path is of the standard library.
func std(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	return !strings.Contains(first, ".") && first != "apue"
}

// An experiment is read with the book open beside it: what it imports
// has to fit on one page.
func TestExperimentsImportLittle(t *testing.T) {
	allowed := []string{"apue/ch8/proc", "apue/ch8/stdio", "golang.org/x/sys/unix"}
	for _, p := range packages(t) {
		if !slices.Contains(folders, strings.TrimPrefix(p.ImportPath, "apue/")) {
			continue
		}
		for _, i := range p.Imports {
			if !std(i) && !slices.Contains(allowed, i) {
				t.Errorf("%s imports %s; an experiment imports the standard library, x/sys/unix, ch8/proc and ch8/stdio", p.ImportPath, i)
			}
		}
	}
}

// house lists the packages of the machine from the ground up: a
// package imports only those that stand before it. The experiments,
// their checks and ch8 are not listed: they have rules of their own.
// Only internal/suite, the list of all experiments, imports their checks.
var house = []string{
	"apue/internal/show",
	"apue/internal/locale/po",
	"apue/internal/locale",
	"apue/ch8/apue",
	"apue/internal/build",
	"apue/internal/procfs",
	"apue/ch8/proc",
	"apue/ch8/stdio",
	"apue/internal/trace",
	"apue/internal/trace/canonical",
	"apue/internal/symbol",
	"apue/internal/record",
	"apue/internal/sandbox",
	"apue/internal/lab",
	"apue/internal/suite",
	"apue/internal/sampling",
	"apue/internal/lab/labtest",
	"apue/internal/timeline",
	"apue/internal/page",
	"apue/internal/grade",
	"apue/internal/quiz",
	"apue/internal/measure",
}

// checksImport are the packages of ours that a check imports.
var checksImport = []string{
	"apue/ch8/proc", "apue/internal/lab", "apue/internal/procfs", "apue/internal/record",
	"apue/internal/sandbox", "apue/internal/show", "apue/internal/trace",
}

// A keeper is started for each run, and initialises what the sandbox and the
// packages before it import: package net is large.
func TestKeeperIsSmall(t *testing.T) {
	last := slices.Index(house, "apue/internal/sandbox")
	for _, p := range packages(t) {
		if slices.Contains(house[:last+1], p.ImportPath) && slices.Contains(p.Imports, "net") {
			t.Errorf("%s imports net, which each keeper would initialise: make the socket by the calls of x/sys/unix", p.ImportPath)
		}
	}
}

// Imports point one way.
func TestImportsPointOneWay(t *testing.T) {
	for _, p := range packages(t) {
		floor := slices.Index(house, p.ImportPath)
		for _, i := range p.Imports {
			switch {
			case !strings.HasPrefix(i, "apue/"):
			case i == "apue/ch8":
				t.Errorf("%s imports ch8, which is a command", p.ImportPath)
			case strings.HasSuffix(p.ImportPath, "/checks"):
				if !slices.Contains(checksImport, i) {
					t.Errorf("%s must not import %s: checks import only %s", p.ImportPath, i, strings.Join(checksImport, ", "))
				}
			case p.ImportPath == "apue/internal/suite" && strings.HasSuffix(i, "/checks"):
			case floor >= 0:
				if at := slices.Index(house, i); at < 0 || at >= floor {
					t.Errorf("%s must not import %s, which does not stand before it in house", p.ImportPath, i)
				}
			}
		}
		if strings.HasPrefix(p.ImportPath, "apue/internal/") && floor < 0 && p.Name != "main" {
			t.Errorf("%s has no place in house, the list of packages in rules_test.go", p.ImportPath)
		}
	}
}

// Unsafe code, assembly and linkname are kept together: all of them
// in ch8/proc; unsafe also where the kernel's structures are read.
func TestUnsafeIsKeptTogether(t *testing.T) {
	unsafeIn := []string{"apue/ch8/proc", "apue/internal/procfs", "apue/internal/record"}
	for _, p := range packages(t) {
		inProc := p.ImportPath == "apue/ch8/proc"
		if len(p.SFiles) > 0 && !inProc {
			t.Errorf("%s has assembly: %v", p.ImportPath, p.SFiles)
		}
		if slices.Contains(p.Imports, "unsafe") && !slices.Contains(unsafeIn, p.ImportPath) {
			t.Errorf("%s imports unsafe; only %s may", p.ImportPath, strings.Join(unsafeIn, ", "))
		}
		for _, f := range p.GoFiles {
			b, err := os.ReadFile(filepath.Join(p.Dir, f))
			if err != nil {
				t.Fatal(err)
			}
			if bytes.Contains(b, []byte("\n//go:linkname")) && !inProc {
				t.Errorf("%s/%s uses linkname; only ch8/proc may", p.ImportPath, f)
			}
			if bytes.Contains(b, []byte(`"unsafe"`)) && !strings.Contains(f, "_unsafe") {
				t.Errorf("%s/%s imports unsafe, and its name does not say so", p.ImportPath, f)
			}
		}
	}
}

// A function does one thing: it has at most 80 lines.
func TestFunctionsAreShort(t *testing.T) {
	walkFiles(t, func(path string, b []byte) {
		if filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") || strings.Contains(path, "testdata/") {
			return // a test may be as long as it has cases
		}
		set := token.NewFileSet()
		f, err := parser.ParseFile(set, path, b, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range f.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok || fn.Body == nil {
				continue
			}
			if n := set.Position(fn.End()).Line - set.Position(fn.Pos()).Line + 1; n > 80 {
				t.Errorf("%s: %s has %d lines; take it apart along what it does", path, fn.Name.Name, n)
			}
		}
	})
}

// Every package says what it is.
func TestPackagesAreDocumented(t *testing.T) {
	for _, p := range packages(t) {
		documented := false
		for _, f := range p.GoFiles {
			parsed, err := parser.ParseFile(token.NewFileSet(), filepath.Join(p.Dir, f), nil, parser.PackageClauseOnly|parser.ParseComments)
			if err != nil {
				t.Fatal(err)
			}
			documented = documented || parsed.Doc != nil
		}
		if !documented && len(p.GoFiles) > 0 {
			t.Errorf("%s has no package comment", p.ImportPath)
		}
	}
}

// An experiment is projected: under 150 lines, at most 68 columns,
// a tab being 4. Its twin in C is as narrow, and may be longer.
func TestExperimentsFitTheScreen(t *testing.T) {
	for _, dir := range folders {
		files, err := filepath.Glob(dir + "/*.go")
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: no Go files (%v)", dir, err)
		}
		twins, err := filepath.Glob(dir + "/c/*.c")
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range append(files, twins...) {
			if strings.HasSuffix(f, "_test.go") {
				continue
			}
			b, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			lines := strings.Split(strings.TrimSuffix(string(b), "\n"), "\n")
			if len(lines) >= 150 && filepath.Ext(f) == ".go" {
				t.Errorf("%s has %d lines", f, len(lines))
			}
			for i, l := range lines {
				if n := columns(l); n > 68 {
					t.Errorf("%s:%d is %d columns wide", f, i+1, n)
				}
			}
		}
	}
}

// columns is the width of a line with tabs every 4.
func columns(line string) int {
	n := 0
	for _, r := range line {
		if r == '\t' {
			n += 4 - n%4
		} else {
			n++
		}
	}
	return n
}

// Names are kept aligned: an experiment, its check, its twin.
func TestNamesAreAligned(t *testing.T) {
	for _, dir := range folders {
		checks, err := filepath.Glob(dir + "/checks/*.go")
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range checks {
			name := strings.TrimSuffix(filepath.Base(f), ".go")
			if _, err := os.Stat(filepath.Join(dir, name+".go")); err != nil {
				continue // not an experiment's
			}
			if _, err := os.Stat(filepath.Join(dir, "c", name+".c")); err != nil {
				t.Errorf("%s/%s.go has a check and no C twin", dir, name)
			}
		}
	}
}

// The tree names no developer's home folder, and no work is left to be
// done.
func TestNoStrayWords(t *testing.T) {
	// Each word is put together here so that this file has none.
	words := []string{"TO" + "DO", "FIX" + "ME", "X" + "XX", "/root" + "/", "/home" + "/"}
	walkFiles(t, func(path string, b []byte) {
		if !utf8.Valid(b) {
			t.Errorf("%s is not UTF-8", path)
		}
		for _, w := range words {
			if bytes.Contains(b, []byte(w)) {
				t.Errorf("%s contains %q", path, w)
			}
		}
	})
}

// walkFiles calls f with each file of the project's own text: code,
// sheets, pages, scripts. Files that git ignores and a learner's
// folders are not the project's.
func walkFiles(t *testing.T, f func(path string, b []byte)) {
	t.Helper()
	ignored := ignored()
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if d.Name() == ".git" || learnersFolder(path) || ignored[path] {
				return fs.SkipDir
			}
			return nil
		}
		if ignored[path] {
			return nil
		}
		switch filepath.Ext(path) {
		case ".go", ".c", ".h", ".s", ".md", ".sh", ".py", ".css", ".js", ".golden":
		default:
			return nil
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		f(path, b)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
