//go:build linux

package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"apue/fork/checks"
	"apue/internal/lab"
	"apue/internal/lab/labtest"
	"apue/internal/sampling"
	"apue/internal/trace"
)

// A doctor changes an observation so that a claim does not hold.
type doctor = func(*lab.Observation)

// doctored sees each claim of the table fail.
func doctored(t *testing.T, x *lab.Experiment, table map[string]doctor) {
	for claim, d := range table {
		t.Run(claim, func(t *testing.T) {
			t.Parallel()
			labtest.Doctored(t, x, claim, d)
		})
	}
	for _, c := range x.Claims {
		if table[c.Name] == nil && !x.Exercise {
			t.Errorf("%s/%s was never seen to fail", x.ID(), c.Name)
		}
	}
}

// doctoredAll sees all claims fail of one doctored program.
func doctoredAll(t *testing.T, x *lab.Experiment, d doctor) {
	for _, c := range x.Claims {
		t.Run(c.Name, func(t *testing.T) { labtest.Doctored(t, x, c.Name, d) })
	}
}

// wrote replaces text in what the program wrote.
func wrote(old, new string) doctor {
	return func(o *lab.Observation) {
		for _, e := range o.Events(trace.KindWrite) {
			e.Data = bytes.ReplaceAll(e.Data, []byte(old), []byte(new))
			if e.Result > 0 {
				e.Result = int64(len(e.Data))
			}
		}
	}
}

// states changes what /proc said of the processes whose name fits.
func states(fits func(name string) bool, change func(*trace.ProcState, []trace.ProcState)) doctor {
	return func(o *lab.Observation) {
		for _, e := range o.Events(trace.KindSnapshot) {
			for i := range e.Snapshot {
				if fits(e.Snapshot[i].Process) {
					change(&e.Snapshot[i], e.Snapshot)
				}
			}
		}
	}
}

// level fits the processes so many forks below the first one.
func level(n int) func(string) bool {
	return func(name string) bool { return strings.Count(name, ".") == n }
}

func TestDoctoredOffset(t *testing.T) {
	t.Parallel()
	doctored(t, checks.Offset, map[string]doctor{
		"moved": func(o *lab.Observation) {
			for _, e := range o.Events(trace.KindSeek) {
				if e.Process == "P0" {
					e.Result = 30 // as if the parent had an offset of its own
				}
			}
		},
	})
}

// TestOffsetWithoutKcmp judges the programs of the zoo as where the
// kernel refuses kcmp, so that no open file description is known. Every
// third program is in the sample.
func TestOffsetWithoutKcmp(t *testing.T) {
	t.Parallel()
	refused := func(o *lab.Observation) {
		for i := range o.Recording.Events {
			o.Recording.Events[i].OFD = 0
		}
	}
	sources, err := filepath.Glob("testdata/*/offset/*.c")
	if err != nil || len(sources) < 10 {
		t.Fatalf("%d programs, %v", len(sources), err)
	}
	for _, source := range sampling.Every(3, sources) {
		t.Run(source, func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(source)
			if err != nil {
				t.Fatal(err)
			}
			_, after, _ := strings.Cut(string(text), "fails: ")
			fails, _, _ := strings.Cut(after, "*/")
			b := &lab.Bench{Experiment: checks.Offset, Program: lab.Program{Args: []string{labtest.C(t, source)}}, Doctor: refused}
			rep, err := b.Check(t.Context(), "")
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range rep.Results {
				want := lab.Pass
				if slices.Contains(strings.Fields(fails), r.Claim.Name) {
					want = lab.Fail
				}
				if r.Status == lab.NotJudged {
					r.Status = lab.Fail
				}
				if r.Status != want {
					t.Errorf("%s: %s, not %s: %s%s", r.Claim.Name, r.Status, want, r.Observed, r.Reason)
				}
			}
		})
	}
}

func TestDoctoredReturns(t *testing.T) {
	t.Parallel()
	doctored(t, checks.Returns, map[string]doctor{
		"twice": func(o *lab.Observation) {
			for _, e := range o.Events(trace.KindFork, trace.KindClone) {
				e.Kind = trace.KindNote
			}
		},
		"zero": wrote("child: fork returned 0", "child: fork returned 7"),
		"pid":  wrote("parent: fork returned ", "parent: fork returned 1"),
		"parent": states(level(1), func(p *trace.ProcState, _ []trace.ProcState) {
			p.Files["status"] = strings.ReplaceAll(p.Files["status"], "PPid:\t", "PPid:\t1")
		}),
		"unique": states(level(0), func(p *trace.ProcState, all []trace.ProcState) {
			for _, c := range all {
				if c.Process == "P0.1" {
					p.Files["stat"] = fmt.Sprintf("1 (x) S 1 %d 1", c.Pid) // its group has the child's id
				}
			}
		}),
	})
}

func TestDoctoredInherit(t *testing.T) {
	t.Parallel()
	doctoredAll(t, checks.Inherit, func(o *lab.Observation) {
		wrote("set by ", "changed by ")(o)
		// As if the child had what the first process has.
		states(level(2), func(p *trace.ProcState, all []trace.ProcState) {
			p.Files = all[0].Files
		})(o)
	})
}

func TestDoctoredDiffer(t *testing.T) {
	t.Parallel()
	doctoredAll(t, checks.Differ, func(o *lab.Observation) {
		// As if each child were like its parent.
		states(level(2), func(p *trace.ProcState, all []trace.ProcState) {
			for _, q := range all {
				if p.Process == q.Process+".1" || p.Process == q.Process+".2" {
					p.Files = q.Files
				}
			}
		})(o)
		states(level(1), func(p *trace.ProcState, all []trace.ProcState) {
			if status, _, _ := strings.Cut(p.Files["status"], "Threads:"); len(all) == 2 {
				p.Files["status"] = status + "Threads:\t9\n"
			}
		})(o)
		wrote("fork's return value       ", "fork's return value       1")(o)
		// And as if flock's locks were not inherited.
		states(level(2), func(p *trace.ProcState, _ []trace.ProcState) {
			for name, info := range p.Files {
				p.Files[name] = strings.ReplaceAll(info, "FLOCK", "OTHER")
			}
		})(o)
	})
}

func TestDoctoredMemory(t *testing.T) {
	t.Parallel()
	smaps := func(old, new string) doctor {
		return states(func(name string) bool { return name != "P0" }, func(p *trace.ProcState, _ []trace.ProcState) {
			p.Files["smaps"] = strings.ReplaceAll(p.Files["smaps"], old, new)
		})
	}
	// column writes 77 into a column of the rows "… at the end".
	column := func(n int) doctor {
		return func(o *lab.Observation) {
			for _, e := range o.Events(trace.KindWrite) {
				f := strings.Fields(string(e.Data))
				if len(f) == 9 && f[3] == "end" {
					f[3+n] = "77"
					e.Data = []byte(strings.Join(f[:4], " ") + "  " + strings.Join(f[4:], "  ") + "\n")
					e.Result = int64(len(e.Data))
				}
			}
		}
	}
	doctored(t, checks.Memory, map[string]doctor{
		"data": column(1), "heap": column(2), "stack": column(3), "private": column(4),
		"shared":        column(5),
		"text":          smaps("r-xp 0", "r-xp 1"),
		"copy-on-write": smaps("Private_Dirty:        20 kB", "Private_Dirty:        64 kB"),
	})
}

func TestDoctoredDescriptors(t *testing.T) {
	t.Parallel()
	anyone := func(string) bool { return true }
	info := func(fits func(string) bool, fd string, flags string) doctor {
		return states(fits, func(p *trace.ProcState, _ []trace.ProcState) {
			if p.Files["fdinfo/"+fd] != "" {
				p.Files["fdinfo/"+fd] = "flags:\t" + flags + "\n"
			}
		})
	}
	doctored(t, checks.Descriptors, map[string]doctor{
		"close": states(level(0), func(p *trace.ProcState, _ []trace.ProcState) {
			delete(p.Files, "fd/50")
		}),
		"flag-copied": info(level(1), "50", "0"),
		"flag-own":    info(level(0), "50", "0"),
		"eof":         wrote(" no end of file", " end of file: 0 bytes"),
		"opendir": states(anyone, func(p *trace.ProcState, _ []trace.ProcState) {
			for name := range p.Files {
				if strings.HasPrefix(name, "fdinfo/") {
					p.Files[name] = "flags:\t02000000\n"
				}
			}
		}),
	})
}

func TestDoctoredIds(t *testing.T) {
	t.Parallel()
	// gives changes the id that the fork gave when it was asked for
	// the nth time.
	gives := func(n, id int) doctor {
		return func(o *lab.Observation) {
			for _, e := range o.Events(trace.KindFork, trace.KindClone) {
				if strings.Count(e.Process, ".") == 2 {
					if n--; n < 0 {
						e.ChildNSpid = id
						return
					}
				}
			}
		}
	}
	doctored(t, checks.Ids, map[string]doctor{
		"agree": wrote("effective gid ", "effective gid 9"),
		"not-at-once": func(o *lab.Observation) {
			forks := o.Events(trace.KindFork, trace.KindClone)
			forks[60].Child, forks[61].Child = 4711, 4711
		},
		"zombie-skipped": gives(2, 50),
		"given-again":    gives(3, 52),
		"group-skipped":  gives(6, 60),
		"first": func(o *lab.Observation) {
			o.Stdout = bytes.ReplaceAll(o.Stdout, []byte("a user process"), []byte("a thread of the kernel"))
		},
		"first-survives": func(o *lab.Observation) {
			for _, e := range o.Events(trace.KindKill) {
				e.Errno = "EPERM"
			}
		},
		"second": func(o *lab.Observation) {
			o.Stdout = bytes.ReplaceAll(o.Stdout, []byte("2 is "), []byte("2 was "))
		},
		"zero": func(o *lab.Observation) {
			o.Stdout = bytes.ReplaceAll(o.Stdout, []byte("0 is no"), []byte("0 is a"))
		},
		"no-error": wrote("its parent is 0", "its parent is -1"),
	})
}

func TestDoctoredInterleave(t *testing.T) {
	t.Parallel()
	doctored(t, checks.Interleave, map[string]doctor{
		"complete": func(o *lab.Observation) {
			for _, e := range o.Events(trace.KindWrite) {
				e.FilePos-- // as if a byte had been written over
			}
		},
		"both-ways": func(o *lab.Observation) {
			for _, e := range o.Events(trace.KindWait) {
				e.Entered = 0
			}
		},
	})
	t.Run("told", func(t *testing.T) {
		t.Parallel()
		labtest.Doctored(t, checks.Interleave, "both-ways", func(o *lab.Observation) {
			for _, e := range o.Events(trace.KindOpen) {
				if strings.Contains(e.Path, "/interleave.") {
					e.Kind = trace.KindPipe
				}
			}
		})
	})
}
