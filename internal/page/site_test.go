package page

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"apue/internal/lab"
	"apue/internal/trace"
)

// TestSection: a lab sheet is cut at its headings, but not at a line of a
// transcript that begins like one; pictures and links to files go.
func TestSection(t *testing.T) {
	const sheet = "# Lab sheet\n\n## one: first\n\ntext of [one](../one.go) and [the web](https://example.com)\n\n" +
		"```console\n## two: is in a transcript\n```\n\n![picture](x.svg)\n\n<script>alert(1)</script>\n\n## two: second\n\nother\n"
	got := string(section(sheet, "one"))
	for _, want := range []string{"first", "text of one and", `href="https://example.com"`, "## two: is in a transcript"} {
		if !strings.Contains(got, want) {
			t.Errorf("the section has no %q:\n%s", want, got)
		}
	}
	for _, not := range []string{"other", "<img", "one.go", "<script"} {
		if strings.Contains(got, not) {
			t.Errorf("the section has %q:\n%s", not, got)
		}
	}
}

// TestSite: an experiment that cannot be recorded stands in the index
// with the reason, and has no page; with no recording at all there is no
// site.
func TestSite(t *testing.T) {
	other := &lab.Experiment{Dir: "fork", Name: "other", Title: "not to be recorded"}
	s := &Site{
		Experiments: lab.Registry{doubleFork, other},
		Files: fstest.MapFS{
			"doublefork/README.md": {Data: []byte("## doublefork: twice\n\nThe text of the sheet.\n")},
			"docs/chapter.md":      {Data: []byte("# The chapter\n\nTwice: `doublefork/doublefork/adopted`, `fork/other`.\n")},
		},
		Record: func(x *lab.Experiment) (*trace.Recording, error) {
			if x == other {
				return nil, errors.New("ptrace is refused <here>")
			}
			return recorded(t, "doublefork-doublefork", nil).recording, nil
		},
	}
	dir := filepath.Join(t.TempDir(), "site")
	if err := s.Write(dir); err != nil {
		t.Fatal(err)
	}
	read := func(name string) string {
		b, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	index := read("index.html")
	for _, want := range []string{`<a href="doublefork-doublefork.html">`, "<b>fork/other</b>", "ptrace is refused &lt;here&gt;"} {
		if !strings.Contains(index, want) {
			t.Errorf("the index has no %q", want)
		}
	}
	beside := read("doublefork-doublefork.html")
	for _, want := range []string{"The text of the sheet.", `src="pages/doublefork-doublefork.html"`} {
		if !strings.Contains(beside, want) {
			t.Errorf("the page of the experiment has no %q", want)
		}
	}
	chapter := read("chapter.html")
	for _, want := range []string{"<h1>The chapter</h1>", `<a href="doublefork-doublefork.html"><code>doublefork/doublefork/adopted</code></a>`, " <code>fork/other</code>"} {
		if !strings.Contains(chapter, want) {
			t.Errorf("the page of the chapter has no %q:\n%s", want, chapter)
		}
	}
	if !strings.Contains(index, `<a href="chapter.html">`) {
		t.Error("the index has no link to the page of the chapter")
	}
	if !strings.Contains(read("pages/doublefork-doublefork.html"), `id="data"`) {
		t.Error("the page of the recording has no data")
	}
	s.Experiments = lab.Registry{other}
	if err := s.Write(dir); err == nil {
		t.Error("a site without any recording is no error")
	}
}
