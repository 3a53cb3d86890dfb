package grade_test

import (
	"cmp"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"apue/internal/build"
	"apue/internal/grade"
	"apue/internal/sampling"
)

// literals makes the children and waits for them, and prints what it did
// not look at.
const literals = `#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <sys/wait.h>
int main(void)
{
	const char *said[] = { "normal termination, exit status = 7",
		"abnormal termination, signal number = 6", "abnormal termination, signal number = 8" };
	for (int i = 0; i < 3; i++) {
		if (fork() == 0) {
			volatile int zero = 0, one = 1;
			i == 0 ? exit(7) : i == 1 ? abort() : _exit(one / zero);
		}
		int status;
		wait(&status);
		puts(said[i]);
		fflush(stdout);
	}
	return 0;
}
`

// gopher is a program that imports a part of the standard library.
const gopher = `package main

import (
	"fmt"
	"os"
	"strings"
)

func main() {
	fmt.Fprintln(os.Stdout, strings.ToUpper("no child"))
}
`

// TestWithoutTheWork: the ways to full marks without the work fail, or
// somebody is told to look.
func TestWithoutTheWork(t *testing.T) {
	if dir := os.Getenv("WAYS"); dir != "" {
		out := os.Getenv("WAYS_OUT")
		b, err := json.Marshal(goWays(t, out, run(t, grade.Options{Out: out}, dir)))
		if err == nil {
			err = os.WriteFile(filepath.Join(out, "happened"), b, 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
		return
	}
	t.Parallel()
	good, common := file(t, "wait/c/status.c"), file(t, "wait/c/common.h")
	// What a cheat wants to reach: a classmate's folder, this suite, a
	// server on this machine.
	outside := openFolder(t)
	for name, text := range map[string]string{"status.c": good, "common.h": common} {
		if err := os.WriteFile(filepath.Join(outside, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	binary := filepath.Join(outside, "status")
	if out, err := exec.Command("cc", "-pthread", "-o", binary, filepath.Join(outside, "status.c")).CombinedOutput(); err != nil {
		t.Skipf("cc: %v: %s", err, out)
	}
	program, err := os.ReadFile(binary)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			c.Write(program)
			c.Close()
		}
	}()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	suite, err := filepath.Abs("../../wait/c/status.c")
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{
		"binary/wait-status/run":         string(program),
		"header/wait-status/main.c":      "#include \"all.h\"\n",
		"header/wait-status/all.h":       good,
		"header/wait-status/common.h":    common,
		"twin/wait-status/Makefile":      "prog:\n\tcc -pthread -o prog " + suite + "\n",
		"include/wait-status/main.c":     fmt.Sprintf("#include %q\n", filepath.Join(outside, "status.c")),
		"borrow/wait-status/run":         "#!/bin/sh\nexec " + binary + "\n",
		"download/wait-status/Makefile":  "prog:\n\tbash -c 'cat </dev/tcp/127.0.0.1/" + port + "' >prog && chmod +x prog\n",
		"constants/wait-status/main.c":   "#include <stdio.h>\nint main(void)\n{\n\tputs(\"normal termination, exit status = 7\");\n\tputs(\"abnormal termination, signal number = 6\");\n\tputs(\"abnormal termination, signal number = 8\");\n\treturn 0;\n}\n",
		"literals/wait-status/main.c":    literals,
		"honest/wait-status/main.c":      good,
		"honest/wait-status/common.h":    common,
		"environ/wait-status/Makefile":   "prog:\n\tcat /proc/1/environ /etc/shadow " + outside + "/status.c; exit 1\n",
		"leaves/wait-status/Makefile":    "prog: main.c\n\tcc -o prog main.c -pthread\n\tsleep 1000 &\n",
		"leaves/wait-status/main.c":      good,
		"leaves/wait-status/common.h":    common,
		"compiled/wait-status/main.c":    "int main(void) { return 0; }\n",
		"compiled/wait-status/main.c.o":  "x",
		"compiled/wait-status/README.md": "nothing",
	}
	if sampling.All() {
		const empty = "package main\n\nfunc main() {}\n"
		borrows := "package main\n\nimport \"classmate/status\"\n\nfunc main() { status.Main() }\n"
		for name, text := range map[string]string{
			"incbin/wait-status/main.c":      "__asm__(\".incbin \\\"" + outside + "/status.c\\\"\");\nint main(void) { return 0; }\n",
			"stdin/wait-status/main.c":       "#include \"/proc/1/environ\"\n#include \"/dev/stdin\"\n",
			"embeds/wait-status/main.go":     "package main\n\nimport _ \"embed\"\n\n//go:embed " + outside + "/status.c\nvar s string\n\nfunc main() { println(s) }\n",
			"gopher/wait-status/main.go":     gopher,
			"gopher/wait-status/x_test.go":   "package main\n\nimport \"nothing\"\n",
			"replaces/wait-status/main.go":   borrows,
			"replaces/wait-status/go.mod":    "module m\n\ngo 1.26\n\nrequire classmate v0.0.0\n\nreplace classmate => " + outside + "\n",
			"workspace/wait-status/main.go":  borrows,
			"workspace/wait-status/go.work":  "go 1.26\n\nuse " + outside + "\n",
			"cgo/wait-status/main.go":        "package main\n\n// #include \"" + outside + "/status.c\"\nimport \"C\"\n\nfunc main() { C.main() }\n",
			"assembly/wait-status/main.go":   empty,
			"assembly/wait-status/x_amd64.s": "#include \"" + outside + "/status.c\"\n",
			"toolexec/wait-status/main.go":   empty,
			"toolexec/wait-status/go/env":    "GOFLAGS=-toolexec=" + binary + "\n",
		} {
			files[name] = text
		}
	}
	dir, out := submissions(t, files), t.TempDir()
	documentWays(t, goWays(t, out, run(t, grade.Options{Out: out}, dir)), waysOfUser(t, dir))
}

// openFolder makes a folder that every user can list and enter.
func openFolder(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp(sampling.OpenTemp(), "ways-")
	if err == nil {
		err = os.Chmod(dir, 0o755)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// waysOfUser says what happens where an ordinary user grades; nil if only a
// sample is tested, or if this is no root who could become one.
func waysOfUser(t *testing.T, dir string) map[string]string {
	t.Helper()
	if !sampling.All() || os.Getuid() != 0 {
		return nil
	}
	const user = 64999
	open := openFolder(t)
	self, err := os.Open("/proc/self/exe")
	if err != nil {
		t.Fatal(err)
	}
	defer self.Close()
	err = errors.Join(build.CopyProgram(filepath.Join(open, "test"), self, 0o755), os.CopyFS(filepath.Join(open, "submissions"), os.DirFS(dir)))
	for _, name := range []string{"home", "tmp", "out"} {
		path := filepath.Join(open, name)
		err = errors.Join(err, os.Mkdir(path, 0o755), os.Chown(path, user, user))
	}
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(filepath.Join(open, "test"), "-test.run", "^TestWithoutTheWork$", "-test.v")
	cmd.Dir = open
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + filepath.Join(open, "home"), "TMPDIR=" + filepath.Join(open, "tmp"),
		"WAYS=" + filepath.Join(open, "submissions"), "WAYS_OUT=" + filepath.Join(open, "out")}
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: user, Gid: user}}
	said, err := cmd.CombinedOutput()
	if strings.Contains(string(said), "--- SKIP") {
		t.Logf("a user cannot grade here: %s", said)
		return nil
	}
	happened := map[string]string{}
	if err == nil {
		var b []byte
		if b, err = os.ReadFile(filepath.Join(open, "out", "happened")); err == nil {
			err = json.Unmarshal(b, &happened)
		}
	}
	if err != nil {
		t.Fatalf("as a user: %v: %s", err, said)
	}
	return happened
}

// goWays says what became of each submission, and what is wrong with that.
func goWays(t *testing.T, out string, students []*grade.Student) map[string]string {
	t.Helper()
	human := fmt.Sprint(rows(t, filepath.Join(out, "needs-human.csv")))
	happened := map[string]string{}
	for _, s := range students {
		got := 0
		for _, g := range s.Exercises[1].Grades {
			got += g.Points
		}
		_, most := s.Points()
		full := got == most-11 // fork/glob is not there
		happened[string(s.Name)] = "no full marks"
		if s.Exercises[1].Grades[0].Status == grade.NotBuilt {
			happened[string(s.Name)] = "not built"
		}
		for _, row := range rows(t, filepath.Join(out, "needs-human.csv")) {
			if full && row[0] == string(s.Name) {
				happened[string(s.Name)] = "full marks, and a human is told: " + row[3]
				break
			}
		}
		named := strings.Contains(human, fmt.Sprintf("[%s %[1]s wait/status ", s.Name))
		if s.Name == "leaves" && (!full || !strings.Contains(human, "the build left a process running")) {
			t.Errorf("leaves has %d points; needs-human.csv: %s", got, human)
		}
		if full && !named {
			t.Errorf("%s has full marks, and nobody is told to look: %s", s.Name, human)
		}
		if s.Name == "gopher" && happened["gopher"] != "no full marks" {
			t.Errorf("gopher is a program that Go can build: %+v", s.Exercises[1].Grades)
		}
		if s.Name == "literals" && (full || !strings.Contains(strings.Join(strings.Fields(fmt.Sprint(s.Exercises[1].Grades)), " "), "the recorder changed how the children end")) {
			t.Errorf("literals has %d points, and its lines do not come from a status: %+v", got, s.Exercises[1].Grades)
		}
		if !full && (s.Name == "honest" || s.Name == "header" || s.Name == "binary") {
			t.Errorf("%s has %d points, and its program is right: %+v", s.Name, got, s.Exercises[1].Grades)
		}
		for _, g := range s.Exercises[1].Grades {
			if strings.Contains(g.Message, "WIFEXITED") || strings.Contains(g.Message, "root:") {
				t.Errorf("%s: a report quotes a file from outside: %s", s.Name, g.Message)
			}
		}
	}
	return happened
}

// tried are the ways that docs/grading.md lists, by the name of the
// submission that goes them.
var tried = [][2]string{
	{"constants", "print what a right program prints, and make no child"},
	{"literals", "make the children, wait, and print texts that do not come from the status"},
	{"binary", "submit an executable file alone"},
	{"header", "put the code of our own C program into a header"},
	{"twin", "a Makefile that compiles our own C program where this suite is"},
	{"include", "include the file of a classmate when the program is built"},
	{"borrow", "execute the program of a classmate when it runs"},
	{"download", "a Makefile that loads the program from a server on this machine"},
	{"environ", "a Makefile that prints the grader's environment, /etc/shadow and a classmate's file"},
	{"incbin", "C: .incbin of a classmate's file"},
	{"stdin", "C: #include of the grader's environment, and of standard input"},
	{"embeds", "Go: go:embed of a classmate's file"},
	{"replaces", "Go: a go.mod that replaces a module by a classmate's folder"},
	{"workspace", "Go: a go.work with a classmate's folder"},
	{"cgo", "Go: cgo with the file of a classmate"},
	{"assembly", "Go: assembly that includes the file of a classmate"},
	{"toolexec", "Go: settings that have the compiler started by another program"},
	{"gopher", "Go: import the standard library, make no child (this is built)"},
	{"leaves", "a Makefile that leaves a process running, and builds a right program"},
}

// documentWays compares the table of docs/grading.md with what happened,
// or writes it.
func documentWays(t *testing.T, root, user map[string]string) {
	t.Helper()
	const begin, end = "<!-- the ways: go test ./internal/grade -run WithoutTheWork -update -->\n", "<!-- end of the ways -->\n"
	path := "../../docs/grading.md"
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, _ := strings.Cut(string(text), begin)
	was, after, ok := strings.Cut(rest, end)
	if !ok {
		t.Fatalf("%s has no place for the table: %s", path, begin)
	}
	table := "| tried | root grades | a user grades |\n|---|---|---|\n"
	for _, w := range tried {
		row := "| " + w[1] + " | "
		if root[w[0]] != "" {
			row += root[w[0]] + " | "
		}
		if user != nil {
			row += cmp.Or(user[w[0]], "–") + " |\n"
		} else if _, rest, ok := strings.Cut(was, row); ok { // as it was when everything was tested
			rest, _, _ = strings.Cut(rest, "\n")
			row += rest + "\n"
		}
		table += row
	}
	switch {
	case was == table:
	case flag.Lookup("update").Value.String() == "true":
		if err := os.WriteFile(path, []byte(before+begin+table+end+after), 0o644); err != nil {
			t.Fatal(err)
		}
	default:
		t.Errorf("%s has another table than what happened now:\n%s", path, table)
	}
}
