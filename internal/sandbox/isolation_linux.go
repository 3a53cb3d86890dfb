package sandbox

import (
	"fmt"
	"os"
	"strings"
	"sync"

	"golang.org/x/sys/unix"

	"apue/internal/procfs"
)

// isolation is how a stranger's program is kept apart on this machine.
type isolation struct {
	// userNS: in a user namespace of its own, under the caller's user
	// id. Otherwise this process is root, and the program becomes uid
	// and gid, which no other run has.
	userNS   bool
	uid, gid int
}

// A user id for one run is taken above 2,000,000,000, where no
// distribution puts users, or, in a container with 16 bits of ids, in the
// range that systemd(1) uses for its dynamic users.
const (
	highIDs    = 2_000_000_000
	numHighIDs = 4 << 20 // the most pids that Linux can have
	lowIDs     = 61184
	numLowIDs  = 65519 - lowIDs + 1
	insideUID  = 1000 // of a caller who is root, but only in its user namespace
)

// chooseIsolation finds out how to isolate; noUID leaves out the way of
// the real root, for tests.
func chooseIsolation(noUID bool) (isolation, error) {
	if !procfs.KernelAtLeast(5, 12) {
		return isolation{}, &Refusal{"before Linux 5.12 a mount cannot be made read-only with all below it",
			"use a newer kernel"}
	}
	if !noUID && capable(unix.CAP_SYS_ADMIN, unix.CAP_SYS_PTRACE, unix.CAP_SETUID, unix.CAP_SETGID, unix.CAP_CHOWN) {
		if id := claimID(); id > 0 {
			return isolation{uid: id, gid: id}, nil
		}
	}
	if !procfs.KernelAtLeast(5, 14) {
		return isolation{}, &Refusal{"before Linux 5.14 a user namespace does not count its own processes",
			"run as root, or on a newer kernel"}
	}
	return isolation{userNS: true}, nil
}

// capable reports whether this thread has all these capabilities.
func capable(caps ...int) bool {
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var data [2]unix.CapUserData
	if unix.Capget(&header, &data[0]) != nil {
		return false
	}
	for _, c := range caps {
		if data[c/32].Effective&(1<<(c%32)) == 0 {
			return false
		}
	}
	return true
}

// claimID returns an id, of a user and of a group, that no other process's
// run has as long as this process lives; 0 if there is none. The claim is a
// socket that is bound to an abstract name: it ends with its owner. Runs
// that one keeper holds have the same id, one after the other.
var claimID = sync.OnceValue(newID)

func newID() int {
	for _, r := range []struct{ first, count int }{{highIDs, numHighIDs}, {lowIDs, numLowIDs}} {
		if !mapped("uid_map", r.first) || !mapped("gid_map", r.first) {
			continue
		}
		for i := range 1000 {
			id := r.first + (os.Getpid()+i)%r.count
			if !mapped("uid_map", id) || !mapped("gid_map", id) {
				continue
			}
			s, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
			if err != nil {
				return 0
			}
			if unix.Bind(s, &unix.SockaddrUnix{Name: fmt.Sprintf("@ch8-uid-%d", id)}) == nil {
				return id
			}
			unix.Close(s)
		}
	}
	return 0
}

// mapped reports whether the user namespace of this process has an id.
func mapped(table string, id int) bool {
	for line := range strings.Lines(procfs.ReadAll("/proc/self/" + table)) {
		var inside, outside, count int64 // a count can be all 32 bits, which an int of 386 cannot hold
		if n, _ := fmt.Sscan(line, &inside, &outside, &count); n == 3 && int64(id) >= inside && int64(id)-inside < count {
			return true
		}
	}
	return false
}

// namespaces returns those of a run, as flags of clone(2). In a user
// namespace ownIPC makes the IPC namespace.
func (iso isolation) namespaces() uint64 {
	flags := uint64(unix.CLONE_NEWPID | unix.CLONE_NEWNS | unix.CLONE_NEWNET | unix.CLONE_NEWUTS | unix.CLONE_NEWCGROUP)
	if iso.userNS {
		return flags | unix.CLONE_NEWUSER
	}
	return flags | unix.CLONE_NEWIPC
}

// inside returns the id in the new user namespace of an id outside.
func inside(id int) int {
	if id == 0 {
		return insideUID
	}
	return id
}

// mapIDs gives this process, which is in a user namespace of its own, the
// ids that it had outside; but root becomes an ordinary user.
func mapIDs(uid, gid int) error {
	for _, table := range [][2]string{
		// A process that cannot leave a group outside cannot do so inside.
		{"setgroups", "deny"},
		{"uid_map", fmt.Sprintf("%d %d 1", inside(uid), uid)},
		{"gid_map", fmt.Sprintf("%d %d 1", inside(gid), gid)},
	} {
		if err := procfs.Write("/proc/self/"+table[0], table[1]); err != nil {
			return err
		}
	}
	return nil
}

// sysctl reads a file below /proc/sys; "" if there is none.
func sysctl(name string) string { return strings.TrimSpace(procfs.ReadAll("/proc/sys/" + name)) }

// refusal explains why a step of isolating failed.
func (iso isolation) refusal(step string, err error) error {
	reason := fmt.Sprintf("a stranger's program cannot be isolated here (%s: %v)", step, err)
	no := func(why, remedy string) error { return &Refusal{reason + ": " + why, remedy} }
	if procfs.ReadStatus(os.Getpid()).Line("Seccomp") == "2" {
		return no("a seccomp filter, perhaps that of a container, forbids namespaces",
			"start the container with --security-opt seccomp=unconfined and --cap-add SYS_ADMIN, "+
				"or, if the container itself is the box, add --disposable")
	}
	if iso.userNS {
		switch {
		case sysctl("user/max_user_namespaces") == "0":
			return no("user namespaces are switched off",
				"sudo sysctl user.max_user_namespaces=10000, or run as root")
		case sysctl("kernel/unprivileged_userns_clone") == "0":
			return no("user namespaces are for root only",
				"sudo sysctl kernel.unprivileged_userns_clone=1, or run as root")
		case sysctl("kernel/apparmor_restrict_unprivileged_userns") == "1":
			return no("AppArmor takes the rights from user namespaces",
				"sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0, or run as root")
		}
	}
	switch {
	case err == unix.ENOSPC, err == unix.EUSERS:
		return no("there are too many namespaces, or they are nested too deeply",
			"raise user.max_user_namespaces, user.max_pid_namespaces and user.max_net_namespaces")
	case err == unix.EINVAL && step == "pivot_root":
		return no("the root folder is not a mount point, as in a plain chroot",
			"use pivot_root or a container, or before chroot: mount --bind DIR DIR")
	case err == unix.EINVAL:
		return no("this kernel cannot make these namespaces",
			"use a kernel with CONFIG_USER_NS, CONFIG_PID_NS and CONFIG_NET_NS")
	case step == "mount /proc":
		return no("the container hides parts of /proc",
			"start it with --security-opt systempaths=unconfined (podman: unmask=ALL), "+
				"or, if the container itself is the box, add --disposable")
	}
	return no("the kernel forbids it", "run as root with CAP_SYS_ADMIN, or on a machine that allows user namespaces")
}

// reservedPids is where the kernel begins again after the highest pid
// (RESERVED_PIDS). The init began above the limit, so that the pids below
// are never given out.
const reservedPids = 300

// bindCount makes sure that this process's namespace cannot have more than
// so many processes: by RLIMIT_NPROC, which the launcher sets, or by the
// highest pid of the namespace.
func (l *launch) bindCount() error {
	if l.Processes == 0 || l.nprocBinds() {
		return nil
	}
	// Before that release the same file is the whole machine's.
	if l.NoPidMax || !procfs.KernelAtLeast(6, 14) {
		return &Refusal{
			"a stranger's program cannot be counted here: root is exempt from RLIMIT_NPROC, " +
				"and before Linux 6.14 a pid namespace has no limit of its own",
			"run as a user other than root, as root outside of a user namespace, or on a newer kernel",
		}
	}
	if err := procfs.Write(l.proc+"/sys/kernel/pid_max", fmt.Sprint(reservedPids+l.Processes)); err != nil {
		return &Refusal{"a stranger's program cannot be counted here (pid_max: " + err.Error() + ")",
			"run as a user other than root"}
	}
	return nil
}
