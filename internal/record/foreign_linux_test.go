//go:build 386 || amd64 || arm64

package record

// A foreignProgram is a program that nobody here wrote. from is the Debian
// package that it comes from; always says that it is of the sample that each
// run of the tests compares.
type foreignProgram struct {
	name, from string
	always     bool
	args       []string
}

// mayLack are packages that a machine of CI need not have.
var mayLack = []string{
	"busybox", "cron", "dumb-init", "expect", "fish", "gdb", "git", "golang", "ksh93u+m", "mksh", "ninja-build", "openssh-client",
	"python3", "tcl", "tcsh", "tini", "tmux", "vim-common", "yash", "zsh",
}

const (
	pipeline = "echo a b c | tr ' ' '\\n' | sort -r | head -n 2; echo $(exit 4; echo x) $?"
	jobs     = "sh -c 'exit 3' & p=$!; sh -c 'kill -9 $$' & wait $p; echo $?; wait; exit 5"
)

// foreign run in a folder that holds a Makefile.
var foreign = []foreignProgram{
	{"sh pipeline", "dash", true, []string{"sh", "-c", pipeline}},
	{"sh background", "dash", false, []string{"sh", "-c", "sleep 0.1 & wait; exit 3"}},
	{"sh signals", "dash", false, []string{"sh", "-c", "sh -c 'kill -9 $$' & wait $!; sh -c 'kill -TERM $$'; exit 2"}},
	{"sh trap", "dash", false, []string{"sh", "-c", "trap 'echo got' USR1; sh -c 'kill -USR1 '$$; trap '' TERM; kill $$; exit 4"}},
	{"sh function", "dash", false, []string{"sh", "-c", "f() { (exit $1); }; f 3 || f 4 | f 5; set -e; f 6; echo never"}},
	{"sh read loop", "dash", false, []string{"sh", "-c", "printf '1\\n2\\n3\\n' | while read n; do expr $n + 1; done; exec true"}},
	{"bash jobs", "bash", false, []string{"bash", "-c", jobs}},
	{"bash substitution", "bash", false, []string{"bash", "-c", "diff <(echo 1) <(echo 2); x=$(exit 5); echo $?; set -m; sleep 0.01 & wait"}},
	{"bash coproc", "bash", false, []string{"bash", "-c", "coproc cat; echo hi >&${COPROC[1]}; read -u ${COPROC[0]} x; eval \"exec ${COPROC[1]}>&-\"; wait; echo $x"}},
	{"bash pipefail", "bash", false, []string{"bash", "-c", "set -o pipefail; shopt -s lastpipe; false | true | (exit 3) | true; echo $?; mapfile -t a < <(seq 3); wait"}},
	{"bash job control", "bash", false, []string{"bash", "-c", "set -m; sh -c 'kill -STOP $$; exit 3' & wait %1; kill -CONT %1; wait %1; echo $?"}},
	{"bash wait -n", "bash", false, []string{"bash", "-c", "(exit 3) & wait -n; echo $?; (kill -SEGV $BASHPID) & wait -n; echo $?"}},
	{"zsh", "zsh", false, []string{"zsh", "-fc", pipeline}},
	{"zsh jobs", "zsh", false, []string{"zsh", "-fc", jobs}},
	{"mksh", "mksh", false, []string{"mksh", "-c", jobs}},
	{"ksh", "ksh93u+m", false, []string{"ksh93", "-c", pipeline}},
	{"yash", "yash", false, []string{"yash", "-c", pipeline}},
	{"tcsh", "tcsh", false, []string{"tcsh", "-fc", "echo a | tr a b; sh -c 'exit 3'; echo $status"}},
	{"fish", "fish", false, []string{"fish", "--no-config", "-c", "echo a | tr a b; sh -c 'exit 3'; echo $status"}},
	{"busybox sh", "busybox", false, []string{"busybox", "sh", "-c", jobs}},
	{"busybox xargs", "busybox", false, []string{"busybox", "sh", "-c", "busybox seq 4 | busybox xargs -n 1 busybox echo"}},

	{"make -j", "make", true, []string{"make", "-j3", "-s"}},
	{"make -k", "make", false, []string{"make", "-k", "-s", "fails", "a"}},
	{"make recursive", "make", false, []string{"make", "-s", "-j2", "below"}},
	{"ninja", "ninja-build", false, []string{"sh", "-c", "printf 'rule c\\n command = cp $in $out\\nbuild x: c Makefile\\nbuild y: c x\\n' >build.ninja; exec ninja -j2"}},
	{"cc", "gcc", false, []string{"cc", "-o", "empty", "empty.c"}},
	{"cc -pipe", "gcc", false, []string{"cc", "-pipe", "-O2", "-o", "empty", "empty.c"}},
	{"go version", "golang", false, []string{"go", "version"}},

	{"git commit", "git", false, []string{"sh", "-c", "git init -q . && git add Makefile && git -c user.name=a -c user.email=b -c commit.gpgsign=false -c gc.auto=0 -c maintenance.auto=false commit -qm x"}},
	{"git clone", "git", false, []string{"sh", "-c", "git init -q a && git clone -q a b 2>/dev/null; cd b && git log"}},
	{"git alias", "git", false, []string{"git", "-c", "alias.x=!sh -c 'exit 7'", "x"}},

	{"python fork", "python3", false, []string{"python3", "pool.py", "fork"}},
	{"python spawn", "python3", false, []string{"python3", "pool.py", "spawn"}},
	{"python forkserver", "python3", false, []string{"python3", "pool.py", "forkserver"}},
	{"python subprocess", "python3", true, []string{"python3", "-c", "import subprocess as s; print(s.call(['sh', '-c', 'exit 6'])); print(s.run(['/nowhere/at/all'], shell=True).returncode)"}},
	{"python posix_spawn", "python3", false, []string{"python3", "-c", "import os; p = os.posix_spawn('/bin/sh', ['sh', '-c', 'kill -ABRT $$'], {}); print(os.waitstatus_to_exitcode(os.waitpid(p, 0)[1]))"}},
	{"python pty", "python3", false, []string{"python3", "-c", "import pty; pty.spawn(['sh', '-c', 'exit 3'])"}},
	{"python waitid", "python3", false, []string{"python3", "-c", "import os\np = os.fork()\nif p == 0: os._exit(9)\nos.waitid(os.P_PID, p, os.WEXITED | os.WNOWAIT)\nprint(os.waitid(os.P_ALL, 0, os.WEXITED))"}},
	{"perl", "perl", true, []string{"perl", "-e", `if (!($p = fork)) { exec "sh", "-c", "kill -SEGV \$\$" } waitpid $p, 0; print $?; print system("exit 2")`}},
	{"perl pipe", "perl", false, []string{"perl", "-e", `open P, "-|", "sh", "-c", "echo x; exit 3"; print <P>; close P; print $? >> 8; print qx(exit 4)`}},
	{"perl handler", "perl", false, []string{"perl", "-e", `$SIG{CHLD} = sub { 1 while waitpid(-1, 1) > 0; exit 5 }; fork || exit 3; sleep 9 while 1`}},
	{"perl ignore", "perl", false, []string{"perl", "-e", `$SIG{CHLD} = "IGNORE"; for (1..3) { fork || exit $_ } print wait`}},
	{"tclsh", "tcl", false, []string{"sh", "-c", "printf 'puts [exec echo hi | tr h j]\\ncatch {exec sh -c {exit 3}}\\n' | tclsh"}},
	{"expect", "expect", false, []string{"expect", "-c", "spawn sh -c {echo hi; exit 3}; expect hi; expect eof; puts [wait]"}},

	{"xargs", "findutils", false, []string{"xargs", "-a", "Makefile", "-P", "3", "-n", "4", "sh", "-c", "exit 1"}},
	{"find -exec", "findutils", false, []string{"find", ".", "-name", "Makefile", "-exec", "test", "-d", "{}", ";"}},
	{"find -exec +", "findutils", false, []string{"find", ".", "-type", "f", "-exec", "sh", "-c", "exit 2", "x", "{}", "+"}},
	// It ends as its child did. With a time that runs out it would be a
	// matter of the machine's load how far the child has come, and how many
	// of the signals that timeout sends twice meet.
	{"timeout", "coreutils", false, []string{"timeout", "10", "sh", "-c", "kill -TERM $$"}},
	{"nohup", "coreutils", false, []string{"nohup", "sh", "-c", "kill -HUP $$; exit 3"}},
	{"env", "coreutils", false, []string{"env", "-i", "sh", "-c", ": | : ; /bin/false"}},
	{"split --filter", "coreutils", false, []string{"split", "-l", "2", "--filter=cat >/dev/null", "Makefile"}},
	{"sort --compress-program", "coreutils", false, []string{"sort", "-S", "1k", "--parallel=1", "--compress-program=gzip", "Makefile"}},
	{"setsid", "util-linux", false, []string{"setsid", "--fork", "--wait", "sh", "-c", "exit 7"}},
	{"script", "bsdutils", false, []string{"script", "-qec", "sh -c 'exit 3'", "/dev/null"}},
	{"flock", "util-linux", false, []string{"flock", "Makefile", "sh", "-c", "exit 3"}},
	{"unshare --fork", "util-linux", false, []string{"unshare", "--fork", "sh", "-c", "exit 3"}},
	{"tar", "tar", false, []string{"tar", "czf", "out.tgz", "Makefile"}},
	{"awk", "mawk", false, []string{"awk", `BEGIN { print system("exit 3"); "echo hi" | getline x; close("echo hi"); print x }`}},
	{"ed", "ed", false, []string{"sh", "-c", "printf '!echo hi\\nq\\n' | ed -s"}},

	{"tini", "tini", false, []string{"tini", "-s", "--", "sh", "-c", "(sleep 0.05 &) ; kill -TERM $$"}},
	{"dumb-init", "dumb-init", false, []string{"dumb-init", "sh", "-c", "(exit 4) & wait; exit 5"}},
	// With --exec it would look for another sleep on the machine. It
	// closes every descriptor that it could have.
	{"start-stop-daemon", "dpkg", false, []string{"sh", "-c", "ulimit -n 64; exec start-stop-daemon --start --background --pidfile none.pid --startas /bin/sleep -- 0.05"}},
	{"run-parts", "debianutils", false, []string{"sh", "-c", "mkdir d; printf '#!/bin/sh\\nexit 3\\n' >d/a; chmod +x d/a; cp d/a d/b; exec run-parts d"}},
	// An agent that answers has its handler of SIGTERM.
	{"ssh-agent", "openssh-client", false, []string{"sh", "-c", "eval $(ssh-agent -s) && ssh-add -l; ssh-agent -k"}},
	{"gdb", "gdb", false, []string{"gdb", "-nx", "-q", "-batch", "-ex", "shell exit 3", "-ex", "shell kill -9 $$"}},
}

const makefile = `
all: a b c d e
a b c: ; @sleep 0.01; echo $@
d e: ; @/bin/echo $@ | cat
fails: ; @exit 3
below: ; @$(MAKE) -s a d
.PHONY: all a b c d e fails below
`

// pool makes three processes by the way that its argument names.
const pool = `
import multiprocessing, sys

if __name__ == "__main__":
    with multiprocessing.get_context(sys.argv[1]).Pool(3) as p:
        print(p.map(abs, range(-5, 5)))
        p.close()
        p.join()
`
