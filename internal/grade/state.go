package grade

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/google/renameio/v2"

	"apue/internal/show"
)

// stateFile is where a student's results are kept: names can be any bytes
// and of any length, so a digest of the name stands for it.
func stateFile(out string, student Name) string {
	return filepath.Join(out, "state", nameDigest(student)+".json")
}

func nameDigest(student Name) string {
	sum := sha256.Sum256([]byte(student))
	return hex.EncodeToString(sum[:12])
}

// save writes a student's results at once.
func save(out string, s *Student) error {
	b, err := json.MarshalIndent(s, "", " ")
	if err != nil {
		return err
	}
	return replace(out, stateFile(out, s.Name), append(b, '\n'))
}

// replace writes a file of the results at once: it is the old one or the
// new one whenever this process ends. The new one is begun in the folder of
// the state, where the next call removes it if this one is killed.
func replace(out, path string, text []byte) error {
	return renameio.WriteFile(path, text, 0o644, renameio.WithTempDir(filepath.Join(out, "state")))
}

// removeBegun removes the files that a killed call has begun.
func removeBegun(out string) {
	begun, _ := filepath.Glob(filepath.Join(out, "state", ".*"))
	for _, path := range begun {
		os.Remove(path)
	}
}

// load returns what an earlier call has saved, or nil if there is nothing
// that can be read.
func load(out string, student Name) *Student {
	s, err := read(stateFile(out, student))
	if err != nil || s.Name != student {
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

// forget removes the states and reports of students who are not there any
// more, and says so. A shard leaves them: another call may write them.
func forget(out string, all []submission, shard Shard) (said []string, err error) {
	if shard.Count > 1 {
		return nil, nil
	}
	gone := 0
	keep := map[string]bool{lockName: true}
	for _, s := range all {
		keep[filepath.Base(stateFile(out, s.student))] = true
		keep[reportName(s.student)+".txt"] = true
		keep[reportName(s.student)+".json"] = true
	}
	for _, dir := range []string{"state", "reports"} {
		entries, err := os.ReadDir(filepath.Join(out, dir))
		if err != nil {
			return nil, err
		}
		for _, e := range entries {
			if !keep[e.Name()] {
				if dir == "reports" && strings.HasSuffix(e.Name(), ".txt") {
					gone++
				}
				os.Remove(filepath.Join(out, dir, e.Name()))
			}
		}
	}
	if gone > 0 {
		said = append(said, fmt.Sprintf("an earlier call graded more submissions: the results of %d are removed from %s. To grade one submission again, give the same folder as before: only what changed is checked", gone, show.Line(out)))
	}
	return said, nil
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
		return nil, fmt.Errorf("%s holds no results: it is the -o folder of a call of ch8 grade", show.Line(out))
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
