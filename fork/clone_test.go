//go:build linux

package main

import (
	"testing"

	"apue/fork/checks"
	"apue/internal/lab"
	"apue/internal/trace"
)

func TestDoctoredClone(t *testing.T) {
	t.Parallel()
	doctored(t, checks.Clone, map[string]doctor{
		"flags": func(o *lab.Observation) {
			for _, e := range o.Events(trace.KindFork) {
				e.Flags = 17
			}
		},
		"files": states(level(1), func(p *trace.ProcState, _ []trace.ProcState) {
			p.Files["fd/9"] = "/dev/null"
		}),
		"fs": states(level(1), func(p *trace.ProcState, _ []trace.ProcState) {
			p.Files["cwd"] = "/"
		}),
		"vm": func(o *lab.Observation) {
			for _, e := range o.Events(trace.KindVforkDone) {
				e.Words = nil
			}
		},
		"said-right": wrote("memory shared", "memory own"),
	})
}
