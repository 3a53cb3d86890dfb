package grade_test

import (
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"

	"apue/internal/grade"
	"apue/internal/sampling"
)

// mostMemory is how much memory the grader may need for any submission, in
// bytes.
const mostMemory = 200 << 20

// TestRoom: what a submission leaves to be judged or compared does not
// fill the memory of the grader.
func TestRoom(t *testing.T) {
	t.Parallel()
	macros := "#define A(x) x x x x x x x x\n"
	for i := range 30 {
		macros += fmt.Sprintf("#define M%d M%d M%[2]d M%[2]d M%[2]d\n", i, i+1)
	}
	writes := func(n int) string {
		return fmt.Sprintf("#include <unistd.h>\nint main(void) { for (int i = 0; i < %d; i++) write(1, \"x\", 1); return 0; }\n", n)
	}
	// More than the first room has, and less than the second one.
	files := map[string]string{"some/fork-glob/main.c": writes(3_500)}
	if sampling.All() {
		files["writes/fork-glob/main.c"] = writes(500_000)
		files["endless/fork-glob/main.c"] = endless
		files["macros/fork-glob/main.c"] = macros + "int main(void) { return 0; } /*\n*/ int A(A(A(M0)));\n"
		files["long/fork-glob/main.c"] = strings.Repeat("int f(int x) { return x + 1; }\n", 500_000)
		files["files/fork-glob/main.c"] = "#include <stdio.h>\nint main(void) { char n[9]; for (int i = 0; i < 30; i++) { sprintf(n, \"f%d\", i); " +
			"FILE *f = fopen(n, \"w\"); for (int j = 0; j < 1000000; j++) putc('x', f); fclose(f); } return 0; }\n"
	}
	for _, s := range run(t, grade.Options{Out: t.TempDir(), Timeout: 10 * time.Second}, submissions(t, files)) {
		if points, _ := s.Points(); points > 1 {
			t.Errorf("%s has %d points", s.Name, points)
		}
		if e := s.Exercises[0]; s.Name == "some" && (e.Flood || e.Grades[0].Status != "fail") {
			t.Errorf("%s was not judged: %+v", s.Name, e)
		}
		if e := s.Exercises[0]; s.Name == "writes" && (!e.Flood || !strings.Contains(fmt.Sprint(e.Human), "its runs left more than can be judged")) {
			t.Errorf("%s: %v", s.Name, e.Human)
		}
	}
	var self syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &self); err != nil {
		t.Fatal(err)
	}
	if size := self.Maxrss << 10; size > mostMemory {
		t.Errorf("the grader needed %d MiB of memory", size>>20)
	}
}
