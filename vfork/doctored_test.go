//go:build linux

package main

import (
	"bytes"
	"strings"
	"testing"

	"apue/internal/lab"
	"apue/internal/lab/labtest"
	"apue/internal/trace"
	"apue/vfork/checks"
)

// each changes all events of a kind.
func each(o *lab.Observation, kind trace.Kind, change func(e *trace.Event)) {
	for _, e := range o.Events(kind) {
		change(e)
	}
}

// everywhere changes what the snapshots say of one process.
func everywhere(o *lab.Observation, process string, change func(files, others map[string]string)) {
	each(o, trace.KindSnapshot, func(e *trace.Event) {
		of := map[string]map[string]string{}
		for _, s := range e.Snapshot {
			of[s.Process] = s.Files
		}
		for name, files := range of {
			if name != process {
				continue
			}
			for other, theirs := range of {
				if other != name {
					change(files, theirs)
				}
			}
		}
	})
}

func replace(o *lab.Observation, process, file, old, new string) {
	everywhere(o, process, func(files, _ map[string]string) {
		files[file] = strings.Replace(files[file], old, new, 1)
	})
}

// TestDoctored changes what was seen, so that each claim breaks.
func TestDoctored(t *testing.T) {
	t.Parallel()
	doctored := []struct {
		x      *lab.Experiment
		claim  string
		doctor func(*lab.Observation)
	}{
		{checks.Exec, "vforked", func(o *lab.Observation) {
			each(o, trace.KindExec, func(e *trace.Event) { e.Errno = "ENOENT" })
		}},
		{checks.Exec, "at-the-exec", func(o *lab.Observation) {
			each(o, trace.KindVforkDone, func(e *trace.Event) { e.Time = 1 << 60 })
		}},
		{checks.Exec, "own-memory", func(o *lab.Observation) {
			everywhere(o, "P0.1", func(files, others map[string]string) { files["stat"] = others["stat"] })
		}},
		{checks.Private, "close", func(o *lab.Observation) {
			everywhere(o, "P0", func(files, others map[string]string) {
				for name := range files {
					if strings.HasPrefix(name, "fd/") && others[name] == "" {
						delete(files, name)
					}
				}
			})
			each(o, trace.KindSnapshot, func(e *trace.Event) {
				if e.Process == "P0" {
					for name, v := range e.Snapshot[0].Files {
						if v == "/dev/null" && name != "fd/0" {
							delete(e.Snapshot[0].Files, name)
						}
					}
				}
			})
		}},
		{checks.Private, "chdir", func(o *lab.Observation) {
			each(o, trace.KindSnapshot, func(e *trace.Event) {
				if e.Process == "P0" {
					e.Snapshot[0].Files["cwd"] = "/"
				}
			})
		}},
		{checks.Private, "umask", func(o *lab.Observation) {
			each(o, trace.KindSnapshot, func(e *trace.Event) {
				if f := e.Snapshot[0].Files; e.Process == "P0" {
					f["status"] = strings.Replace(f["status"], "Umask:\t0027", "Umask:\t0077", 1)
				}
			})
		}},
		{checks.Private, "inherited", func(o *lab.Observation) {
			replace(o, "P0.1", "status", "Umask:\t0027", "Umask:\t0022")
		}},
		{checks.Private, "not-pending", func(o *lab.Observation) {
			everywhere(o, "P0.1", func(files, others map[string]string) { files["status"] = others["status"] })
		}},
		{checks.Deadlock, "stuck", func(o *lab.Observation) {
			replace(o, "P0", "stat", ") D ", ") S ")
		}},
		{checks.Deadlock, "only-the-parent", func(o *lab.Observation) {
			each(o, trace.KindSnapshot, func(e *trace.Event) {
				for _, s := range e.Snapshot[1:] {
					for name, v := range e.Snapshot[0].Files {
						if strings.HasPrefix(name, "fd") && s.Process == "P0.1" {
							s.Files[name] = v
						}
					}
				}
			})
		}},
		{checks.Deadlock, "broken", func(o *lab.Observation) {
			each(o, trace.KindExit, func(e *trace.Event) { e.Status = 0 })
		}},
		{checks.Exit, "child-flushes", func(o *lab.Observation) {
			each(o, trace.KindWrite, func(e *trace.Event) { e.Process = "P0" })
		}},
		{checks.Exit, "handler-once", func(o *lab.Observation) {
			o.Stdout = append(o.Stdout, "handler: called in process 1\n"...)
		}},
		{checks.Exit, "still-prints", func(o *lab.Observation) {
			each(o, trace.KindWrite, func(e *trace.Event) {
				if e.Process == "P0" {
					e.Result = 0
				}
			})
		}},
		{checks.Exit, "fclose-fails", func(o *lab.Observation) {
			each(o, trace.KindClose, func(e *trace.Event) { e.Errno = "EBADF" })
		}},
		{checks.Exit, "fclose-fails", func(o *lab.Observation) {
			each(o, trace.KindWrite, func(e *trace.Event) {
				e.Data = bytes.Replace(e.Data, []byte("after fclose in the child printf gave -1"), []byte("after fclose in the child printf gave ok"), 1)
			})
		}},
		{checks.Return, "child-returns", func(o *lab.Observation) {
			each(o, trace.KindExit, func(e *trace.Event) { e.Status = 11 })
		}},
		{checks.Return, "parent-dies", func(o *lab.Observation) {
			each(o, trace.KindExit, func(e *trace.Event) { e.Status = 0 })
		}},
		{checks.Cost, "fork-copies-tables", func(o *lab.Observation) {
			each(o, trace.KindSnapshot, func(e *trace.Event) {
				for _, s := range e.Snapshot {
					if s.Process != "P0" {
						s.Files["status"] = "VmPTE:\t 100 kB\n"
					}
				}
			})
		}},
		{checks.Cost, "vfork-copies-none", func(o *lab.Observation) {
			each(o, trace.KindVfork, func(e *trace.Event) { e.SameVM = new(bool) })
		}},
		{checks.Cost, "said-right", func(o *lab.Observation) {
			o.Stdout = bytes.Replace(o.Stdout, []byte("copies 2 kB"), []byte("copies 9 kB"), 1)
		}},
	}
	seen := map[string]bool{}
	for _, d := range doctored {
		seen[d.x.Name+"/"+d.claim] = true
		t.Run(d.x.Name+"/"+d.claim, func(t *testing.T) {
			t.Parallel()
			if d.x.CMain {
				labtest.DoctoredTwin(t, d.x, d.claim, d.doctor)
			} else {
				labtest.Doctored(t, d.x, d.claim, d.doctor)
			}
		})
	}
	for _, x := range checks.All {
		for _, c := range x.Claims {
			if !x.Exercise && !seen[x.Name+"/"+c.Name] {
				t.Errorf("nothing breaks %s/%s", x.ID(), c.Name)
			}
		}
	}
}
