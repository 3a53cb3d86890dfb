//go:build linux

package main

import (
	"testing"

	"apue/ch8/lab"
	"apue/ch8/trace"
	"apue/fork/checks"
)

func TestDoctoredRace(t *testing.T) {
	// As if the first child had written its first character first.
	early := func(child string) doctor {
		return func(o *lab.Observation) {
			for _, e := range o.Events(trace.KindWrite) {
				if e.Process == child && string(e.Data) == "o" {
					e.Time = 1
					return
				}
			}
		}
	}
	lost := func(o *lab.Observation) {
		for _, e := range o.Events(trace.KindWrite) {
			if string(e.Data) == "d" {
				e.Result = -1
				return
			}
		}
	}
	// As if the parents had collected the children.
	reaped := func(o *lab.Observation) {
		for i, e := range o.Events(trace.KindWait) {
			e.Process = []string{"P0.1", "P0.2", "P0.3"}[i%3]
			e.ResultProcess = e.Process + ".1"
			e.Result = 1
		}
	}
	doctored(t, checks.Race, map[string]doctor{
		"told": early("P0.1"), "complete": lost, "three": early("P0.1.1"), "mixes": reaped,
	})
}
