package main

import (
	"fmt"
	"path/filepath"

	"apue"
	"apue/internal/build"
	"apue/internal/lab"
	"apue/internal/page"
	"apue/internal/record"
	"apue/internal/trace"

	"github.com/spf13/cobra"
)

func siteCommand() *cobra.Command {
	var out string
	var replay bool
	c := &cobra.Command{
		Use:   "site -o FOLDER",
		Short: "Make pages of all experiments, for any static server",
		Long: `Record every experiment, and write a page of each, with the text of the
lab sheet beside it, and an index. The pages load nothing from anywhere:
a folder on a file server, or on a web server, is enough.

Where nothing can be recorded the recordings that come with ch8 are
used.`,
		Example: "  ch8 site -o site",
		Args:    noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if out == "" {
				return fmt.Errorf("site needs the folder to write to: ch8 site -o FOLDER")
			}
			ctx, stop := interruptible()
			defer stop()
			b := new(build.Builder)
			defer b.Close()
			replay = replay || record.Probe() != nil
			if !replay {
				if _, err := ours(ctx, b, all[0]); err != nil {
					return err // once, and not for each page
				}
			}
			busy := showBusy(c.ErrOrStderr(), "recording")
			defer busy.end()
			var missing []string
			s := &page.Site{
				Experiments: all, Files: apue.Files, Read: readSource,
				Record: func(x *lab.Experiment) (*trace.Recording, error) {
					if replay {
						return kept(x)
					}
					return (&subject{experiment: x}).recordNow(ctx, b)
				},
				Say: func(x *lab.Experiment, err error) {
					if err != nil {
						missing = append(missing, fmt.Sprintf("%s has no page: %v", x.ID(), err))
					}
					busy.says("recording " + x.ID())
				},
			}
			if err := s.Write(out); err != nil {
				return err
			}
			if err := ctx.Err(); err != nil {
				return err
			}
			for _, m := range missing {
				fmt.Fprintln(c.ErrOrStderr(), "ch8: site:", m)
			}
			fmt.Fprintf(c.OutOrStdout(), "%s: open %s\n", count(len(all)-len(missing), "page"), filepath.Join(out, "index.html"))
			return nil
		},
	}
	c.Flags().StringVarP(&out, "output", "o", "", "the folder to write to; it is made if it is not there")
	c.Flags().BoolVar(&replay, "replay", false, "only the recordings that come with ch8, no new ones")
	return c
}
