package grade

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"apue/internal/lab"
)

// A Shard is a part of the submissions: each one whose number, in
// the order of the names, is Index modulo Count. The zero Shard is
// all of them.
type Shard struct {
	Index, Count int // 0 <= Index < Count
}

// ParseShard reads I/N, where I counts from 1, or /N, where I is
// taken from the environment of a batch system: a Slurm array
// (SLURM_ARRAY_TASK_ID less SLURM_ARRAY_TASK_MIN) or a Kubernetes
// indexed Job (JOB_COMPLETION_INDEX, from 0). "" is taken whole
// from a Slurm array, whose size Slurm tells too, and is all of the
// submissions elsewhere.
func ParseShard(s string, getenv func(string) string) (Shard, error) {
	bad := fmt.Errorf("--shard %s: it is I/N with 1 <= I <= N, or /N in a Slurm array or a Kubernetes indexed Job", s)
	first, second, slash := strings.Cut(s, "/")
	if s == "" {
		count := getenv("SLURM_ARRAY_TASK_COUNT")
		if count == "" {
			return Shard{}, nil
		}
		second = count
	} else if !slash {
		return Shard{}, bad
	}
	n, err := strconv.Atoi(second)
	if err != nil || n < 1 {
		return Shard{}, bad
	}
	i := 0
	switch {
	case first != "":
		if i, err = strconv.Atoi(first); err != nil {
			return Shard{}, bad
		}
		i--
	case getenv("SLURM_ARRAY_TASK_ID") != "":
		id, err := strconv.Atoi(getenv("SLURM_ARRAY_TASK_ID"))
		if err != nil {
			return Shard{}, bad
		}
		least, err := strconv.Atoi(getenv("SLURM_ARRAY_TASK_MIN"))
		if err != nil {
			least = 1
		}
		i = id - least
	case getenv("JOB_COMPLETION_INDEX") != "":
		if i, err = strconv.Atoi(getenv("JOB_COMPLETION_INDEX")); err != nil {
			return Shard{}, bad
		}
	default:
		return Shard{}, bad
	}
	if i < 0 || i >= n {
		return Shard{}, bad
	}
	return Shard{i, n}, nil
}

// of returns the shard's submissions.
func (s Shard) of(all []submission) []submission {
	if s.Count <= 1 {
		return all
	}
	var part []submission
	for i := s.Index; i < len(all); i += s.Count {
		part = append(part, all[i])
	}
	return part
}

// Merge puts the results of shards, the folders in parts, together
// in the folder out.
func Merge(xs lab.Registry, out string, parts []string) ([]*Student, error) {
	var all []*Student
	from := map[string]string{}
	for _, part := range parts {
		students, err := states(part)
		if err != nil {
			return nil, err
		}
		for _, s := range students {
			if other := from[s.Name]; other != "" {
				return nil, fmt.Errorf("%s is in both %s and %s: shards share no submission", s.Name, other, part)
			}
			if !matches(s, xs) {
				return nil, fmt.Errorf("%s in %s was graded for other exercises: give the same --exercises as there", s.Name, part)
			}
			from[s.Name] = part
			all = append(all, s)
		}
	}
	if len(all) == 0 {
		return nil, errors.New("there is nothing to merge")
	}
	for _, dir := range []string{out, filepath.Join(out, "state"), filepath.Join(out, "reports")} {
		if err := os.MkdirAll(dir, 0o777); err != nil {
			return nil, err
		}
	}
	slices.SortFunc(all, func(a, b *Student) int { return strings.Compare(a.Name, b.Name) })
	for _, s := range all {
		if err := save(out, s); err != nil {
			return nil, err
		}
	}
	return all, write(out, xs, all)
}

func matches(s *Student, xs lab.Registry) bool {
	return slices.EqualFunc(s.Exercises, xs, func(e Exercise, x *lab.Experiment) bool { return e.ID == x.ID() })
}
