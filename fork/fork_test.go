//go:build linux

package main

import (
	"testing"

	"apue/ch8/lab"
	"apue/ch8/lab/labtest"
	"apue/ch8/trace"
	"apue/fork/checks"
)

func TestMain(m *testing.M) { labtest.Main(m) }

func TestMenu(t *testing.T)   { labtest.Menu(t, checks.All) }
func TestChecks(t *testing.T) { labtest.Checks(t, checks.All) }
func TestWrong(t *testing.T)  { labtest.Wrong(t, checks.All) }
func TestRight(t *testing.T)  { labtest.Right(t, checks.All) }
func TestSheet(t *testing.T)  { labtest.Sheet(t, checks.All) }

func TestDoctoredOffset(t *testing.T) {
	labtest.Doctored(t, checks.Offset, "moved", func(o *lab.Observation) {
		for _, e := range o.Events(trace.KindSeek) {
			if e.Process == "P0" {
				e.Result = 30 // as if the parent had an offset of its own
			}
		}
	})
}
