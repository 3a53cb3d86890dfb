package grade_test

import (
	"context"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"apue/internal/grade"
	"apue/internal/sampling"
	"apue/internal/sandbox"

	"github.com/google/go-cmp/cmp"
)

// hogs are submissions that use up what the machine has for all. Each one
// ends at once outside of the box.
var hogs = map[string]string{
	"disk":        `for (int i = 0; ; i++) { char n[20]; sprintf(n, "f%d", i); FILE *f = fopen(n, "w"); if (!f) pause(); for (int j = 0; j < 1000000; j++) putc('x', f); fclose(f); }`,
	"files":       `for (int i = 0; ; i++) { char n[20]; sprintf(n, "/tmp/f%d", i); if (open(n, O_CREAT, 0600) < 0) pause(); }`,
	"memory":      `for (int i = 0; i < 20; i++) if (fork() == 0) { char *p = malloc(200 << 20); if (p) memset(p, 1, 200 << 20); pause(); } pause();`,
	"namespaces":  `for (int i = 0; i < 100000; i++) { unshare(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWNET); if (fork() == 0) pause(); } pause();`,
	"descriptors": `for (int i = 0; i < 200; i++) if (fork() == 0) { for (;;) if (open("/dev/null", O_RDONLY) < 0) pause(); } pause();`,
	"events":      `for (;;) { pid_t p = fork(); if (p == 0) _exit(0); waitpid(p, 0, 0); }`,
	"time":        `signal(SIGTERM, SIG_IGN); for (int i = 0; i < 8; i++) fork(); for (;;) ;`,
	"output":      `for (;;) puts("more and more and more and more");`,
}

const hogHead = `#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
int main(void)
{
	char ns[64] = "";
	if (readlink("/proc/self/ns/pid", ns, 63) < 0 || strcmp(ns, OUTSIDE) == 0)
		return 3;
`

// TestHogs: a submission that uses up what it can reach costs nobody else
// a point. All of them at once are tried when everything is.
func TestHogs(t *testing.T) {
	if !sampling.All() {
		t.Skip("only if everything is tested")
	}
	files := map[string]string{}
	for name, text := range hogs {
		files["hog-"+name+"/fork-glob/main.c"] = outside(t, hogHead+"\t"+text+"\n}\n")
	}
	for i := range 30 {
		files[fmt.Sprintf("s%02d/fork-glob/main.c", i)] = file(t, "fork/c/glob.c")
	}
	dir := submissions(t, files)
	for try := range 3 {
		out := t.TempDir()
		students := run(t, grade.Options{Out: out}, dir)
		if len(students) != 30+len(hogs) || len(rows(t, filepath.Join(out, "summary.csv"))) != len(students) {
			t.Errorf("try %d: the tables have %d students", try, len(rows(t, filepath.Join(out, "summary.csv"))))
		}
		for _, s := range students {
			if got := statusesOf(s.Exercises[0]); strings.HasPrefix(string(s.Name), "s") && got != "pass" {
				t.Errorf("try %d: %s: %s", try, s.Name, got)
			}
		}
	}
}

// statusesOf are the statuses of one exercise, in a line.
func statusesOf(e grade.Exercise) string {
	return statuses(&grade.Student{Exercises: []grade.Exercise{e}})
}

// TestKilled: a grader that is killed, or interrupted, at any instant
// leaves no process, folder and cgroup, and the same call made again gives
// what an undisturbed one gives.
func TestKilled(t *testing.T) {
	if args := os.Getenv("GRADE_KILLED"); args != "" {
		dir, out, _ := strings.Cut(args, "\n")
		ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT)
		defer stop()
		if _, err := grade.Run(ctx, grade.Options{Exercises: asked, Out: out, Runs: 1, Jobs: 4}, []string{dir}); err != nil {
			os.Exit(1)
		}
		return
	}
	// Not in parallel: no other run of this program is to be there.
	if err := sandbox.CanIsolate(); err != nil {
		t.Skip("cannot check: ", err)
	}
	files := map[string]string{}
	for i := range sampling.Number(1, 4) {
		files[fmt.Sprintf("s%d/fork-glob/main.c", i)] = file(t, "fork/c/glob.c")
		files[fmt.Sprintf("s%d/wait-status/Makefile", i)] = "prog: main.c\n\tcc -pthread -o prog main.c\n"
		files[fmt.Sprintf("s%d/wait-status/main.c", i)] = file(t, "wait/c/status.c")
		files[fmt.Sprintf("s%d/wait-status/common.h", i)] = file(t, "wait/c/common.h")
	}
	dir, undisturbed := submissions(t, files), t.TempDir()
	temp := t.TempDir()
	os.Chmod(temp, 0o777)
	call := func(out string) *exec.Cmd {
		cmd := exec.Command("/proc/self/exe", "-test.run", "^TestKilled$")
		cmd.Env = append(os.Environ(), "GRADE_KILLED="+dir+"\n"+out, "TMPDIR="+temp)
		return cmd
	}
	begin := time.Now()
	if said, err := call(undisturbed).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	whole := time.Since(begin)
	out := t.TempDir()
	tries := sampling.Number(2, 40)
	for try := range tries {
		cmd := call(out)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(rand.N(whole)) // any instant will do
		keepers := childrenOf(cmd.Process.Pid)
		cmd.Process.Signal([]os.Signal{syscall.SIGKILL, syscall.SIGINT}[try%2])
		cmd.Wait()
		noneLeft(t, temp, keepers)
		if try%5 < 4 && try < tries-1 {
			continue
		}
		if said, err := call(out).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, said)
		}
		if diff := cmp.Diff(contents(t, undisturbed), contents(t, out)); diff != "" {
			t.Errorf("-undisturbed +killed and called again:\n%s", diff)
		}
		if begun, _ := filepath.Glob(filepath.Join(out, "state", ".*")); len(begun) > 0 {
			t.Errorf("files are left that were begun: %v", begun)
		}
		out = t.TempDir()
	}
	// The call after the last one has removed the folders of its own.
	if left := namesIn(temp); len(left) > 0 {
		t.Errorf("there is left: %v", left)
	}
}

// childrenOf returns the ids of a process's children.
func childrenOf(pid int) (pids []string) {
	files, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	for _, file := range files {
		text, _ := os.ReadFile(file)
		pids = append(pids, strings.Fields(string(text))...)
	}
	return pids
}

// noneLeft waits until no process is left that runs this test program or
// one in the folder, the folder is empty, and none of these keepers has
// left its cgroup. Other tests have keepers, too.
func noneLeft(t *testing.T, temp string, keepers []string) {
	t.Helper()
	self, err := os.Readlink("/proc/self/exe")
	if err != nil {
		t.Fatal(err)
	}
	namespace, err := os.Readlink("/proc/self/ns/pid")
	if err != nil {
		t.Fatal(err)
	}
	var left []string
	for range 6000 { // a bound for a busy machine
		left = namesIn(temp)
		pids, _ := filepath.Glob("/proc/[0-9]*")
		for _, p := range pids {
			if pid, _ := strconv.Atoi(filepath.Base(p)); pid == os.Getpid() {
				continue
			}
			environ, _ := os.ReadFile(p + "/environ")
			cmdline, _ := os.ReadFile(p + "/cmdline")
			cwd, _ := os.Readlink(p + "/cwd")
			exe, _ := os.Readlink(p + "/exe")
			if exe == self || strings.Contains(string(environ)+string(cmdline)+cwd+exe, temp) {
				left = append(left, p)
			}
		}
		filepath.WalkDir("/sys/fs/cgroup", func(path string, d fs.DirEntry, err error) error {
			name := strings.Split(filepath.Base(path), "-") // "ch8", the pid namespace, the keeper's id
			if len(name) == 3 && name[0] == "ch8" && strings.Contains(namespace, name[1]) && slices.Contains(keepers, name[2]) {
				left = append(left, path)
			}
			return nil
		})
		if len(left) == 0 {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Errorf("there is left: %v", left)
}

// namesIn lists a folder.
func namesIn(dir string) (names []string) {
	entries, _ := os.ReadDir(dir)
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}
