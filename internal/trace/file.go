package trace

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"apue/internal/show"
)

// A Writer writes a recording as it is made, one JSON object a
// line. Flush it when the recording has ended.
type Writer struct {
	w   *bufio.Writer
	buf []byte
}

// NewWriter writes the header line to w and returns a Writer for
// the events.
func NewWriter(w io.Writer, h *Header) (*Writer, error) {
	wr := &Writer{w: bufio.NewWriterSize(w, 16<<10)}
	_, err := wr.w.Write(append(h.appendJSON(nil), '\n'))
	return wr, err
}

// Event writes one event. It is made to be an Options.Sink.
func (w *Writer) Event(e *Event) error {
	w.buf = append(e.AppendJSON(w.buf[:0]), '\n')
	_, err := w.w.Write(w.buf)
	return err
}

// Copy writes the rest of a recording to w, with its header and with the
// source files that its events name. A line of which nothing has to be known
// goes on as it came, if it is a whole one. It writes all that has arrived
// before it waits for more. The error is io.EOF at the end of the recording.
func Copy(w io.Writer, from *Reader, sources *SourceReader) error {
	out, err := NewWriter(w, &from.Header)
	for err == nil {
		if from.r.Buffered() == 0 {
			if err = out.Flush(); err != nil {
				break
			}
		}
		var line []byte
		if line, err = from.next(); err != nil {
			if failed := out.Flush(); failed != nil {
				err = failed
			}
			break
		}
		if from.cut || sources.wants(line) {
			var e *Event
			if e, err = from.parse(line); err != nil {
				break
			}
			if file := sources.Before(e); file != nil {
				if err = out.Event(file); err != nil {
					break
				}
			}
		}
		out.buf = append(append(out.buf[:0], line...), '\n')
		_, err = out.w.Write(out.buf)
	}
	return err
}

// Flush writes out what is buffered.
func (w *Writer) Flush() error { return w.w.Flush() }

// Write writes the whole recording as JSON lines.
func (r *Recording) Write(w io.Writer) error {
	out, err := NewWriter(w, &r.Header)
	if err != nil {
		return err
	}
	for i := range r.Sources {
		if err := out.Event(&Event{Process: "P0", Kind: KindSource, File: &r.Sources[i]}); err != nil {
			return err
		}
	}
	for i := range r.Events {
		if err := out.Event(&r.Events[i]); err != nil {
			return err
		}
	}
	return out.Flush()
}

// maxLine bounds a line of a recording. The longest that a recorder
// writes, a snapshot of many processes with their smaps, is far below
// it; a file that is not a recording may be one line.
const maxLine = 64 << 20

// A Reader reads a recording event by event.
type Reader struct {
	Header Header

	max  int // bytes of a line
	r    *bufio.Reader
	line int
	cut  bool         // no newline ends the line
	long bytes.Buffer // of a line longer than r's buffer
}

// NewReader reads the header line from r.
func NewReader(r io.Reader) (*Reader, error) { return newReader(r, maxLine) }

func newReader(r io.Reader, max int) (*Reader, error) {
	rd := &Reader{r: bufio.NewReaderSize(r, 64<<10), max: max}
	// A file that is not a recording may be one line, and a long one.
	if first, _ := rd.r.Peek(1); len(bytes.TrimLeft(first, "{ \t\r\n")) > 0 {
		return nil, errNoHeader(1)
	}
	line, err := rd.next()
	if errors.Is(err, io.EOF) {
		return nil, notRecording("trace: the file is empty")
	}
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(line, &rd.Header); err != nil || rd.Header.Kind != KindHeader {
		return nil, errNoHeader(rd.line)
	}
	if v := rd.Header.Schema; v < oldestSchema || v > Schema {
		return nil, fmt.Errorf("trace: the recording has schema %d, and this program reads %d to %d: take a newer ch8, or record the program anew", v, oldestSchema, Schema)
	}
	return rd, nil
}

// ErrNotRecording is in the error of a file that does not begin as a
// recording does.
var ErrNotRecording = errors.New("not a recording")

// notRecording says why a file is not a recording.
type notRecording string

func (e notRecording) Error() string { return string(e) }

func (e notRecording) Is(err error) bool { return err == ErrNotRecording }

func errNoHeader(line int) error {
	return notRecording(fmt.Sprintf("trace: line %d is not the header of a recording", line))
}

// Next returns the next event, a source file among them, and io.EOF after
// the last one.
func (r *Reader) Next() (*Event, error) {
	line, err := r.next()
	if err != nil {
		return nil, err
	}
	return r.parse(line)
}

// parse is the event in a line that was just read.
func (r *Reader) parse(line []byte) (*Event, error) {
	e := new(Event)
	if err := json.Unmarshal(line, e); err != nil {
		return nil, fmt.Errorf("trace: line %d: %s", r.line, r.reason(err))
	}
	if e.Kind == "" {
		return nil, fmt.Errorf("trace: line %d has no kind", r.line)
	}
	return e, nil
}

// reason is what is wrong with a line, fit for a terminal: JSON's
// errors quote a number of any length.
func (r *Reader) reason(err error) string {
	if r.cut {
		return "the recording is cut off here"
	}
	return show.Clip(show.Line(err.Error()), textWidth)
}

// next returns the next line that is not blank. It is valid until the
// next call.
func (r *Reader) next() ([]byte, error) {
	for {
		line, err := r.whole()
		r.cut = err != nil
		if len(line) > 0 {
			r.line++
		}
		if len(line) > r.max {
			return nil, fmt.Errorf("trace: line %d is longer than %d MiB", r.line, r.max>>20)
		}
		if line = bytes.TrimSpace(line); len(line) > 0 && (err == nil || errors.Is(err, io.EOF)) {
			return line, nil
		}
		if err != nil {
			return nil, err
		}
	}
}

// whole reads a line with its newline, or the beginning of one that is
// longer than may be.
func (r *Reader) whole() ([]byte, error) {
	line, err := r.r.ReadSlice('\n')
	if !errors.Is(err, bufio.ErrBufferFull) {
		return line, err
	}
	r.long.Reset()
	for errors.Is(err, bufio.ErrBufferFull) && r.long.Len() <= r.max {
		r.long.Write(line)
		line, err = r.r.ReadSlice('\n')
	}
	r.long.Write(line)
	return r.long.Bytes(), err
}

// ReadRecording reads a whole recording. The error names the line
// that is wrong.
func ReadRecording(r io.Reader) (*Recording, error) {
	in, err := NewReader(r)
	if err != nil {
		return nil, err
	}
	rec := &Recording{Header: in.Header}
	for {
		e, err := in.Next()
		if errors.Is(err, io.EOF) {
			return rec, nil
		}
		if err != nil {
			return nil, err
		}
		rec.Add(e)
	}
}
