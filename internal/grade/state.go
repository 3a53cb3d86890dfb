package grade

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// stateFile is where a student's results are kept. Names are the
// folders' and may hold anything but a slash.
func stateFile(out, student string) string {
	return filepath.Join(out, "state", student+".json")
}

// save writes a student's results, at once, so that a call that is
// interrupted leaves no half of a file.
func save(out string, s *Student) error {
	b, err := json.MarshalIndent(s, "", " ")
	if err != nil {
		return err
	}
	tmp := stateFile(out, s.Name) + ".new"
	if err := os.WriteFile(tmp, append(b, '\n'), 0o644); err != nil {
		return err
	}
	return os.Rename(tmp, stateFile(out, s.Name))
}

// load returns what an earlier call has saved, nil if nothing that
// can be read.
func load(out, student string) *Student {
	s, err := read(stateFile(out, student))
	if err != nil {
		return nil
	}
	return s
}

func read(file string) (*Student, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var s Student
	return &s, json.Unmarshal(b, &s)
}

// exercise returns a saved result, nil if there is none.
func (s *Student) exercise(id string) *Exercise {
	if s == nil {
		return nil
	}
	for i := range s.Exercises {
		if s.Exercises[i].ID == id {
			return &s.Exercises[i]
		}
	}
	return nil
}

// states reads all students' results of a folder.
func states(out string) ([]*Student, error) {
	entries, err := os.ReadDir(filepath.Join(out, "state"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, errors.New(out + " holds no results: it is the -o folder of a call of ch8 grade")
	}
	if err != nil {
		return nil, err
	}
	var all []*Student
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), ".json") {
			continue
		}
		s, err := read(filepath.Join(out, "state", e.Name()))
		if err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	return all, nil
}
