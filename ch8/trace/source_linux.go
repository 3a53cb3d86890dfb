//go:build amd64 || arm64

package trace

// imageKey is an executable file as it was when it was read.
type imageKey struct {
	fileKey
	size, mtime int64
}

// image is what is known of an executable file.
type image struct {
	isGo bool
}

func (r *recorder) source(t *thread) (*Source, string) { return nil, "" }

func (r *recorder) isGo(p *process) bool { return false }
