package page

import (
	"slices"
	"sync"
)

// keptBuilds is how many built programs the lab keeps: Check after Run, or
// a comparison with the twin, does not compile the same text again.
const keptBuilds = 12

// builds are the programs that were built last. The zero value keeps none
// so far.
type builds struct {
	mu     sync.Mutex
	all    []*keptBuild // the last used one at the end
	closed bool
}

// A keptBuild is a program that was built from one text.
type keptBuild struct {
	key    string
	p      *prepared
	users  int // runs that it is needed for
	leaves bool
}

// take returns a program that was built before, nil if there is none. The
// caller gives it back by calling remove of it.
func (b *builds) take(key string) *prepared {
	b.mu.Lock()
	defer b.mu.Unlock()
	i := slices.IndexFunc(b.all, func(k *keptBuild) bool { return k.key == key })
	if i < 0 {
		return nil
	}
	k := b.all[i]
	b.all = append(slices.Delete(b.all, i, i+1), k)
	return b.lend(k)
}

// keep takes a program that was built now, and lends it to the caller.
func (b *builds) keep(key string, p *prepared) *prepared {
	b.mu.Lock()
	defer b.mu.Unlock()
	k := &keptBuild{key: key, p: p, leaves: b.closed}
	lent := b.lend(k)
	if !b.closed {
		b.all = append(b.all, k)
	}
	if len(b.all) > keptBuilds {
		b.leave(b.all[0])
		b.all = slices.Delete(b.all, 0, 1)
	}
	return lent
}

// lend returns a copy of the program, whose remove gives it back.
func (b *builds) lend(k *keptBuild) *prepared {
	k.users++
	lent := *k.p
	lent.remove = sync.OnceFunc(func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		if k.users--; k.users == 0 && k.leaves {
			k.p.remove()
		}
	})
	return &lent
}

// leave removes a program once no run needs it.
func (b *builds) leave(k *keptBuild) {
	if k.leaves = true; k.users == 0 {
		k.p.remove()
	}
}

// close removes all programs; those that a run still needs after it.
func (b *builds) close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closed = true
	for _, k := range b.all {
		b.leave(k)
	}
	b.all = nil
}
