//go:build 386 || amd64 || arm64

package record

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"testing"

	"golang.org/x/sys/unix"

	"apue/internal/procfs"
	"apue/internal/sampling"
	"apue/internal/trace"
)

// TestTables records random programs of open, dup, close, pipe, lseek,
// close-on-exec, fork and exec, and compares the descriptor tables that are
// rebuilt from the recording with those that the kernel shows: the same
// descriptors, flags and offsets, and the same pairs that share an open
// file description, in one process and in two.
func TestTables(t *testing.T) {
	path := cProgram(t, "tables")
	t.Chdir(t.TempDir())
	for seed := range sampling.Number(10, 1000) {
		var look kernelTables
		r := &trace.Recording{}
		o := Options{Files: true, Snapshots: true, Begin: func(h *trace.Header) error { r.Header = *h; return nil }}
		o.Sink = func(e *trace.Event) error {
			r.Events = append(r.Events, *e)
			if e.Kind == trace.KindSnapshot && e.At == "write" {
				look.take(t, e, len(r.Events)-1)
			}
			return nil
		}
		if _, out, err := recordArgs(context.Background(), o, nil, path, strconv.Itoa(seed)); err != nil {
			t.Fatalf("seed %d: %v\n%s", seed, err, out)
		}
		if len(look.files) != 2 {
			t.Fatalf("seed %d: %d processes at the look, want 2\n%s", seed, len(look.files), text(r))
		}
		look.compare(t, filesAt(r, look.at), lastMoves(r.Events[:look.at]))
		if t.Failed() {
			t.Fatalf("seed %d\n%s", seed, text(r))
		}
	}
}

// kernelTables are the tables that the kernel shows at an event.
type kernelTables struct {
	at    int
	files map[string]procfs.Files
	same  map[[2]descriptorOf]bool
}

// A descriptorOf is a descriptor of a process.
type descriptorOf struct {
	process string
	fd      int
}

// take asks the kernel which descriptors share an open file description,
// while the program is stopped.
func (k *kernelTables) take(t *testing.T, e *trace.Event, at int) {
	k.at, k.files, k.same = at, map[string]procfs.Files{}, map[[2]descriptorOf]bool{}
	var all []descriptorOf
	pids := map[string]int{}
	for _, s := range e.Snapshot {
		k.files[s.Process], pids[s.Process] = s.Files, s.Pid
		for _, fd := range procfs.Fds(s.Pid) {
			all = append(all, descriptorOf{s.Process, fd})
		}
	}
	for i, a := range all {
		for _, b := range all[:i] {
			order, err := kcmp(pids[a.process], pids[b.process], kcmpFile, a.fd, b.fd)
			if err != nil {
				t.Skip("the kernel does not compare open files: ", err)
			}
			k.same[[2]descriptorOf{a, b}] = order == 0
		}
	}
}

// lastMoves are, for each open file description, the offsets to which the
// last call of each process moved it. Two processes move one at the same
// time here, and a recording does not order such calls: the last one of
// all is the last one of its own process.
func lastMoves(events []trace.Event) map[int]map[string]int64 {
	moves := map[int]map[string]int64{}
	for _, e := range events {
		to := e.FilePos
		switch {
		case e.Errno != "" || e.Kind != trace.KindSeek && e.Kind != trace.KindRead && e.Kind != trace.KindWrite:
			continue
		case e.Kind == trace.KindSeek:
			to = e.Result
		}
		if moves[e.OFD] == nil {
			moves[e.OFD] = map[string]int64{}
		}
		moves[e.OFD][e.Process] = to
	}
	return moves
}

func (k *kernelTables) compare(t *testing.T, tables map[string]map[int]rebuiltEntry, moves map[int]map[string]int64) {
	for process, files := range k.files {
		table := tables[process]
		var shown []int
		for name := range files {
			if fd, err := strconv.Atoi(name[min(len(name), len("fdinfo/")):]); err == nil && name[:len("fdinfo/")] == "fdinfo/" {
				shown = append(shown, fd)
			}
		}
		slices.Sort(shown)
		if rebuilt := slices.Sorted(maps.Keys(table)); !slices.Equal(shown, rebuilt) {
			t.Errorf("%s has descriptors %v, rebuilt were %v", process, shown, rebuilt)
			continue
		}
		for fd, d := range table {
			info, _ := files.Fdinfo(strconv.Itoa(fd))
			if cloexec := info.Flags()&unix.O_CLOEXEC != 0; cloexec != d.Cloexec {
				t.Errorf("%s: close-on-exec of %d is %v, rebuilt was %v", process, fd, cloexec, d.Cloexec)
			}
			const compared = unix.O_ACCMODE | unix.O_APPEND | unix.O_NONBLOCK
			if flags := uint64(info.Flags()); d.Object[0] == '/' && (flags^d.Flags)&compared != 0 {
				t.Errorf("%s: flags of %d are %#o, rebuilt were %#o", process, fd, flags, d.Flags)
			}
			if pos, ok := info.Pos(); d.Offset >= 0 && pos != d.Offset && !slices.Contains(slices.Collect(maps.Values(moves[d.Number])), pos) || d.Offset >= 0 && !ok {
				t.Errorf("%s: the offset of %d is %d, rebuilt was %d, and the last moves were to %v", process, fd, pos, d.Offset, moves[d.Number])
			}
		}
	}
	for pair, same := range k.same {
		a, b := tables[pair[0].process][pair[0].fd], tables[pair[1].process][pair[1].fd]
		if rebuilt := a.rebuiltFile == b.rebuiltFile; rebuilt != same {
			t.Errorf("%v and %v are one open file description: %v, rebuilt: %v", pair[0], pair[1], same, rebuilt)
		}
	}
}
