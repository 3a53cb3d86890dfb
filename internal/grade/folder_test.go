package grade

import (
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"
)

// TestLockedFolder: a call that removes what killed calls have left does
// not remove the folder that another call has just made.
func TestLockedFolder(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	var calls sync.WaitGroup
	for range 8 {
		calls.Go(func() {
			for range 50 {
				removeLeft()
				dir := newName()
				unlock, err := lockedFolder(dir)
				if errors.Is(err, errTaken) {
					continue
				}
				if err != nil {
					t.Error(err)
					return
				}
				for range 20 {
					if _, err := os.Stat(filepath.Join(dir, lockName)); err != nil {
						t.Error("another call removed it: ", err)
						break
					}
				}
				unlock()
			}
		})
	}
	calls.Wait()
}
