package grade

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"apue/internal/build"
	"apue/internal/sandbox"
)

// A Gopher builds strangers' Go packages in the box. It finds out once what
// they are built with; the zero value has not done so yet.
type Gopher struct {
	mu     sync.Mutex
	looked bool
	err    error // of the look

	root, goroot, cache, modcache string
	mod, sum                      string          // files for the suite's module
	mounts                        []sandbox.Mount // what the box shows of the suite and the modules
	requires                      string          // of the module of a submission
}

// goEnv has the go command fetch nothing, run no other compiler and
// toolchain, and take no profile.
var goEnv = []string{"CGO_ENABLED=0", "GOPROXY=off", "GOTOOLCHAIN=local", "GOWORK=off", "GOENV=off", "GOTELEMETRY=off",
	"GOSUMDB=off", "GOFLAGS=-buildvcs=false -mod=mod -pgo=off"}

// goPackages are compiled before the first submission is, so that its box
// finds them in the cache.
var goPackages = []string{"fmt", "os", "os/exec", "os/signal", "bufio", "bytes", "strings", "strconv", "errors", "io", "flag", "log",
	"sync", "syscall", "time", "sort", "slices", "runtime", "math/rand"}

// prepare looks at Go and the suite's source, if that is here.
func (p *Gopher) prepare(ctx context.Context, tmp string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.looked {
		err := p.look(ctx, tmp)
		if ctx.Err() != nil {
			return ctx.Err() // the next one looks again
		}
		p.looked, p.err = true, err
	}
	return p.err
}

func (p *Gopher) look(ctx context.Context, tmp string) error {
	if _, err := exec.LookPath("go"); err != nil {
		return &toolMissing{tools["go"]}
	}
	query := func(dir string, args ...string) (string, error) {
		out, err := build.Run(ctx, dir, 5*time.Minute, goEnv, append([]string{"go"}, args...)...)
		if err != nil {
			err = &toolMissing{fmt.Sprintf("Go cannot build even what no student wrote (%s): it has to be Go 1.26 or newer, "+
				"and go mod download fetches this suite's modules", oneLine(string(out)+" "+err.Error()))}
		}
		return strings.TrimSpace(string(out)), err
	}
	env, err := query(tmp, "env", "GOROOT", "GOCACHE", "GOMODCACHE")
	if err != nil {
		return err
	}
	values := strings.Split(env, "\n")
	if len(values) != 3 {
		return &toolMissing{"go env does not name GOROOT, GOCACHE and GOMODCACHE"}
	}
	p.goroot, p.cache, p.modcache = values[0], values[1], values[2]
	p.mounts = []sandbox.Mount{{From: p.cache, To: "/gocache", Overlay: true}}
	if !strings.HasPrefix(p.goroot, "/usr/") {
		p.mounts = append(p.mounts, sandbox.Mount{From: p.goroot, To: p.goroot})
	}
	packages := goPackages
	if p.root, err = build.Module(); err != nil {
		p.root = ""
		_, err = query(tmp, append([]string{"build"}, packages...)...)
		return err
	}
	// The suite's packages that submissions import, with all that these
	// need: no more of it is shown.
	packages = append(slices.Clip(packages), build.ModulePath()+"/ch8/proc", build.ModulePath()+"/ch8/stdio")
	list, err := query(p.root, append([]string{"list", "-deps", "-f",
		"{{if not .Standard}}{{.ImportPath}}\t{{.Dir}}\t{{.Module.Path}}\t{{.Module.Version}}\t{{.Module.Dir}}{{end}}"}, packages...)...)
	if err != nil {
		return err
	}
	if err := p.show(tmp, list); err != nil {
		return err
	}
	_, err = query(p.root, append([]string{"build"}, packages...)...)
	return err
}

// show makes the list of what the box shows of the suite and of modules,
// and the suite's go.mod in the box, which requires only those.
func (p *Gopher) show(tmp, list string) error {
	require := map[string]string{}
	p.requires = ""
	for line := range strings.Lines(list) {
		f := strings.Split(strings.TrimSpace(line), "\t")
		if len(f) != 5 {
			continue
		}
		if f[2] == build.ModulePath() {
			p.mounts = append(p.mounts, sandbox.Mount{From: f[1], To: f[1]})
		} else if require[f[2]] == "" {
			require[f[2]] = f[3]
			download := filepath.Join(p.modcache, "cache", "download", filepath.FromSlash(f[2]))
			p.mounts = append(p.mounts, sandbox.Mount{From: f[4], To: f[4]}, sandbox.Mount{From: download, To: download})
		}
	}
	for path, version := range require {
		p.requires += fmt.Sprintf("require %s %s\n", path, version)
	}
	sum, err := os.ReadFile(filepath.Join(p.root, "go.sum"))
	if err != nil {
		return err
	}
	p.mod, p.sum = filepath.Join(tmp, "suite.mod"), filepath.Join(tmp, "suite.sum")
	if err := os.WriteFile(p.mod, []byte("module "+build.ModulePath()+"\n\ngo 1.26\n\n"+p.requires), 0o644); err != nil {
		return err
	}
	if err := os.WriteFile(p.sum, sum, 0o644); err != nil {
		return err
	}
	p.mounts = append(p.mounts, sandbox.Mount{From: p.mod, To: filepath.Join(p.root, "go.mod")},
		sandbox.Mount{From: p.sum, To: filepath.Join(p.root, "go.sum")})
	return nil
}

// GoProgram is the file that the command of a Gopher makes.
const GoProgram = "a.out"

// Command returns the command that builds the Go package in the folder
// source, in the box or, if isolated is false, outside: it has to run in a
// copy of the folder, and makes GoProgram there. A package that imports
// this suite's packages gets the suite's source, if that is here. The
// folder tmp is for files that have to stay as long as the Gopher.
func (p *Gopher) Command(ctx context.Context, source, tmp string, isolated bool) (c sandbox.Command, err error) {
	suite, err := onlyGo(source)
	if err != nil {
		return c, err
	}
	if err := p.prepare(ctx, tmp); err != nil {
		return c, err
	}
	if suite && p.root == "" {
		return c, &machineFault{"it imports this suite's packages: call ch8 in the suite's folder, the one with Makefile and go.mod"}
	}
	// The folder's own go.mod may name other places.
	mod := "module submission\n\ngo 1.26\n"
	if p.root != "" {
		mod += fmt.Sprintf("require %[1]s v0.0.0\nreplace %[1]s => %[2]q\n%[3]s", build.ModulePath(), p.root, p.requires)
		sum, err := os.ReadFile(p.sum)
		if err != nil {
			return c, err
		}
		if err := os.WriteFile(filepath.Join(source, "go.sum"), sum, 0o644); err != nil {
			return c, err
		}
	}
	if err := os.WriteFile(filepath.Join(source, "go.mod"), []byte(mod), 0o644); err != nil {
		return c, err
	}
	c = sandbox.Command{
		Args: []string{"go", "build", build.NoDWARF, "-o", GoProgram, "."}, Mounts: p.mounts, Limits: goLimits,
		Env: slices.Concat(goEnv, []string{"PATH=" + filepath.Join(p.goroot, "bin") + ":/usr/bin:/bin", "HOME=/tmp", "GOTMPDIR=/tmp",
			"GOCACHE=/gocache", "GOMODCACHE=" + p.modcache}),
	}
	if !isolated {
		c.Env = append(c.Env, "GOCACHE="+p.cache)
	}
	return c, nil
}

// mostGo is how long a Go file of a submission can be, in bytes.
const mostGo = 1 << 20

// onlyGo refuses what the go command would not only compile, and says
// whether the suite's packages are imported.
func onlyGo(dir string) (suite bool, err error) {
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		if info, err := d.Info(); err != nil || filepath.Ext(path) == ".go" && info.Size() > mostGo {
			return &notBuilt{fmt.Sprintf("%s: a Go file has at most %d MiB", d.Name(), mostGo>>20)}
		}
		imports, err := build.OnlyGo(path)
		if err != nil {
			return &notBuilt{err.Error()}
		}
		for _, i := range imports {
			suite = suite || strings.HasPrefix(i, build.ModulePath()+"/")
		}
		return nil
	})
	return suite, err
}
