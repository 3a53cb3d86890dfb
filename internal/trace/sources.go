package trace

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"slices"
	"strings"
	"unicode/utf8"
)

// A SourceFile is a source file that events of a recording name, or a
// script that an exec gave to its interpreter: its text at the time of the
// recording, and what tells whether the file is still the same.
type SourceFile struct {
	Name   string `json:"name"`             // as Source.File has it
	Size   int64  `json:"size"`             // in bytes
	SHA256 string `json:"sha256,omitempty"` // of its bytes, in hexadecimal
	// Text is the file's text. Bytes that are not UTF-8 are U+FFFD in it.
	Text string `json:"text,omitempty"`
	// NoText says why the recording does not have the text.
	NoText string `json:"no_text,omitempty"`
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
	// Dir is the folder in which the program began. A script with a
	// relative name is looked for there, until a process of the program
	// has changed its folder.
	Dir string

	// Read reads a file, at most as much as [ReadSource] does. Its error
	// becomes the reason why the recording does not have the text.
	Read func(name string) ([]byte, error)

	seen  map[string]bool
	used  int
	moved bool // a process has another folder, or another root
}

// Before returns the event that has to stand in front of e, nil if there
// is none.
func (s *SourceReader) Before(e *Event) *Event {
	s.moved = s.moved || e.Kind == KindChdir || e.Kind == KindChroot
	name := s.names(e)
	if name == "" || s.seen[name] || len(s.seen) >= maxSourceFiles {
		return nil
	}
	if s.seen == nil {
		s.seen = map[string]bool{}
	}
	s.seen[name] = true
	file := &SourceFile{Name: name}
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
	case e.Source == nil && bytes.IndexByte(b, 0) >= 0:
		file.Size, file.NoText = int64(len(b)), errNoText.Error()
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

// wants says of an event, as it is written in a recording, that Before has
// to look at it: it may name a file that was not named before, or move a
// process to another folder. A quote inside of a string has a backslash.
func (s *SourceReader) wants(line []byte) bool {
	if _, place, found := bytes.Cut(line, []byte(`,"source":{"file":"`)); found {
		name, _, _ := bytes.Cut(place, []byte{'"'})
		if !s.seen[string(name)] {
			return true
		}
	}
	_, kind, _ := bytes.Cut(line, []byte(`,"kind":"`))
	kind, _, _ = bytes.Cut(kind, []byte{'"'})
	switch Kind(kind) {
	case KindChdir, KindChroot:
		return true
	case KindExec:
		return mayName(line)
	}
	return false
}

// names is the source file that an event names, "" if there is none.
func (s *SourceReader) names(e *Event) string {
	if e.Source != nil {
		return e.Source.File
	}
	name := e.Script()
	switch {
	case name == "" || path.IsAbs(name):
		return name
	case s.moved: // it is not known in which folder the name was meant
		return ""
	}
	return path.Join(s.Dir, name)
}

// interpreters are programs that read their program from a file, as they are
// called without the number of a version, and the letters of the options that
// give them the program in another way.
var interpreters = map[string]string{
	"sh": "cs", "bash": "cs", "dash": "cs", "ash": "cs", "ksh": "cs", "mksh": "cs", "zsh": "cs",
	"python": "cm", "perl": "eE",
}

// interpreter is the name of the interpreter that a file is; "" if it is
// none. python3.13 is python, and bash2 is not bash.
func interpreter(file string) string {
	name := path.Base(file)
	if short := strings.TrimRight(name, "0123456789."); short == "python" || short == "perl" {
		name = short
	}
	if interpreters[name] == "" {
		return ""
	}
	return name
}

// Script is the file that an exec gave to an interpreter as its program:
// an interpreter file by its own path, or the first argument that is not
// an option of a shell, Python or Perl. It is "" for other events.
func (e *Event) Script() string {
	if e.Kind != KindExec || e.Errno != "" || e.Program == nil || len(e.Argv) == 0 {
		return ""
	}
	if len(e.Program.Cmdline) > 1 && slices.Contains(e.Program.Cmdline[1:], e.Path) {
		return e.Path // the kernel put its path behind the name of its interpreter
	}
	by := cmp.Or(interpreter(cmp.Or(e.Program.Exe, e.Path)), interpreter(e.Argv[0]))
	if by == "" {
		return ""
	}
	for _, arg := range e.Argv[1:] {
		switch {
		case strings.HasPrefix(arg, "--"), arg == "-":
			return ""
		case !strings.HasPrefix(arg, "-"):
			return arg
		case strings.ContainsAny(arg, interpreters[by]):
			return ""
		}
	}
	return ""
}

// mayName says of an exec, as it is written in a recording, that Script may
// be a file of it. It is true too often, never too seldom: most programs are
// no interpreters, and to read their events takes longer.
func mayName(line []byte) bool {
	for _, part := range []string{`sh"`, "python", "perl"} { // of interpreters
		if bytes.Contains(line, []byte(part)) {
			return true
		}
	}
	_, at, _ := bytes.Cut(line, []byte(`"path":"`))
	at, _, _ = bytes.Cut(at, []byte{'"'})
	// The path of an interpreter file is an argument behind the first one.
	return bytes.Contains(line, append(append([]byte(`,"`), at...), '"'))
}

var (
	errNoText     = errors.New("it is not a text")
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
