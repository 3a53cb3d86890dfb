// Dist makes the files that ch8 is given away as: one binary for each
// system, which needs neither Go nor this folder.
//
//	make dist
//	go run ./internal/dist -o dist
//
// A binary for Linux carries the programs of all experiments, built for
// the same processor and compressed; one for macOS shows the recordings
// that ch8 carries anyway. Each carries the licences of the modules that
// are linked into it (ch8 version --licenses). SHA256SUMS lists them
// all. Built twice from the same source by the same Go, in whatever
// folder, the files have the same bytes.
package main

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"crypto/sha256"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// A target is a system to build for.
type target struct{ os, arch string }

// targets are the systems of make dist.
var targets = []target{
	{"linux", "amd64"}, {"linux", "arm64"},
	{"darwin", "amd64"}, {"darwin", "arm64"},
}

// records reports whether programs can be recorded there: the binary
// then carries the experiments.
func (t target) records() bool { return t.os == "linux" }

func (t target) String() string { return t.os + "-" + t.arch }

func main() {
	out := flag.String("o", "dist", "the folder for the binaries")
	only := flag.String("only", "", "build for this system only, such as linux-amd64")
	flag.Parse()
	if err := dist(*out, *only); err != nil {
		fmt.Fprintln(os.Stderr, "dist:", err)
		os.Exit(2)
	}
}

func dist(out, only string) error {
	if b, err := os.ReadFile("go.mod"); err != nil || !bytes.HasPrefix(b, []byte("module ")) {
		return fmt.Errorf("there is no go.mod here: run it in the folder of this suite")
	}
	if err := os.MkdirAll(out, 0o755); err != nil {
		return err
	}
	built := 0
	for _, t := range targets {
		if only != "" && only != t.String() {
			continue
		}
		path := filepath.Join(out, "ch8-"+t.String())
		if err := t.build(path); err != nil {
			return fmt.Errorf("%s: %w", t, err)
		}
		built++
	}
	if built == 0 {
		return fmt.Errorf("-only %s: the systems are %v", only, targets)
	}
	return sums(out)
}

// build makes the binary of one system.
func (t target) build(path string) error {
	tmp, err := os.MkdirTemp("", "ch8-dist-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)
	carried := filepath.Join(tmp, "dist.zip")
	if err := t.carry(carried, tmp); err != nil {
		return err
	}
	overlay, err := overlay(tmp, map[string]string{"ch8/dist.zip": carried})
	if err != nil {
		return err
	}
	return t.compile("./ch8", path, "-tags=dist", "-overlay="+overlay)
}

// overlay writes the file that go build -overlay wants: files of the
// module that are read from elsewhere.
func overlay(tmp string, files map[string]string) (string, error) {
	replace := map[string]string{}
	for name, actual := range files {
		abs, err := filepath.Abs(name)
		if err != nil {
			return "", err
		}
		replace[abs] = actual
	}
	b, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return "", err
	}
	path := filepath.Join(tmp, "overlay.json")
	return path, os.WriteFile(path, b, 0o644)
}

// compile builds a package without anything that depends on this
// machine.
func (t target) compile(pkg, out string, options ...string) error {
	args := slices.Concat([]string{"build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w -buildid="}, options, []string{"-o", out, pkg})
	cmd := exec.Command("go", args...)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=", "GOOS="+t.os, "GOARCH="+t.arch)
	if said, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("go build %s: %w\n%s", pkg, err, said)
	}
	return nil
}

// carry writes the archive that the binary carries: the programs of the
// experiments, and the licences of what is linked in.
func (t target) carry(path, tmp string) error {
	var archive bytes.Buffer
	z := zip.NewWriter(&archive)
	z.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) {
		return flate.NewWriter(w, flate.BestCompression)
	})
	if t.records() {
		mains, err := filepath.Glob("*/main.go")
		if err != nil {
			return err
		}
		for _, main := range mains {
			dir := filepath.Dir(main)
			if dir == "ch8" {
				continue
			}
			program := filepath.Join(tmp, dir)
			if err := t.compile("./"+dir, program); err != nil {
				return err
			}
			if err := add(z, "experiments/"+dir, program); err != nil {
				return err
			}
		}
	}
	licences, err := t.licences()
	if err != nil {
		return err
	}
	for _, l := range licences {
		if err := add(z, "licences/"+l.module+"/"+filepath.Base(l.file), l.file); err != nil {
			return err
		}
	}
	if err := z.Close(); err != nil {
		return err
	}
	return os.WriteFile(path, archive.Bytes(), 0o644)
}

// add adds a file to the archive, without its time and owner.
func add(z *zip.Writer, name, file string) error {
	b, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	w, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate})
	if err != nil {
		return err
	}
	_, err = w.Write(b)
	return err
}

// A licence is the file with the terms of a module, and the module with
// its version.
type licence struct{ module, file string }

// licences finds those of Go and of every module that is linked into
// ch8.
func (t target) licences() ([]licence, error) {
	cmd := exec.Command("go", "list", "-deps", "-f", "{{with .Module}}{{if not .Main}}{{.Path}}@{{.Version}} {{.Dir}}{{end}}{{end}}", "./ch8")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS="+t.os, "GOARCH="+t.arch)
	list, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w", err)
	}
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		return nil, fmt.Errorf("go env: %w", err)
	}
	modules := strings.Split(strings.TrimSpace(string(list)), "\n")
	slices.Sort(modules)
	modules = slices.Compact(modules)
	all := []licence{{"apue", "LICENSE"}, {"go", filepath.Join(strings.TrimSpace(string(root)), "LICENSE")}}
	for _, m := range modules {
		name, dir, ok := strings.Cut(m, " ")
		if !ok {
			continue // a package of the standard library
		}
		found, err := terms(dir)
		if err != nil || len(found) == 0 {
			return nil, fmt.Errorf("%s has neither LICENSE nor COPYING in %s: find its terms before you give the binary away", name, dir)
		}
		for _, file := range found {
			all = append(all, licence{name, file})
		}
	}
	return all, nil
}

// terms finds the files with a module's terms in its folder.
func terms(dir string) (found []string, err error) {
	for _, name := range []string{"LICENSE*", "COPYING*"} {
		more, err := filepath.Glob(filepath.Join(dir, name))
		if err != nil {
			return nil, err
		}
		found = append(found, more...)
	}
	return found, nil
}

// sums writes SHA256SUMS, which sha256sum -c reads.
func sums(out string) error {
	files, err := filepath.Glob(filepath.Join(out, "ch8-*"))
	if err != nil {
		return err
	}
	slices.Sort(files)
	var list bytes.Buffer
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			return err
		}
		fmt.Fprintf(&list, "%x  %s\n", sha256.Sum256(b), filepath.Base(f))
	}
	return os.WriteFile(filepath.Join(out, "SHA256SUMS"), list.Bytes(), 0o644)
}
