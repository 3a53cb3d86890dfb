package grade

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"apue/internal/lab"
	"apue/internal/show"
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

// share returns the shard's part of all.
func share[T any](s Shard, all []T) []T {
	if s.Count <= 1 {
		return all
	}
	var part []T
	for i := s.Index; i < len(all); i += s.Count {
		part = append(part, all[i])
	}
	return part
}

// Merge puts the results of shards, the folders in parts, together in the
// folder out.
func Merge(xs lab.Registry, out string, parts []string) (*Outcome, error) {
	var all []*Student
	var others []entry
	from := map[Name]string{}
	for _, part := range parts {
		students, err := states(part)
		if err != nil {
			return nil, err
		}
		for _, s := range students {
			if other := from[s.Name]; other != "" {
				return nil, fmt.Errorf("%s is in both %s and %s: shards share no submission", show.Line(string(s.Name)), show.Line(other), show.Line(part))
			}
			if err := s.only(xs); err != nil {
				return nil, fmt.Errorf("%s in %s: %w", show.Line(string(s.Name)), show.Line(part), err)
			}
			from[s.Name] = part
			all = append(all, s)
		}
		more, err := readOthers(part)
		if err != nil {
			return nil, err
		}
		others = append(others, more...)
	}
	if len(all) == 0 {
		return nil, errors.New("there is nothing to merge")
	}
	unlock, err := openOut(out)
	if err != nil {
		return nil, err
	}
	defer unlock()
	slices.SortFunc(all, func(a, b *Student) int { return strings.Compare(string(a.Name), string(b.Name)) })
	slices.SortFunc(others, func(a, b entry) int { return strings.Compare(string(a.name), string(b.name)) })
	for _, s := range all {
		if err := save(out, s); err != nil {
			return nil, err
		}
		if err := report(out, xs, s); err != nil {
			return nil, err
		}
	}
	return &Outcome{Students: all}, writeTables(out, xs, all, others)
}

// only leaves the asked exercises, in their order.
func (s *Student) only(xs lab.Registry) error {
	var asked []Exercise
	for _, x := range xs {
		e := s.exercise(x.ID())
		if e == nil {
			return fmt.Errorf("%s was not graded there: give the same --exercises", x.ID())
		}
		asked = append(asked, *e)
	}
	s.Exercises = asked
	return nil
}
