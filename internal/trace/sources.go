package trace

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"unicode/utf8"
)

// A SourceFile is a source file that events of a recording name: its text
// at the time of the recording, and what tells whether the file is still
// the same.
type SourceFile struct {
	Name   string `json:"name"`             // as Source.File has it
	Size   int64  `json:"size"`             // in bytes
	SHA256 string `json:"sha256,omitempty"` // of its bytes, in hexadecimal
	// Text is the file's text. Bytes that are not UTF-8 are U+FFFD in it.
	Text string `json:"text,omitempty"`
	// NoText says why the recording does not have the text.
	NoText string `json:"no_text,omitempty"`
}

// Line returns line n of the text, from 1, without its newline; ok is
// false if there is none.
func (f *SourceFile) Line(n int) (line string, ok bool) {
	if f == nil || f.Text == "" || n < 1 {
		return "", false
	}
	for line := range strings.Lines(f.Text) {
		if n--; n == 0 {
			return strings.TrimRight(line, "\r\n"), true
		}
	}
	return "", false
}

// Same says whether these are the bytes that the file had. It is false
// if the recording does not have the text.
func (f *SourceFile) Same(b []byte) bool {
	return f != nil && f.SHA256 != "" && f.SHA256 == digest(b)
}

func digest(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// Source returns a source file by the name that events have for it, nil
// if the recording does not have it: it is of the first edition, whose
// recordings have no sources, or the file could not be read.
func (r *Recording) Source(name string) *SourceFile {
	for i := range r.Sources {
		if r.Sources[i].Name == name && r.Sources[i].NoText == "" {
			return &r.Sources[i]
		}
	}
	return nil
}

// Add appends an event to the recording: a source file to its sources,
// and anything else to its events.
func (r *Recording) Add(e *Event) {
	if e.Kind != KindSource {
		r.Events = append(r.Events, *e)
	} else if e.File != nil {
		r.Sources = append(r.Sources, *e.File)
	}
}

// What a recording holds of sources: of one file, and of all. A program
// may name any number of files, of any size.
const (
	maxSourceFile  = 256 << 10
	maxSourceBytes = 1 << 20
	maxSourceFiles = 64
)

// A SourceReader makes the events that bring source files into a
// recording, each in front of the first event that names it. The zero
// value reads the files where the events say that they are, with the
// privileges of this process.
type SourceReader struct {
	// Read reads a file, at most as much as [ReadSource] does. Its error
	// becomes the reason why the recording does not have the text.
	Read func(name string) ([]byte, error)

	seen map[string]bool
	used int
}

// Before returns the event that has to stand in front of e, nil if there
// is none.
func (s *SourceReader) Before(e *Event) *Event {
	if e.Source == nil || e.Source.File == "" || s.seen[e.Source.File] || len(s.seen) >= maxSourceFiles {
		return nil
	}
	if s.seen == nil {
		s.seen = map[string]bool{}
	}
	s.seen[e.Source.File] = true
	file := &SourceFile{Name: e.Source.File}
	read := s.Read
	if read == nil {
		read = ReadSource
	}
	switch b, err := read(file.Name); {
	case err != nil:
		var at *os.PathError
		if errors.As(err, &at) {
			err = at.Err
		}
		file.NoText = err.Error()
	case len(b) > maxSourceFile:
		file.Size, file.NoText = int64(len(b)), errLongSource.Error()
	case s.used+len(b) > maxSourceBytes:
		file.Size, file.SHA256 = int64(len(b)), digest(b)
		file.NoText = fmt.Sprintf("the recording already holds %d KiB of sources", s.used>>10)
	default:
		s.used += len(b)
		file.Size, file.SHA256, file.Text = int64(len(b)), digest(b), string(b)
		if !utf8.Valid(b) {
			file.Text = strings.ToValidUTF8(file.Text, "\uFFFD")
		}
	}
	return &Event{Time: e.Time, Pid: e.Pid, NSpid: e.NSpid, Process: e.Process, Kind: KindSource, File: file}
}

var (
	errNotSource  = errors.New("it is not a regular file")
	errLongSource = fmt.Errorf("it is longer than %d KiB", maxSourceFile>>10)
)

// ReadSource reads a source file: a regular one, which is not longer than
// a recording keeps. The name is what the traced program says, so it does
// not wait for a FIFO.
func ReadSource(name string) ([]byte, error) {
	f, err := openSource(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
		return nil, errors.Join(err, errNotSource)
	}
	b, err := io.ReadAll(io.LimitReader(f, maxSourceFile+1))
	if err == nil && len(b) > maxSourceFile {
		err = errLongSource
	}
	return b, err
}
