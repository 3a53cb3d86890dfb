package apue

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// build compiles a program with the header, and returns its path.
func build(t *testing.T, text string) string {
	t.Helper()
	if _, err := exec.LookPath("cc"); err != nil {
		t.Skip("no C compiler")
	}
	dir := t.TempDir()
	source, program := filepath.Join(dir, "mine.c"), filepath.Join(dir, "mine")
	if err := os.WriteFile(source, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	if !Needed(dir, "mine.c") {
		t.Fatal("the program includes apue.h, and Needed does not see it")
	}
	options, err := Write(filepath.Join(dir, "apue"))
	if err != nil {
		t.Fatal(err)
	}
	args := append([]string{"-Wall", "-Wextra", "-Werror", "-o", program, source}, options...)
	if out, err := exec.Command("cc", args...).CombinedOutput(); err != nil {
		t.Fatalf("cc: %v\n%s", err, out)
	}
	return program
}

// TestErrors: what each function prints, and how it ends.
func TestErrors(t *testing.T) {
	program := build(t, `#include "apue.h"
int main(int argc, char *argv[])
{
    (void)argc;
    printf("before ");
    errno = ENOENT;
    switch (argv[1][0]) {
    case 'r': err_ret("open %s", "f"); break;
    case 's': err_sys("open %s", "f"); break;
    case 'm': err_msg("open %s", "f"); break;
    case 'q': err_quit("open %s", "f"); break;
    case 'c': err_cont(EPERM, "open %s", "f"); break;
    case 'e': err_exit(EPERM, "open %s", "f"); break;
    case 'd': err_dump("open %s", "f"); break;
    }
    printf("after\n");
    return 0;
}
`)
	const enoent, eperm = "before open f: No such file or directory\n", "before open f: Operation not permitted\n"
	for kind, c := range map[string]struct {
		out  string
		ends string
	}{
		"r": {enoent + "after\n", ""}, "s": {enoent, "exit status 1"}, "m": {"before open f\nafter\n", ""},
		"q": {"before open f\n", "exit status 1"}, "c": {eperm + "after\n", ""}, "e": {eperm, "exit status 1"}, "d": {enoent, "signal: aborted"},
	} {
		out, err := exec.Command(program, kind).CombinedOutput()
		ends := ""
		if err != nil {
			ends = strings.TrimSuffix(err.Error(), " (core dumped)")
		}
		if string(out) != c.out || ends != c.ends {
			t.Errorf("%s: %q and %q, want %q and %q", kind, out, ends, c.out, c.ends)
		}
	}
}

// TestTell: the two processes run in the order that they tell each
// other, and pr_exit says how the child ended.
func TestTell(t *testing.T) {
	out, err := exec.Command(build(t, `#include "apue.h"
int main(void)
{
    int status;
    pid_t pid;

    TELL_WAIT();
    if ((pid = fork()) < 0)
        err_sys("fork error");
    if (pid == 0) {
        WAIT_PARENT();
        write(1, "2", 1) == 1 || (abort(), 0);
        TELL_PARENT(getppid());
        exit(7);
    }
    write(1, "1", 1) == 1 || (abort(), 0);
    TELL_CHILD(pid);
    WAIT_CHILD();
    write(1, "3 ", 2) == 2 || (abort(), 0);
    wait(&status);
    pr_exit(status);
    pr_exit(SIGABRT);
    return 0;
}
`)).CombinedOutput()
	if want := "123 normal termination, exit status = 7\nabnormal termination, signal number = 6\n"; err != nil || string(out) != want {
		t.Errorf("%q, %v; want %q", out, err, want)
	}
}

// TestOwn: a function that the program defines is the one that is
// called.
func TestOwn(t *testing.T) {
	out, err := exec.Command(build(t, `#include "apue.h"
void pr_exit(int status)
{
    printf("my own %d\n", status);
}
int main(void)
{
    pr_exit(0);
    return 0;
}
`)).CombinedOutput()
	if err != nil || string(out) != "my own 0\n" {
		t.Errorf("%q, %v", out, err)
	}
}

// TestNeeded: only a program that includes the header, and has none of
// its own, gets ours.
func TestNeeded(t *testing.T) {
	for text, want := range map[string]bool{
		"#include \"apue.h\"\n": true, "  # include <apue.h>\n": true, "// #include \"apue.h\"\n": false, "#include \"apue_db.h\"\n": false, "": false,
	} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "a.c"), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		if got := Needed(dir, "a.c"); got != want {
			t.Errorf("%q needs it: %v", text, got)
		}
		if err := os.WriteFile(filepath.Join(dir, "apue.h"), nil, 0o666); err != nil {
			t.Fatal(err)
		}
		if Needed(dir, "a.c") {
			t.Errorf("%q: a folder with its own apue.h gets ours", text)
		}
	}
}
