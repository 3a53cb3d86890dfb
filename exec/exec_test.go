//go:build linux

package main

import (
	"testing"

	"apue/exec/checks"
	"apue/internal/lab/labtest"
)

func TestMain(m *testing.M) { labtest.Main(m) }

func TestMenu(t *testing.T)      { labtest.Menu(t, checks.All) }
func TestChecks(t *testing.T)    { labtest.Checks(t, checks.All) }
func TestIsolated(t *testing.T)  { labtest.Isolated(t, checks.All, "cloexec") }
func TestWrong(t *testing.T)     { labtest.Wrong(t, checks.All) }
func TestRight(t *testing.T)     { labtest.Right(t, checks.All) }
func TestSheet(t *testing.T)     { labtest.Sheet(t, checks.All) }
func TestTasks(t *testing.T)     { labtest.Tasks(t, checks.All) }
func TestQuestions(t *testing.T) { labtest.Questions(t, checks.All) }
func TestProgram(t *testing.T)   { labtest.Program(t, checks.All) }

func TestUnsaid(t *testing.T) {
	labtest.Unsaid(t, checks.All, map[string]string{
		"echoall/fixed": "found", "redirect/number-two": "executed", "report/no-flag": "worked",
		"signals/killed": "alarm", "script/mode": "executed",
	})
}
