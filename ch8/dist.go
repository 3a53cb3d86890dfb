//go:build dist

package main

import (
	"archive/zip"
	"bytes"
	_ "embed"

	"apue/internal/build"
)

// distZip is what make dist puts into the binary: the programs of the
// experiments, and the licences of the modules in it.
//
//go:embed dist.zip
var distZip []byte

func init() {
	carried, err := zip.NewReader(bytes.NewReader(distZip), int64(len(distZip)))
	if err != nil {
		panic(err) // make dist wrote it
	}
	build.Carried = carried
}
