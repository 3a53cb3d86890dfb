package lab

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"apue/internal/sandbox"
	"apue/internal/show"
)

// interpreters run files that are no executables, by their extension.
var interpreters = map[string]string{
	".py": "python3", ".pl": "perl", ".sh": "sh", ".bash": "bash", ".rb": "ruby", ".js": "node", ".lua": "lua", ".jar": "java -jar", ".java": "java",
}

// compilers make an executable of a file, by its extension.
var compilers = map[string]string{
	".cpp": "c++ -g", ".cc": "c++ -g", ".cxx": "c++ -g", ".rs": "rustc -g", ".zig": "zig build-exe", ".f90": "gfortran -g", ".s": "cc -g", ".o": "cc",
}

// Advice says how to give a file that can neither be executed nor be
// built here: nil for all others.
func Advice(cmd []string) error {
	info, err := os.Stat(cmd[0])
	if err != nil || !info.Mode().IsRegular() {
		return nil
	}
	name, ext := cmd[0], filepath.Ext(cmd[0])
	if ext == ".c" || ext == ".go" {
		return nil
	}
	if compiler := compilers[ext]; compiler != "" {
		out := AsPath(strings.TrimSuffix(name, ext))
		return &sandbox.NotExecutable{
			Path:   name,
			Reason: "it is source text that ch8 does not compile",
			Hint:   fmt.Sprintf("compile it with %s -o %s, and give %s", compiler, show.Shell([]string{out, name}), show.Shell([]string{out})),
		}
	}
	if info.Mode()&0o111 != 0 && (interpreters[ext] == "" || begins(name, "#!")) {
		return nil
	}
	if run := interpreters[ext]; run != "" {
		return &sandbox.NotExecutable{
			Path: name, Reason: "it does not start by itself", Hint: fmt.Sprintf("give its interpreter too: -- %s %s", run, show.Shell(cmd)),
		}
	}
	return &sandbox.NotExecutable{
		Path: name, Reason: "it is not an executable file", Hint: fmt.Sprintf("if it is a program, chmod +x %s", show.Shell(cmd[:1])),
	}
}

// AsPath writes the name of a file so that it is not looked up in PATH.
func AsPath(name string) string {
	if strings.Contains(name, "/") {
		return name
	}
	return "./" + name
}

// begins reports whether a file begins with text.
func begins(name, text string) bool {
	f, err := os.Open(name)
	if err != nil {
		return false
	}
	defer f.Close()
	b := make([]byte, len(text))
	_, err = io.ReadFull(f, b)
	return err == nil && string(b) == text
}
