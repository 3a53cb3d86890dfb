package main

import (
	"fmt"
	"io"
	"strings"

	"apue/internal/lab"
	"apue/internal/locale"
	"apue/internal/show"

	"github.com/spf13/cobra"
)

// hintOptions are the flags of hint.
type hintOptions struct{ again, all bool }

func hintCommand() *cobra.Command {
	var o hintOptions
	c := &cobra.Command{
		Use:   "hint ID",
		Short: "Give a hint, one more each time",
		Long: `Give a hint for an exercise. There are three for each claim: a nudge,
the mechanism, the call to use. Each time one more is given. The id of an
exercise gives hints for the first of its claims that has not passed yet,
the id of a claim for that one.`,
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
			return giveHint(c.OutOrStdout(), x, claim, o)
		},
	}
	c.Flags().BoolVar(&o.again, "again", false, "begin with the first one again")
	c.Flags().BoolVar(&o.all, "all", false, "give all three")
	return c
}

// giveHint prints a hint and notes that it was given.
func giveHint(w io.Writer, x *lab.Experiment, claim string, o hintOptions) error {
	p, err := readProgress()
	if err != nil {
		return err
	}
	c := x.Claim(claim)
	if c == nil {
		if p.solved(x) {
			fmt.Fprint(w, locale.Sprintf("You have solved %s. The id of a claim still gives its hints, for\nexample: ch8 hint %s\n", x.ID(), x.ClaimID(x.Asked()[0])))
			return nil
		}
		c = p.firstOpen(x)
	}
	id := x.ClaimID(c)
	n := p.hints[id]
	switch {
	case o.all:
		n = len(c.Hints)
	case o.again:
		n = 0
	}
	n = min(max(n, 0), len(c.Hints)-1) + 1 // the file may say anything
	p.hints[id] = n
	saved := p.write()
	hint(w, x, c, n, saved == nil)
	if command := p.claims[id].command; command != "" && p.claims[id].status != lab.Pass {
		fmt.Fprint(w, locale.Sprintf("see:  ch8 walk %s -- %s\n", x.ID(), command))
	}
	if saved != nil {
		fmt.Fprintf(w, "ch8: %v\n", saved)
	}
	return nil
}

// firstOpen is the first claim of an exercise that has not passed.
func (p *progress) firstOpen(x *lab.Experiment) *lab.Claim {
	asked := x.Asked()
	for _, c := range asked {
		if p.claims[x.ClaimID(c)].status != lab.Pass {
			return c
		}
	}
	return asked[0]
}

// hint prints the first n hints of a claim. counted says that the next
// call gives one more.
func hint(w io.Writer, x *lab.Experiment, c *lab.Claim, n int, counted bool) {
	id := x.ClaimID(c)
	fmt.Fprintf(w, "%s\n\n", strings.Join(show.Wrap(id+": "+locale.T(c.Says), lab.Width-2), "\n  "))
	for i, h := range c.Hints[:n] {
		fmt.Fprintf(w, "  %d. %s\n", i+1, strings.Join(show.Wrap(locale.T(h), lab.Width-5), "\n     "))
	}
	switch {
	case n == len(c.Hints):
		fmt.Fprint(w, locale.Sprintf("\nThere is no further hint. Read %s of the book.\n", locale.Ref(x.Ref)))
	case counted:
		fmt.Fprint(w, locale.Sprintf("\nnext: ch8 hint %s gives hint %d of %d\n", id, n+1, len(c.Hints)))
	default:
		fmt.Fprint(w, locale.Sprintf("\nnext: ch8 hint %s --all gives all %d\n", id, len(c.Hints)))
	}
}
