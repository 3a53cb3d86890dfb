package checks

import (
	"fmt"
	"strconv"
	"strings"

	"apue/ch8/proc"
	"apue/internal/lab"
	"apue/internal/show"
	"apue/internal/trace"
)

var accountRun, accountErrors = watched(), watched("--errors")

// Account checks the kernel's accounting records.
var Account = &lab.Experiment{
	Dir: "system", Name: "account", Ref: "§8.14, Fig. 8.26 to 8.29",
	Title: "the kernel's record of each process",
	Claims: []lab.Claim{
		claim("one-a-process", "there is one record for each process that ended, with its pid, its parent and its wait status",
			"because the kernel writes it when the process ends",
			[3]string{"How many records are there, and of which processes?", "One for each end, none for an exec.", "compare the pids with ch8 trace"}, accountJudge(accountEach)),
		claim("termination-order", "the records are in the order of the ends",
			"because each is written at an end",
			[3]string{"In which order did the processes end?", "The parent ends after its children.", "the last record is the first process's"}, accountJudge(accountOrder)),
		claim("before-the-wait", "a zombie's record is there already, and a running process has none",
			"because the record is written at the end, not at the wait",
			[3]string{"Is the record of a child there before its parent waits?", "waitid with WNOWAIT holds the moment.", "count the records then"}, accountZombie),
		claim("forked", "AFORK is set for a process that never executed, and cleared by an exec",
			"because fork sets the flag and exec clears it",
			[3]string{"Which of the records have no AFORK?", "Those of processes that executed a program.", "ac_flag & AFORK"}, accountJudge(accountForked)),
		claim("one-for-three", "a process that executes three programs has one record, with the name of the last",
			"because an exec begins no new record",
			[3]string{"How many programs did the process with the name sleep execute?", "The record is the process's.", "sh -c 'exec sh -c \"exec sleep 0\"'"}, accountJudge(accountThree)),
		claim("killed", "AXSIG is set for a process that a signal ended, and the wait status says which",
			"because the record has both",
			[3]string{"How can the flag be told from the exit status?", "ac_exitcode is the word that wait gives.", "ac_flag & AXSIG"}, accountJudge(accountKilled)),
		claim("privileged", "ASU is set for a process that used a privilege, and not for its brother",
			"because the kernel notes the first use",
			[3]string{"Which call needed the privilege?", "mknod of a device.", "ac_flag & ASU"}, accountJudge(accountPrivileged)),
		claim("core", "ACORE is set for abort although no core file was written: it is not the core bit",
			"because the kernel sets it when it tries to write one",
			[3]string{"Did a core file appear?", "RLIMIT_CORE was 0, so the core bit of the status is clear.", "ac_flag & ACORE, and WCOREDUMP"}, accountJudge(accountCore)),
		claim("off-writes", "turning accounting off writes a record of the caller, which goes on living",
			"because the kernel closes its file with one",
			[3]string{"Of which process is the last record?", "It is alive when it reads it.", "acct(NULL)"}, accountJudge(accountOff)),
		claim("errors", "acct fails with ENOENT, EISDIR, EACCES for a device, EINVAL for a file of /proc, and EPERM without the privilege",
			"because it needs a regular file that it can append to",
			[3]string{"Which files will not do?", "Only a regular file of a real file system.", "errno of each call"}, accountRefused),
	},
	Cast: func(o *lab.Observation) lab.Cast {
		first := o.Processes()[0]
		c := lab.Cast{}.With("original", first)
		for _, p := range first.Children {
			c = c.With("accountant", p).Numbered(p.Children)
		}
		return c
	},
	Moments: []lab.Moment{
		{Name: "on", Says: "Accounting is on: from here on the kernel writes a record for each process of this namespace that ends.",
			At: func(o *lab.Observation) *trace.Event {
				for _, e := range o.Events(trace.KindAcct) {
					if e.Path != "" && e.Errno == "" {
						return e
					}
				}
				return nil
			}},
		{Name: "three", Says: "The same process executes another program. Its accounting record is still the one that began at the fork.",
			At: func(o *lab.Observation) *trace.Event {
				for _, p := range o.Processes() {
					if program(p) == "sleep" {
						return p.Exec
					}
				}
				return nil
			}},
	},
	Questions: []lab.Question{{
		Name: "records", Ask: "One process executes sh, then sh once more, then sleep, and ends. How many accounting records does it get?",
		Answers: []string{"none", "one, named sh", "one, named sleep", "three"},
		Right: func(o *lab.Observation) string {
			n := 0
			for _, r := range accountRecords(o) {
				if r.comm == "sleep" {
					n++
				}
			}
			if n != 1 {
				return ""
			}
			return "one, named sleep"
		},
		Why: "The record belongs to the process: it begins at the fork and is written at the end, with the name of the last program.", Moment: "three",
	}, {
		Name: "zombie", Ask: "A child has ended, and its parent has not waited for it. Is its accounting record in the file?",
		Answers: []string{"yes: it is written at the end", "no: it is written at the wait", "only if it was killed by a signal"},
		Right: func(o *lab.Observation) string {
			for _, l := range o.Printed("records, one child a zombie: ") {
				for _, p := range l.By.Children {
					if p.Died >= 0 && p.Died < l.Write.Time && p.Reaped > l.Write.Time {
						return "yes: it is written at the end"
					}
				}
			}
			return ""
		},
		Why: "The kernel writes the record when the process ends. So the records are in the order of the ends, not of the starts.",
	}},
}

// accountRecord is a line that the program made of a record.
type accountRecord struct {
	comm      string
	pid, ppid int
	version   int
	ended     string
	flags     string
	line      string
	process   *trace.Process // with this pid in the namespace; nil if none
}

var accountLine = show.Pattern(`^(\S+): pid (\d+), parent (\d+), version (\d+), (exited \d+|killed by \w+ \(\d+\))((?: A[A-Z]+)*)$`)

// accountRecords are the lines of the records.
func accountRecords(o *lab.Observation) (all []accountRecord) {
	for _, l := range o.Lines() {
		m := accountLine().FindStringSubmatch(l)
		if m == nil {
			continue
		}
		r := accountRecord{comm: m[1], ended: m[5], flags: m[6] + " ", line: l}
		r.pid, _ = strconv.Atoi(m[2])
		r.ppid, _ = strconv.Atoi(m[3])
		r.version, _ = strconv.Atoi(m[4])
		for i, p := range o.Processes() {
			// The first process of the namespace has the pid 1 there.
			if i == 1 && r.pid == 1 || i > 1 && p.NSpid == r.pid {
				r.process = p
			}
		}
		all = append(all, r)
	}
	return all
}

func accountJudge(f func(*lab.Observation, []accountRecord) lab.Verdict) func(*lab.Bench) lab.Verdict {
	return func(b *lab.Bench) lab.Verdict {
		o, cannot := run(b, accountRun)
		if cannot != nil {
			return *cannot
		}
		all := accountRecords(o)
		if len(all) == 0 {
			return o.Fail("no record was printed: "+lab.Quote(o.Lines()), "the kernel wrote none; below 2 % free space of the file system it says nothing")
		}
		return f(o, all)
	}
}

// accountDead are the records but the last, which is of acct(NULL).
func accountDead(all []accountRecord) []accountRecord { return all[:len(all)-1] }

func accountEach(o *lab.Observation, all []accountRecord) lab.Verdict {
	seen := map[*trace.Process]bool{}
	for _, r := range accountDead(all) {
		p := r.process
		switch {
		case p == nil || seen[p] || p.Exit == nil:
			return o.Fail(fmt.Sprintf("%q is of no process that ended, or the second of one", r.line), "each record is one process's")
		case r.version != 3:
			return o.Fail(fmt.Sprintf("the version is %d", r.version), "it should be 3, with pid, parent and wait status")
		case r.ppid != 1 || p.Parent != o.Processes()[1]:
			return o.Fail(fmt.Sprintf("%q names the parent %d", r.line, r.ppid), "its parent was the first process of the namespace")
		case proc.WaitStatus(p.Exit.Status&^0x80).Short() != r.ended:
			return o.Fail(fmt.Sprintf("%q says %q", r.line, r.ended), fmt.Sprintf("it %s", lab.Ended(p.Exit.Status)))
		}
		seen[p] = true
	}
	if n := len(o.Processes()) - 2; len(seen) != n {
		return o.Fail(fmt.Sprintf("%d records for %d processes that ended", len(seen), n), "there is one for each")
	}
	return o.Passed("%d records, each with pid, parent and wait status of a process that ended", len(seen))
}

func accountOrder(o *lab.Observation, all []accountRecord) lab.Verdict {
	last := int64(-1)
	for _, r := range accountDead(all) {
		if r.process == nil || r.process.Died < last {
			return o.Fail(fmt.Sprintf("the record %q is out of order", r.line), "records are written at the ends, one after the other")
		}
		last = r.process.Died
	}
	return o.Passed("%d records in the order of the ends", len(all)-1)
}

func accountZombie(b *lab.Bench) lab.Verdict {
	o, cannot := run(b, accountRun)
	if cannot != nil {
		return *cannot
	}
	lines := o.Printed("records, one child a zombie: ")
	if len(lines) == 0 {
		return o.Fail("no line says how many records there were", "there is nothing to compare")
	}
	l := lines[0]
	zombies, ended := 0, 0
	for _, p := range l.By.Children {
		if p.Died >= 0 && p.Died < l.Write.Time {
			ended++
			if p.Reaped > l.Write.Time {
				zombies++
			}
		}
	}
	n, _ := strconv.Atoi(l.Text[len("records, one child a zombie: "):])
	if zombies != 1 || n != ended {
		return o.Fail(fmt.Sprintf("%d records, %d processes had ended, %d of them a zombie", n, ended, zombies), "the zombie's record should be there, and the reader's own not")
	}
	return o.Passed("%d records for %d processes that had ended, one of them a zombie; none of the one that read them", n, ended)
}

func accountForked(o *lab.Observation, all []accountRecord) lab.Verdict {
	for _, r := range accountDead(all) {
		if p := r.process; p == nil || strings.Contains(r.flags, " AFORK ") == (p.Exec != nil) {
			return o.Fail(fmt.Sprintf("the record %q", r.line), "AFORK is for a process that executed nothing, and only for that")
		}
	}
	return o.Passed("AFORK was set for %d processes that executed nothing, and clear for the other", len(all)-2)
}

func accountThree(o *lab.Observation, all []accountRecord) lab.Verdict {
	for _, r := range accountDead(all) {
		if r.process == nil || r.process.Exec == nil {
			continue
		}
		n := 0
		for _, e := range o.EventsOf(r.process, trace.KindExec) {
			if e.Errno == "" {
				n++
			}
		}
		if n != 3 || r.comm != "sleep" {
			return o.Fail(fmt.Sprintf("%q is of a process that executed %d programs", r.line, n), "three programs, and the name of the last, are to be seen")
		}
		return o.Passed("the process executed %d programs and has one record, with the name sleep", n)
	}
	return o.Fail("no record is of a process that executed a program", "one should be")
}

func accountKilled(o *lab.Observation, all []accountRecord) lab.Verdict {
	n := 0
	for _, r := range accountDead(all) {
		w, ok := lab.Word(r.process)
		if !ok || strings.Contains(r.flags, " AXSIG ") != w.Signaled() {
			return o.Fail(fmt.Sprintf("the record %q", r.line), "AXSIG is for a death by signal, and only for that")
		}
		if w.Signaled() {
			n++
		}
	}
	if n < 2 {
		return o.Fail(fmt.Sprintf("%d processes were killed by a signal", n), "two should be")
	}
	return o.Passed("AXSIG was set for the %d processes that a signal ended", n)
}

func accountPrivileged(o *lab.Observation, all []accountRecord) lab.Verdict {
	n := 0
	for _, r := range accountDead(all) {
		if strings.Contains(r.flags, " ASU ") {
			n++
		}
	}
	if n != 1 {
		return o.Fail(fmt.Sprintf("%d records have ASU", n), "one process used a privilege, the others did not")
	}
	return o.Passed("ASU was set for the one process that made a device, and for no other")
}

func accountCore(o *lab.Observation, all []accountRecord) lab.Verdict {
	for _, r := range accountDead(all) {
		if !strings.HasPrefix(r.ended, "killed by SIGABRT") {
			continue
		}
		w, _ := lab.Word(r.process)
		if !strings.Contains(r.flags, " ACORE ") || w.CoreDump() {
			return o.Fail(fmt.Sprintf("the record %q, the status word 0x%04x", r.line, uint32(w)), "ACORE should be set, and the core bit clear")
		}
		return o.Passed("ACORE was set, and the status word 0x%04x has no core bit", uint32(w))
	}
	return o.Fail("no record is of a process that SIGABRT killed", "one should be")
}

func accountOff(o *lab.Observation, all []accountRecord) lab.Verdict {
	last := all[len(all)-1]
	var off *trace.Event
	for _, e := range o.Events(trace.KindAcct) {
		if e.Path == "" && e.Errno == "" {
			off = e
		}
	}
	if off == nil || last.process == nil || last.process.Name != off.Process || last.process.Died >= 0 && last.process.Died < off.Time {
		return o.Fail(fmt.Sprintf("the last record is %q", last.line), "it should be of the process that called acct(NULL), which was alive")
	}
	return o.Passed("the last record is of the process that called acct(NULL) and printed it")
}

func accountRefused(b *lab.Bench) lab.Verdict {
	o, cannot := run(b, accountErrors)
	if cannot != nil {
		return *cannot
	}
	var got []string
	for _, e := range o.Events(trace.KindAcct) {
		got = append(got, e.Errno)
	}
	const want = "ENOENT EISDIR EACCES EINVAL EPERM"
	if s := strings.Join(got, " "); s != want {
		if strings.Trim(strings.ReplaceAll(s, "EPERM", ""), " ") == "" {
			return lab.Cannot("accounting takes CAP_SYS_PACCT in the first user namespace", "run it as root, outside of user namespaces")
		}
		return o.Fail("the calls of acct gave "+s, "they should give "+want)
	}
	return o.Passed("the five calls gave %s", want)
}
