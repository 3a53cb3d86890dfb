package main

import (
	"fmt"
	"io"
	"io/fs"
	"runtime"
	"runtime/debug"

	"apue/internal/build"

	"github.com/spf13/cobra"
)

func versionCommand() *cobra.Command {
	licenses := false
	c := &cobra.Command{
		Use:   "version",
		Short: "Print the versions of what this binary is made of",
		Long: `Print the version of ch8, of Go and of the modules that are linked
into this binary.`,
		Example: "  ch8 version\n  ch8 version --licenses",
		Args:    noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if licenses {
				return printLicenses(c.OutOrStdout())
			}
			return printVersion(c.OutOrStdout())
		},
	}
	c.Flags().BoolVar(&licenses, "licenses", false, "print the licences of the modules that a binary of make dist carries")
	return c
}

func printVersion(w io.Writer) error {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return fmt.Errorf("this binary has no build information: build it with the go command")
	}
	fmt.Fprintf(w, "ch8, built by %s for %s/%s\n", info.GoVersion, runtime.GOOS, runtime.GOARCH)
	if build.Carried != nil {
		fmt.Fprintln(w, "It carries the experiments, and needs neither Go nor their source.")
	}
	for _, m := range info.Deps {
		fmt.Fprintf(w, "  %s %s\n", m.Path, m.Version)
	}
	return nil
}

func printLicenses(w io.Writer) error {
	if build.Carried == nil {
		return fmt.Errorf("this binary was built from the source, and carries no licences: read LICENSE, and those in the folder that go env GOMODCACHE prints")
	}
	return fs.WalkDir(build.Carried, "licences", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := fs.ReadFile(build.Carried, path)
		if err != nil {
			return err
		}
		fmt.Fprintf(w, "%s\n\n%s\n", path, text)
		return nil
	})
}
