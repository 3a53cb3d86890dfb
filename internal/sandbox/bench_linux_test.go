package sandbox

import (
	"context"
	"fmt"
	"os/exec"
	"testing"

	"apue/internal/record"
)

// What a run costs: /bin/true, bare and in the sandbox.
func BenchmarkRun(b *testing.B) {
	b.Run("bare", func(b *testing.B) {
		for b.Loop() {
			if err := exec.Command("true").Run(); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("isolated=true/traced=true/reused", func(b *testing.B) {
		mustIsolate(b)
		ctx, end := Reuse(context.Background())
		defer end()
		for b.Loop() {
			if _, err := Run(ctx, Command{Args: []string{"true"}, Isolate: true, Trace: &record.Options{}}); err != nil {
				b.Fatal(err)
			}
		}
	})
	for _, isolated := range []bool{false, true} {
		for _, traced := range []bool{false, true} {
			b.Run(fmt.Sprintf("isolated=%v/traced=%v", isolated, traced), func(b *testing.B) {
				if isolated {
					mustIsolate(b)
				}
				for b.Loop() {
					c := Command{Args: []string{"true"}, Isolate: isolated}
					if traced {
						c.Trace = &record.Options{}
					}
					if _, err := Run(context.Background(), c); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
