package main

import (
	"fmt"
	"io"
	"os"
	"strings"

	"apue/internal/lab"
	"apue/internal/show"

	"github.com/spf13/cobra"
)

func hintCommand() *cobra.Command {
	var again bool
	c := &cobra.Command{
		Use:   "hint ID",
		Short: "Give a hint, one more each time",
		Long: `Give a hint for an exercise: each time one more of three, a nudge, the
mechanism, the call to use. An exercise's id gives hints for the first
of its claims that has not passed yet, a claim's id for that one.`,
		Example: "  ch8 hint fork/glob\n  ch8 hint fork/glob/copied",
		Args:    oneArg("the id of an exercise or a claim"),
		RunE: func(c *cobra.Command, args []string) error {
			x, claim, err := findOne(args[0])
			if err != nil {
				return err
			}
			if err := anybodys(x, claim); err != nil {
				return err
			}
			p, err := readProgress()
			if err != nil {
				return err
			}
			hint(c.OutOrStdout(), p, x, claim, again)
			if err := p.write(); err != nil {
				fmt.Fprintln(os.Stderr, "ch8:", err)
			}
			return nil
		},
	}
	c.Flags().BoolVar(&again, "again", false, "begin with the first one again")
	return c
}

func hint(w io.Writer, p *progress, x *lab.Experiment, claim string, again bool) {
	c := x.Claim(claim)
	if c == nil {
		asked := x.Asked()
		c = asked[0]
		for _, a := range asked {
			if p.claims[x.ClaimID(a)].status != lab.Pass {
				c = a
				break
			}
		}
	}
	id := x.ClaimID(c)
	n := p.hints[id]
	if again {
		n = 0
	}
	n = min(max(n, 0), len(c.Hints)-1) + 1 // the file may say anything
	p.hints[id] = n
	fmt.Fprintf(w, "%s\n\n", strings.Join(show.Wrap(id+": "+c.Says, lab.Width-2), "\n  "))
	for i, h := range c.Hints[:n] {
		fmt.Fprintf(w, "  %d. %s\n", i+1, strings.Join(show.Wrap(h, lab.Width-5), "\n     "))
	}
	if n < len(c.Hints) {
		fmt.Fprintf(w, "\nnext: ch8 hint %s gives %d of %d\n", id, n+1, len(c.Hints))
	} else {
		fmt.Fprintf(w, "\nThat is all there is; %s of the book says the rest.\n", x.Ref)
	}
}
