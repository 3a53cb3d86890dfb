package labtest

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"apue/ch8/proc"
	"apue/internal/lab"
	"apue/internal/sampling"
	"apue/internal/sandbox"
	"apue/internal/trace"
)

// Tasks checks that each sentence with which as-asked explains a failure
// stands in the task.
func Tasks(t *testing.T, all lab.Registry) {
	for _, x := range all {
		if !x.Exercise {
			continue
		}
		task := strings.Join(strings.Fields(x.Task), " ")
		c := x.Claim("as-asked")
		if c == nil {
			t.Errorf("%s has no claim as-asked", x.ID())
			continue
		}
		for _, e := range c.Excludes {
			if sentence := strings.Join(strings.Fields(e.Sentence), " "); !strings.Contains(task, sentence) {
				t.Errorf("%s/as-asked quotes %q, which is not in the task:\n%s", x.ID(), sentence, x.Task)
			}
		}
	}
}

// Questions checks the moments and the questions of every experiment on a
// run of the folder's program, and on the recording that ch8 has of it:
// each experiment has a moment and two questions, each moment and each
// question is there, the right answer is among the answers, and no two
// answers are the same. The sample has a run of every third one of the
// experiments of which ch8 has no recording.
func Questions(t *testing.T, all lab.Registry) {
	t.Parallel()
	unrecorded := 0
	for _, x := range all {
		rec := shipped(t, x)
		run := sampling.All()
		if rec == nil {
			run = sampling.Has(unrecorded, 3)
			unrecorded++
		}
		t.Run(x.Name, func(t *testing.T) {
			t.Parallel()
			if len(x.Moments) < 1 || len(x.Questions) < 2 {
				t.Fatalf("%s has %d moments and %d questions", x.ID(), len(x.Moments), len(x.Questions))
			}
			answersDiffer(t, x)
			if rec != nil {
				answered(t, x, x.Observe(rec))
			}
			if run {
				answeredByRun(t, x)
			}
		})
	}
}

// answeredByRun checks the same on a run of the folder's program.
func answeredByRun(t *testing.T, x *lab.Experiment) {
	inSample(t, x)
	run := lab.Run{Stdout: sandbox.Pipe, Args: x.MomentArgs, Trace: *x.Shown()}
	o, err := once(x, Reference(t, x))(run)
	if err != nil {
		Cannot(t, x.ID()+"/questions", err.Error(), "")
	}
	switch {
	case proc.WaitStatus(o.Status).ExitStatus() == 2:
		t.Logf("no run is looked at: %s", strings.TrimSpace(string(o.Stderr)))
	case IsRaised(x):
		t.Log("no run is looked at: the question is about a nice value of 0, which this test does not have")
	default:
		answered(t, x, x.Observe(o.Recording))
	}
}

// IsRaised reports whether the experiment is about the nice value, and this
// test has another one than 0.
func IsRaised(x *lab.Experiment) bool {
	return x.ID() == "system/nice" && LookAtMachine().Nice != 0
}

// answersDiffer checks what needs no run.
func answersDiffer(t *testing.T, x *lab.Experiment) {
	names := map[string]bool{}
	for _, m := range x.Moments {
		if names[m.Name] || m.Says == "" {
			t.Errorf("the moment %q has no text, or there are two", m.Name)
		}
		names[m.Name] = true
	}
	asked := map[string]bool{}
	for _, q := range x.Questions {
		if asked[q.Name] || !strings.HasSuffix(q.Ask, "?") || q.Why == "" {
			t.Errorf("the question %q does not end in a question mark, has no reason, or there are two", q.Name)
		}
		asked[q.Name] = true
		if len(q.Answers) < 2 || len(slices.Compact(slices.Sorted(slices.Values(q.Answers)))) != len(q.Answers) {
			t.Errorf("the answers to %q are not two or more different ones: %q", q.Ask, q.Answers)
		}
		if q.Moment != "" && !names[q.Moment] {
			t.Errorf("the question %q names the moment %q, which is not there", q.Name, q.Moment)
		}
	}
}

// answered checks that the run has all moments, and that it answers all
// questions with one of the answers.
func answered(t *testing.T, x *lab.Experiment, o *lab.Observation) {
	t.Helper()
	have := map[string]bool{}
	for _, m := range x.MomentsIn(o) {
		have[m.Name] = true
		if m.Event.Process == "" {
			t.Errorf("the moment %q is of no process", m.Name)
		}
	}
	for _, m := range x.Moments {
		if !have[m.Name] {
			t.Errorf("the run has no moment %q", m.Name)
		}
	}
	right := map[string]bool{}
	for _, q := range x.QuestionsIn(o) {
		right[q.Name] = true
		if !slices.Contains(q.Answers, q.Answer) {
			t.Errorf("%q: the right answer, %q, is not among %q", q.Ask, q.Answer, q.Answers)
		}
	}
	for _, q := range x.Questions {
		if !right[q.Name] {
			t.Errorf("the run does not answer %q", q.Ask)
		}
	}
}

// shipped is the recording of the experiment that comes with ch8, nil if
// there is none.
func shipped(t *testing.T, x *lab.Experiment) *trace.Recording {
	f, err := os.Open(filepath.Join("..", "ch8", "recordings", x.Dir+"-"+x.Name+".jsonl"))
	if err != nil {
		return nil
	}
	defer f.Close()
	rec, err := trace.ReadRecording(f)
	if err != nil {
		t.Fatal(err)
	}
	return rec
}
