package trace

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// copied are lines of a recording: of places in two files, one of them with
// a name that JSON escapes; of a script by an absolute name, by a relative
// one, and by a relative one after a change of folder; and texts that look
// like the beginning of a place.
const copied = `{"kind":"header","schema":2,"command":["x"],"dir":"/tmp","kernel":"k","arch":"a","start":"s","recorder":1,"seccomp":true}
{"time":1,"pid":5,"process":"P0","kind":"umask","mask":18,"source":{"file":"/a.c","line":3}}
{"time":2,"pid":5,"process":"P0","kind":"umask","mask":18,"source":{"file":"/a.c","line":4}}
{"time":3,"pid":5,"process":"P0","kind":"umask","mask":18,"source":{"file":"/\"b\".c","line":3}}
{"time":3,"pid":5,"process":"P0","kind":"umask","mask":18,"source":{"file":"/\"b\".c","line":9}}
{"time":4,"pid":5,"process":"P0","kind":"note","note":",\"source\":{\"file\":\"/never.c\",\"kind\":\"exec\""}
{"time":5,"pid":5,"process":"P0","kind":"exec","path":"/bin/sh","argv":["sh","/s.sh"],"program":{"exe":"/bin/dash"}}
{"time":6,"pid":5,"process":"P0","kind":"exec","path":"/bin/sh","argv":["sh","r.sh"],"program":{"exe":"/bin/dash"}}
{"time":7,"pid":5,"process":"P0","kind":"chdir","path":"/"}
{"time":8,"pid":5,"process":"P0","kind":"exec","path":"/bin/sh","argv":["sh","q.sh"],"program":{"exe":"/bin/dash"}}
{"time":9,"pid":5,"process":"P0","kind":"end","status":0}
`

// TestCopy: a recording that goes on line by line is the one that is made
// of its events, and its sources.
func TestCopy(t *testing.T) {
	sources := func() *SourceReader {
		return &SourceReader{Dir: "/tmp", Read: func(name string) ([]byte, error) { return []byte("text of " + name), nil }}
	}
	in, err := NewReader(strings.NewReader(copied))
	if err != nil {
		t.Fatal(err)
	}
	var got bytes.Buffer
	if err := Copy(&got, in, sources()); err != io.EOF {
		t.Fatalf("error %v, want the end of the file", err)
	}

	var want bytes.Buffer
	in, _ = NewReader(strings.NewReader(copied))
	out, _ := NewWriter(&want, &in.Header)
	look, named := sources(), 0
	for {
		e, err := in.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if file := look.Before(e); file != nil {
			named++
			out.Event(file)
		}
		out.Event(e)
	}
	out.Flush()
	if named != 4 {
		t.Errorf("%d files are named, want 4", named)
	}
	if d := cmp.Diff(strings.Split(want.String(), "\n"), strings.Split(got.String(), "\n")); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
}

// TestCopyAtOnce: an event goes on before the next one comes.
func TestCopyAtOnce(t *testing.T) {
	lines := strings.SplitAfter(copied, "\n")
	r, w := io.Pipe()
	from, to := io.Pipe()
	done := make(chan error)
	go func() {
		in, err := NewReader(r)
		if err == nil {
			err = Copy(to, in, &SourceReader{Read: func(string) ([]byte, error) { return nil, errors.New("none") }})
		}
		to.CloseWithError(err)
		done <- err
	}()
	fmt.Fprint(w, lines[0])
	out, err := NewReader(from)
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range lines[1:3] {
		fmt.Fprint(w, line)
		e, err := out.Next()
		if err == nil && e.Kind == KindSource {
			e, err = out.Next()
		}
		if err != nil || e.Kind != KindUmask {
			t.Fatalf("%+v, %v", e, err)
		}
	}
	// What is cut off does not go on.
	fmt.Fprint(w, lines[3][:40])
	w.Close()
	if _, err := out.Next(); err == nil || !strings.Contains(err.Error(), "cut off") {
		t.Errorf("error %v, want one that says that the recording is cut off", err)
	}
	if err := <-done; err == nil || err == io.EOF {
		t.Errorf("error %v of a recording that is cut off", err)
	}
}
