package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"

	"apue"
)

// A tree is the root file system of the machine while it is made: an
// archive in the format newc of cpio(5), as Linux unpacks it at its start.
type tree struct {
	archive bytes.Buffer
	inode   int
	known   map[string]bool // folders that are in the archive
}

// add appends an entry. Folders above it are made.
func (t *tree) add(name string, mode int, content []byte) {
	if dir := path.Dir(name); dir != "." {
		t.folder(dir)
	}
	t.entry(name, mode, content)
}

func (t *tree) folder(name string) {
	if t.known[name] {
		return
	}
	if dir := path.Dir(name); dir != "." {
		t.folder(dir)
	}
	t.known[name] = true
	t.entry(name, 0o40755, nil)
}

func (t *tree) entry(name string, mode int, content []byte) {
	t.inode++
	fmt.Fprintf(&t.archive, "070701%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X",
		t.inode, mode, 0, 0, 1, 0, len(content), 0, 0, 0, 0, len(name)+1, 0)
	t.archive.WriteString(name + "\x00")
	t.pad()
	t.archive.Write(content)
	t.pad()
}

// pad fills up to a multiple of 4 bytes.
func (t *tree) pad() {
	for t.archive.Len()%4 != 0 {
		t.archive.WriteByte(0)
	}
}

// copy adds what the patterns find below a folder, under the same names.
func (t *tree) copy(from string, patterns ...string) error {
	for _, pattern := range patterns {
		names, err := filepath.Glob(filepath.Join(from, pattern))
		if err != nil {
			return err
		}
		if len(names) == 0 {
			return fmt.Errorf("%s is not there", filepath.Join(from, pattern))
		}
		for _, name := range names {
			if err := filepath.WalkDir(name, func(file string, d fs.DirEntry, err error) error {
				if err != nil || d.IsDir() {
					return err
				}
				return t.file(file, strings.TrimPrefix(file, from+"/"))
			}); err != nil {
				return err
			}
		}
	}
	return nil
}

// file adds a file or a symbolic link of this machine.
func (t *tree) file(from, name string) error {
	info, err := os.Lstat(from)
	if err != nil {
		return err
	}
	if info.Mode()&fs.ModeSymlink != 0 {
		target, err := os.Readlink(from)
		t.add(name, 0o120777, []byte(target))
		return err
	}
	b, err := os.ReadFile(from)
	t.add(name, 0o100000|int(info.Mode().Perm()), b)
	return err
}

// modules are those of the kernel that the line to the page needs, in
// the order in which they are loaded.
var modules = []string{
	"drivers/virtio/virtio", "drivers/virtio/virtio_ring", "drivers/virtio/virtio_pci_legacy_dev",
	"drivers/virtio/virtio_pci_modern_dev", "drivers/virtio/virtio_pci", "drivers/char/virtio_console",
}

// commands are those of busybox that programs of the exercises execute.
var commands = strings.Fields(`awk cat chmod cp cut date dd echo env expr false find free grep head id insmod kill ln ls
	mkdir mount mv nice printf ps pwd rm sed seq sh sleep sort stty sync tail tee test touch
	tr true uname uniq wc who xargs`)

// kernelHeaders are those of linux/ that the library's headers and the
// suite's programs include.
var kernelHeaders = strings.Fields(`acct apm_bios atalk audit bpf_common capability close_range const edd elf-em errno falloc fanotify
	filter futex if_ether if_fddi if_slip ioctl kcmp kd kernel limits memfd mount nfs openat2 param patchkey pci pci_regs pidfd posix_types
	ppp-comp ppp_defs prctl ptrace quota random rseq sched sched/types screen_info seccomp socket sockios soundcard stat stddef sysinfo time
	time_types types unistd version vt wait`)

// image writes the root file system to work/initrd.
func image(work, release string) error {
	t := &tree{known: map[string]bool{}}
	deb := work + "/deb/"
	for _, dir := range []string{"dev", "proc", "sys", "tmp", "run", "root", "sbin"} {
		t.folder(dir)
	}
	if err := t.file("internal/browser/init.sh", "init"); err != nil {
		return err
	}
	t.add("etc/passwd", 0o100644, []byte("root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n"))
	t.add("etc/group", 0o100644, []byte("root:x:0:\nnogroup:x:65534:\n"))
	t.add("bin", 0o120777, []byte("usr/bin")) // as Debian has it
	for _, name := range commands {
		t.add("usr/bin/"+name, 0o120777, []byte("busybox"))
	}
	t.add("usr/bin/cc", 0o120777, []byte("tcc"))
	busybox, err := os.ReadFile(deb + "busybox-static/bin/busybox")
	if err != nil {
		return err
	}
	t.add("usr/bin/busybox", 0o100755, busybox)
	libc, dev := deb+"libc6", deb+"libc6-dev"
	const arch = "/i386-linux-gnu/"
	var headers []string
	for _, h := range kernelHeaders {
		headers = append(headers, "usr/include/linux/"+h+".h")
	}
	for _, part := range []struct {
		from     string
		patterns []string
	}{
		{libc, []string{"lib/ld-linux.so.2", "lib" + arch + "ld-linux.so.2", "lib" + arch + "libc.so.6", "lib" + arch + "libm.so.6", "lib" + arch + "libpthread.so.0", "lib" + arch + "libdl.so.2"}},
		{deb + "libgcc-s1", []string{"lib" + arch + "libgcc_s.so.1"}}, // pthread_exit loads it
		{dev, []string{"usr/include/*", "usr/lib" + arch + "crt?.o", "usr/lib" + arch + "libc.so", "usr/lib" + arch + "libc_nonshared.a", "usr/lib" + arch + "libpthread.a", "usr/lib" + arch + "libdl.a", "usr/lib" + arch + "libm.so"}},
		{deb + "linux-libc-dev", append(headers, "usr/include/asm-generic", "usr/include"+arch+"asm")},
		{deb + "tcc", []string{"usr/bin/tcc", "usr/lib" + arch + "tcc"}},
	} {
		if err := t.copy(part.from, part.patterns...); err != nil {
			return err
		}
	}
	for i, m := range modules {
		from := fmt.Sprintf("%slinux-image/lib/modules/%s/kernel/%s.ko", deb, release, m)
		if err := t.file(from, fmt.Sprintf("mod/%d.ko", i)); err != nil {
			return err
		}
	}
	if err := addSuite(t); err != nil {
		return err
	}
	if err := guest(t, work); err != nil {
		return err
	}
	t.entry("TRAILER!!!", 0, nil)
	return os.WriteFile(work+"/initrd", t.archive.Bytes(), 0o644)
}

// addSuite adds the suite's C programs and their headers.
func addSuite(t *tree) error {
	return fs.WalkDir(apue.Files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || path.Base(path.Dir(name)) != "c" {
			return err
		}
		b, err := fs.ReadFile(apue.Files, name)
		t.add("suite/"+name, 0o100644, b)
		return err
	})
}

// guest builds and adds the program that answers the page.
func guest(t *tree, work string) error {
	out := work + "/guest"
	overlay, err := english(work)
	if err != nil {
		return err
	}
	cmd := exec.Command("go", "build", "-overlay="+overlay, "-tags=machine", "-trimpath", "-buildvcs=false", "-ldflags=-s -w -buildid=", "-o", out, "./internal/browser/guest")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=", "GOOS=linux", "GOARCH=386")
	if said, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("go build: %w\n%s", err, said)
	}
	return t.file(out, "usr/bin/guest")
}

// english writes the file that go build -overlay wants, for a guest
// without translations: the page is English.
func english(work string) (string, error) {
	po, err := filepath.Abs("internal/locale/zh.po")
	if err != nil {
		return "", err
	}
	empty := work + "/empty.po"
	if err := os.WriteFile(empty, nil, 0o644); err != nil {
		return "", err
	}
	b, err := json.Marshal(map[string]any{"Replace": map[string]string{po: empty}})
	if err != nil {
		return "", err
	}
	return work + "/overlay.json", os.WriteFile(work+"/overlay.json", b, 0o644)
}
