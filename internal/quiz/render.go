package quiz

import (
	"fmt"
	"slices"
	"strings"
)

// uses reports whether a program has a statement of one of the kinds.
func uses(body []stmt, kinds ...kind) bool {
	for _, s := range body {
		if slices.Contains(kinds, s.kind) || uses(s.body, kinds...) {
			return true
		}
	}
	return false
}

// C is the program in C.
func (p *Program) C() string {
	var b strings.Builder
	if uses(p.body, kPrintf, kWriteX, kStatus) {
		b.WriteString("#include <stdio.h>\n")
	}
	if uses(p.body, kExit) {
		b.WriteString("#include <stdlib.h>\n")
	}
	if uses(p.body, kWait, kStatus) {
		b.WriteString("#include <sys/wait.h>\n")
	}
	b.WriteString("#include <unistd.h>\n\nint main(void)\n{\n")
	p.declareC(&b)
	writeC(&b, p.body, "    ", plainC)
	b.WriteString("    return 0;\n}\n")
	return b.String()
}

func (p *Program) declareC(b *strings.Builder) {
	start := b.Len()
	if uses(p.body, kWriteX, kAddX) {
		b.WriteString("    int x = 1;\n")
	}
	if uses(p.body, kWait, kStatus) {
		b.WriteString("    int status;\n")
	}
	if uses(p.body, kTell, kHear) {
		b.WriteString("    int fd[2];\n    char c;\n\n    pipe(fd);\n")
	} else if b.Len() > start {
		b.WriteString("\n")
	}
}

// styleC says how the visible steps are written.
type styleC struct{ before, after, fork, leave string }

var (
	plainC  = styleC{fork: "fork()"}
	forcedC = styleC{before: "gate(); ", after: " done();", fork: "gated_fork()", leave: "gate(); "}
)

func writeC(b *strings.Builder, body []stmt, in string, st styleC) {
	step := func(format string, args ...any) {
		fmt.Fprintf(b, "%s%s%s%s\n", in, st.before, fmt.Sprintf(format, args...), st.after)
	}
	for _, s := range body {
		switch s.kind {
		case kWrite:
			step("write(1, %q, %d);", s.text, len(s.text))
		case kPrintf:
			fmt.Fprintf(b, "%sprintf(%q);\n", in, s.text)
		case kWriteX:
			step(`dprintf(1, "%%d", x);`)
		case kAddX:
			fmt.Fprintf(b, "%sx += %d;\n", in, s.n)
		case kFork:
			if len(s.body) == 0 {
				fmt.Fprintf(b, "%s%s;\n", in, st.fork)
				continue
			}
			fmt.Fprintf(b, "%sif (%s == 0) {\n", in, st.fork)
			writeC(b, s.body, in+"    ", st)
			fmt.Fprintf(b, "%s}\n", in)
		case kLoop:
			fmt.Fprintf(b, "%sfor (int i = 0; i < %d; i++) {\n", in, s.n)
			writeC(b, s.body, in+"    ", st)
			fmt.Fprintf(b, "%s}\n", in)
		case kWait:
			step("wait(&status);")
		case kStatus:
			step("wait(&status);")
			step(`dprintf(1, "%%d", WEXITSTATUS(status));`)
		case kExit:
			fmt.Fprintf(b, "%s%sexit(%d);\n", in, st.leave, s.n)
		case kQuit:
			fmt.Fprintf(b, "%s%s_exit(%d);\n", in, st.leave, s.n)
		case kTell:
			step(`write(fd[1], "!", 1);`)
		case kHear:
			step("read(fd[0], &c, 1);")
		case kExec:
			fmt.Fprintf(b, "%s%sexeclp(\"printf\", \"printf\", %q, (char *)0);\n", in, st.leave, s.text)
		}
	}
}

// forced is the program in C, with a gate before each step that others
// can see: a byte in the FIFO of the process opens it. After the step a
// byte to descriptor 3 says that it was made.
func (p *Program) forced() string {
	var b strings.Builder
	b.WriteString(gates)
	b.WriteString("int main(void)\n{\n")
	p.declareC(&b)
	writeC(&b, p.body, "    ", forcedC)
	b.WriteString("    gate(); return 0;\n}\n")
	return b.String()
}

const gates = `#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static char path[64] = "0";
static int kids, fifo = -1;

static void gate(void)
{
    char c, name[4096];
    if (fifo < 0) {
        snprintf(name, sizeof name, "%s/%s", getenv("GATES"), path);
        fifo = open(name, O_RDONLY | O_CLOEXEC);
    }
    if (read(fifo, &c, 1) != 1)
        _exit(99);
}

static void done(void)
{
    if (write(3, "", 1) != 1)
        _exit(98);
}

static pid_t gated_fork(void)
{
    pid_t pid;
    gate();
    kids++;
    pid = fork();
    if (pid == 0) {
        sprintf(path + strlen(path), ".%d", kids);
        kids = 0;
        close(fifo);
        fifo = -1;
    } else
        done();
    return pid;
}

`

// Go is the program in Go: with the packages of this suite, since Go's
// own library has no fork.
func (p *Program) Go() string {
	var b strings.Builder
	b.WriteString("package main\n\nimport (\n")
	if uses(p.body, kWriteX, kStatus) {
		b.WriteString("\t\"strconv\"\n\n")
	}
	b.WriteString("\t\"apue/ch8/proc\"\n")
	// Also where nothing is printed through it, exit is C's exit.
	b.WriteString("\t\"apue/ch8/stdio\"\n")
	if uses(p.body, kWrite, kWriteX, kStatus, kTell, kHear) {
		b.WriteString("\n\t\"golang.org/x/sys/unix\"\n")
	}
	b.WriteString(")\n\nfunc main() {\n")
	if uses(p.body, kWriteX, kAddX) {
		b.WriteString("\tx := 1\n")
	}
	if uses(p.body, kWait, kStatus) {
		b.WriteString("\tvar status proc.WaitStatus\n")
	}
	if uses(p.body, kTell, kHear) {
		b.WriteString("\tvar fd [2]int\n\tunix.Pipe2(fd[:], 0)\n")
	}
	writeGo(&b, p.body, "\t")
	b.WriteString("\tstdio.Exit(0)\n}\n")
	return b.String()
}

func writeGo(b *strings.Builder, body []stmt, in string) {
	line := func(format string, args ...any) { fmt.Fprintf(b, in+format+"\n", args...) }
	for _, s := range body {
		switch s.kind {
		case kWrite:
			line("unix.Write(1, []byte(%q))", s.text)
		case kPrintf:
			line("stdio.Printf(%q)", s.text)
		case kWriteX:
			line("unix.Write(1, []byte(strconv.Itoa(x)))")
		case kAddX:
			line("x += %d", s.n)
		case kFork:
			if len(s.body) == 0 {
				line("proc.Fork()")
				continue
			}
			line("if pid, _ := proc.Fork(); pid == 0 {")
			writeGo(b, s.body, in+"\t")
			line("}")
		case kLoop:
			line("for range %d {", s.n)
			writeGo(b, s.body, in+"\t")
			line("}")
		case kWait, kStatus:
			line("proc.Wait(&status)")
			if s.kind == kStatus {
				line("unix.Write(1, []byte(strconv.Itoa(status.ExitStatus())))")
			}
		case kExit:
			line("stdio.Exit(%d)", s.n)
		case kQuit:
			line("proc.Exit(%d)", s.n)
		case kTell:
			line(`unix.Write(fd[1], []byte("!"))`)
		case kHear:
			line("unix.Read(fd[0], make([]byte, 1))")
		case kExec:
			line("proc.Execlp(\"printf\", \"printf\", %q)", s.text)
		}
	}
}
