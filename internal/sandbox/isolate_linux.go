package sandbox

import (
	"fmt"
	"os"
	"strings"

	"golang.org/x/sys/unix"

	"apue/internal/procfs"
)

// isolation is how a stranger's program is kept apart here.
type isolation struct {
	// userNS: in a user namespace of its own, under the caller's
	// user id. Otherwise this process is root, and the program
	// becomes uid and gid, which nobody else has.
	userNS   bool
	uid, gid int
}

// A user id for one run is made from the keeper's pid, so that no
// two runs at one time share it: above 2,000,000,000, where no
// distribution puts users, or, in a container with 16 bits of ids,
// in the range that systemd(1) uses for its dynamic users.
const (
	highIDs     = 2_000_000_000
	lowIDs      = 61184
	numLowIDs   = 65519 - lowIDs + 1
	numHighIDs  = 4 << 20 // the most pids that Linux can have
	insideUID   = 1000    // of a root that is none further out
	overflowUID = 65534   // an id without a mapping looks like this
)

// chooseIsolation finds out how to isolate; noUID leaves out the
// way of the real root, for tests.
func chooseIsolation(noUID bool) (isolation, error) {
	if !noUID && capable(unix.CAP_SYS_ADMIN, unix.CAP_SETUID, unix.CAP_SETGID, unix.CAP_CHOWN) {
		uid, gid := freeID("uid_map"), freeID("gid_map")
		if uid > 0 && gid > 0 {
			return isolation{uid: uid, gid: gid}, nil
		}
	}
	if !kernelAtLeast(5, 14) {
		return isolation{}, &Refusal{
			"before Linux 5.14 a user namespace does not count its own processes",
			"run as root, or on a newer kernel",
		}
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

// freeID returns an id of this run's own that the user namespace
// of this process can express, 0 if there is none.
func freeID(table string) int {
	b, _ := os.ReadFile("/proc/self/" + table)
	for line := range strings.Lines(string(b)) {
		var inside, outside, count int
		if n, _ := fmt.Sscan(line, &inside, &outside, &count); n != 3 {
			continue
		}
		pid := os.Getpid()
		for _, id := range []int{highIDs + pid%numHighIDs, lowIDs + pid%numLowIDs} {
			if id >= inside && id-inside < count {
				return id
			}
		}
	}
	return 0
}

// namespaces are those of a run, as flags of clone(2).
func (iso isolation) namespaces() uint64 {
	flags := uint64(unix.CLONE_NEWPID | unix.CLONE_NEWNS | unix.CLONE_NEWIPC)
	if iso.userNS {
		flags |= unix.CLONE_NEWUSER
	}
	return flags
}

// mapIDs gives this process, which is in a user namespace of its own,
// the ids that it had outside, root's excepted.
func mapIDs(uid, gid int) error {
	inside := func(id int) int {
		if id == 0 {
			return insideUID
		}
		return id
	}
	for _, table := range [][2]string{
		// Who could not leave a group outside may not do so inside.
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

// refused explains why a step of isolating failed.
func (iso isolation) refused(step string, err error) error {
	reason := fmt.Sprintf("a stranger's program cannot be isolated here (%s: %v)", step, err)
	no := func(why, remedy string) error { return &Refusal{reason + ": " + why, remedy} }
	if procfs.ReadStatus(os.Getpid()).Int("Seccomp") == 2 {
		return no("a seccomp filter, perhaps a container's, forbids namespaces",
			"start the container with --security-opt seccomp=unconfined, or use a machine that is disposable")
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
		case err == unix.ENOSPC, err == unix.EUSERS:
			return no("there are too many namespaces, or they are nested too deeply",
				"raise user.max_user_namespaces and user.max_pid_namespaces")
		}
	}
	switch {
	case err == unix.ENOSPC:
		return no("there are too many namespaces", "raise user.max_pid_namespaces")
	case err == unix.EINVAL && step == "mount namespace":
		return no("the root folder is not a mount point, as in a plain chroot",
			"use pivot_root or a container, or before chroot: mount --bind DIR DIR")
	case err == unix.EINVAL:
		return no("this kernel has no such namespaces", "use a kernel with CONFIG_USER_NS and CONFIG_PID_NS")
	case step == "mount /proc":
		return no("the container hides parts of /proc",
			"start it with --security-opt systempaths=unconfined (podman: unmask=ALL)")
	}
	return no("the kernel forbids it", "run as root with CAP_SYS_ADMIN, or on a machine that allows user namespaces")
}
