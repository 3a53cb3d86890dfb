//go:build linux

package main

import (
	"strings"
	"testing"

	"apue/fork/checks"
	"apue/internal/lab"
	"apue/internal/trace"
)

func TestDoctoredLimit(t *testing.T) {
	t.Parallel()
	errno := func(o *lab.Observation) {
		for _, e := range o.Events(trace.KindFork) {
			if e.Errno != "" {
				e.Errno = "ENOMEM"
			}
		}
	}
	secondFails := func(o *lab.Observation) {
		seen := 0
		for _, e := range o.Events(trace.KindFork) {
			if e.Errno != "" {
				if seen++; seen == 2 {
					e.Kind = trace.KindNote
				}
			}
		}
	}
	unreaped := func(o *lab.Observation) {
		for _, e := range o.Events(trace.KindWait) {
			e.Result = -1
		}
	}
	doctored(t, checks.Limit, map[string]doctor{
		"user-limit": errno, "system-limit": errno,
		"user-zombies": secondFails, "system-zombies": secondFails,
		"user-reaped": unreaped, "system-reaped": unreaped,
		"root-exempt": states(func(string) bool { return true }, func(p *trace.ProcState, _ []trace.ProcState) {
			p.Files["limits"] = strings.Replace(p.Files["limits"], "Max processes             1 ", "Max processes             9 ", 1)
		}),
		"child-max": states(func(string) bool { return true }, func(p *trace.ProcState, _ []trace.ProcState) {
			p.Files["limits"] = strings.Replace(p.Files["limits"], "Max processes             ", "Max processes             1", 1)
		}),
	})
}
