//go:build linux

package main

import (
	"os"
	"testing"

	"apue/ch8/lab/labtest"
	"apue/doublefork/checks"
)

func TestMain(m *testing.M) { labtest.Main(m) }

// In parallel: the wrong programs mostly sleep.

func TestMenu(t *testing.T)   { t.Parallel(); labtest.Menu(t, checks.All) }
func TestChecks(t *testing.T) { t.Parallel(); labtest.Checks(t, checks.All) }
func TestWrong(t *testing.T)  { t.Parallel(); labtest.Wrong(t, checks.All) }
func TestRight(t *testing.T)  { t.Parallel(); labtest.Right(t, checks.All) }
func TestSheet(t *testing.T)  { t.Parallel(); labtest.Sheet(t, checks.All) }

func read(t *testing.T, name string) string {
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
