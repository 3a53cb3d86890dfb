package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"apue"
	"apue/internal/page"
	"apue/internal/suite"
)

func main() {
	out := flag.String("o", "dist/browser", "the folder for the page and its machine")
	work := flag.String("work", "dist/browser-work", "the folder for packages and what is made from them")
	fetched := flag.Bool("fetched", false, "take the packages that were fetched before")
	pages := flag.Bool("page", false, "make only the page anew, for the machine that is there")
	flag.Parse()
	if err := browser(*out, *work, *fetched, *pages); err != nil {
		fmt.Fprintln(os.Stderr, "browser:", err)
		os.Exit(2)
	}
}

func browser(out, work string, fetched, onlyPage bool) error {
	if _, err := os.Stat("internal/browser/boot.mjs"); err != nil {
		return fmt.Errorf("run it in the folder of this suite: %w", err)
	}
	work, err := filepath.Abs(work)
	if err != nil {
		return err
	}
	for _, dir := range []string{out, work} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return err
		}
	}
	if !onlyPage {
		if err := machine(out, work, fetched); err != nil {
			return err
		}
	}
	return writePage(out)
}

// machine fetches the packages, makes the machine, starts it and saves
// its state.
func machine(out, work string, fetched bool) error {
	say("the packages")
	v86 := filepath.Join(work, "node_modules", "v86")
	release, err := unpacked(work)
	if !fetched {
		if release, err = debian(work); err == nil {
			err = npm(work)
		}
	}
	if err != nil {
		return err
	}
	say("the root file system")
	if err := image(work, release); err != nil {
		return err
	}
	say("the machine starts: this takes some minutes")
	state := filepath.Join(work, "state.bin")
	boot, err := filepath.Abs("internal/browser/boot.mjs")
	if err != nil {
		return err
	}
	if err := command(work, "node", boot, v86, work, state); err != nil {
		return err
	}
	say("its state is compressed")
	if err := command(work, "zstd", "--ultra", "-22", "-q", "-f", state, "-o", state+".zst"); err != nil {
		return err
	}
	for from, to := range map[string]string{
		state + ".zst":                            "state.zst",
		filepath.Join(v86, "build", "libv86.js"):  "libv86.js",
		filepath.Join(v86, "LICENSE"):             "v86-LICENSE.txt",
		filepath.Join(work, "packages.txt"):       "packages.txt",
		filepath.Join("internal/browser/load.js"): "load.js",
	} {
		if err := copyFile(from, filepath.Join(out, to)); err != nil {
			return err
		}
	}
	wasm, err := os.ReadFile(filepath.Join(v86, "build", "v86.wasm"))
	if err != nil {
		return err
	}
	return compressed(wasm, filepath.Join(out, "v86.wasm.gz"))
}

// writePage writes the page and the answers that need no machine.
func writePage(out string) error {
	html, err := page.MachinePage("libv86.js", "load.js")
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(out, "index.html"), html, 0o644); err != nil {
		return err
	}
	if err := copyFile("internal/browser/load.js", filepath.Join(out, "load.js")); err != nil {
		return err
	}
	starter, err := os.ReadFile("ch8/starters/c.txt")
	if err != nil {
		return err
	}
	l := &page.Lab{
		Experiments: suite.All, Files: apue.Files, Machine: true,
		Starter: func(string) string { return string(starter) },
		Passed:  func() (map[string]bool, error) { return nil, nil },
	}
	answers, err := l.Answers()
	if err != nil {
		return err
	}
	b, err := json.Marshal(answers)
	if err != nil {
		return err
	}
	return compressed(b, filepath.Join(out, "lab.json.gz"))
}

func say(what string) { fmt.Fprintln(os.Stderr, "browser:", what) }

// command runs a command in a folder, and shows its output.
func command(dir, name string, args ...string) error {
	cmd := exec.Command(name, args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, os.Stderr, os.Stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// compressed writes a file as gzip does: a plain web server sends it as it
// is, and the page unpacks it.
func compressed(b []byte, to string) error {
	var out bytes.Buffer
	w, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		return err
	}
	w.Write(b)
	if err := w.Close(); err != nil {
		return err
	}
	return os.WriteFile(to, out.Bytes(), 0o644)
}

func copyFile(from, to string) error {
	b, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return os.WriteFile(to, b, 0o644)
}
