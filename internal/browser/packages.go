package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// debs are Debian's packages in the machine, all for i386. seabios only
// starts it. The kernel is the one that linux-image-686 depends on.
var debs = []string{"busybox-static", "libc6", "libc6-dev", "libcrypt-dev", "libgcc-s1", "linux-libc-dev", "seabios", "tcc"}

// debian fetches Debian's packages and unpacks each in a folder of its
// own below work/deb. It returns the release of the kernel. apt gets a
// state of its own, so that this machine's packages stay as they are.
func debian(work string) (release string, err error) {
	apt := filepath.Join(work, "apt")
	fetched := filepath.Join(work, "fetched")
	for _, dir := range []string{apt + "/state/lists/partial", apt + "/cache/archives/partial", fetched} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return "", err
		}
	}
	if err := os.WriteFile(apt+"/status", nil, 0o644); err != nil {
		return "", err
	}
	options := []string{
		"-q", "-o", "Dir::State=" + apt + "/state", "-o", "Dir::Cache=" + apt + "/cache", "-o", "Dir::State::status=" + apt + "/status",
		"-o", "APT::Architecture=i386", "-o", "APT::Architectures=i386", "-o", "APT::Sandbox::User=",
		"-o", "Acquire::Languages=none", "-o", "Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false",
	}
	if _, err := os.Stat("/etc/apt/sources.list.d/debian.sources"); err == nil { // others may have nothing for i386
		options = append(options, "-o", "Dir::Etc::sourcelist=/etc/apt/sources.list.d/debian.sources", "-o", "Dir::Etc::sourceparts=-")
	}
	if err := command(fetched, "apt-get", append(options, "update")...); err != nil {
		say("a list could not be fetched: packages may be older than they need be") // a package that is in none ends this below
	}
	out, err := exec.Command("apt-cache", append(options, "depends", "linux-image-686")...).Output()
	if err != nil {
		return "", fmt.Errorf("apt-cache depends linux-image-686: %w", err)
	}
	_, kernel, _ := strings.Cut(string(out), "Depends: ")
	kernel, _, _ = strings.Cut(kernel, "\n")
	release = strings.TrimPrefix(kernel, "linux-image-")
	names := append([]string{kernel}, debs...)
	old, _ := filepath.Glob(fetched + "/*.deb")
	for _, file := range old {
		os.Remove(file)
	}
	if err := command(fetched, "apt-get", append(append(options, "download"), names...)...); err != nil {
		return "", err
	}
	return release, unpack(work, fetched)
}

// unpacked returns the release of the kernel that was fetched before.
func unpacked(work string) (string, error) {
	found, _ := filepath.Glob(work + "/deb/linux-image/lib/modules/*")
	if len(found) != 1 {
		return "", fmt.Errorf("no packages were fetched to %s", work)
	}
	return filepath.Base(found[0]), nil
}

// unpack takes the packages apart, and lists them with their sources.
func unpack(work, fetched string) error {
	files, err := filepath.Glob(fetched + "/*.deb")
	if err != nil {
		return err
	}
	list := `What the machine is made of: Debian's packages for i386 as they are, with
the source package and version that each was built from. Debian keeps all
sources; on a Debian system "apt-get source PACKAGE=VERSION" fetches one.
Each package says its terms in usr/share/doc/PACKAGE/copyright.

`
	if err := os.RemoveAll(work + "/deb"); err != nil {
		return err
	}
	for _, file := range files {
		name, _, _ := strings.Cut(filepath.Base(file), "_")
		if strings.HasPrefix(name, "linux-image-") {
			name = "linux-image"
		}
		dir := filepath.Join(work, "deb", name)
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return err
		}
		if err := command(work, "dpkg-deb", "-x", file, dir); err != nil {
			return err
		}
		about, err := exec.Command("dpkg-deb", "-W", "--showformat=${Package} ${Version}, source ${source:Package} ${source:Version}\n", file).Output()
		if err != nil {
			return fmt.Errorf("dpkg-deb -W: %w", err)
		}
		list += string(about)
	}
	return os.WriteFile(work+"/packages.txt", []byte(list+"\nThe emulator is v86 from npm, under the terms of v86-LICENSE.txt.\n"), 0o644)
}

// npm fetches the emulator.
func npm(work string) error {
	return command(work, "npm", "install", "--prefix", work, "--no-save", "--no-audit", "--no-fund", "--silent", "v86")
}
