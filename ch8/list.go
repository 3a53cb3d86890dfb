package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"apue/internal/lab"
	"apue/internal/locale"
	"apue/internal/show"

	"github.com/spf13/cobra"
)

func listCommand() *cobra.Command {
	var asJSON, points bool
	var format string
	c := &cobra.Command{
		Use:   "list [ID...]",
		Short: "List the experiments and what they claim",
		Long: `List the experiments. A star marks an exercise. With an ID, which is a
folder or an experiment, list the claims too, with points and references.`,
		Example: "  ch8 list\n  ch8 list fork/glob\n  ch8 list --json | jq .\n  ch8 list --format classroom50 fork/glob",
		RunE: func(c *cobra.Command, ids []string) error {
			chosen, err := choose(ids)
			if err != nil {
				return err
			}
			w := c.OutOrStdout()
			switch {
			case format == "classroom50":
				return listClassroom50(w, chosen)
			case format != "":
				return fmt.Errorf("--format %s: there is only classroom50", format)
			case asJSON:
				return listJSON(w, chosen)
			}
			list(w, chosen, points || len(ids) > 0)
			return nil
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON, one object for each experiment")
	c.Flags().BoolVar(&points, "claims", false, "the claims too")
	c.Flags().StringVar(&format, "format", "", "classroom50: the checks of the exercises as an autograder's array")
	return c
}

// choose returns the experiments that the ids name, all without
// any.
func choose(ids []string) (lab.Registry, error) {
	if len(ids) == 0 {
		return all, nil
	}
	var chosen lab.Registry
	for _, id := range ids {
		found, _, err := find(id)
		if err != nil {
			return nil, err
		}
		chosen = append(chosen, found...)
	}
	return chosen, nil
}

func list(w io.Writer, chosen lab.Registry, claims bool) {
	for _, x := range chosen {
		star := " "
		if x.Exercise {
			star = "*"
		}
		fmt.Fprintf(w, "%s %-21s %s\n", star, x.ID(), strings.Join(show.Wrap(locale.T(x.Title), 44), "\n"+strings.Repeat(" ", 24)))
		if !claims {
			continue
		}
		fmt.Fprintf(w, "  %s\n", locale.Sprintf("%s, %d points", locale.Ref(x.Ref), x.Points()))
		for _, c := range x.Claims {
			fmt.Fprintf(w, "    %-16s %2d  %s\n", c.Name, c.Points,
				strings.Join(show.Wrap(locale.T(c.Says), 42), "\n"+strings.Repeat(" ", 25)))
		}
		fmt.Fprintln(w)
	}
	if !claims {
		fmt.Fprintln(w, "\n"+locale.T("* is also an exercise: ch8 task ID"))
	}
}

// listed is an experiment as list --json writes it.
type listed struct {
	ID       string        `json:"id"`
	Title    string        `json:"title"`
	Ref      string        `json:"ref"`
	Exercise bool          `json:"exercise"`
	Points   int           `json:"points"`
	Claims   []listedClaim `json:"claims"`
}

type listedClaim struct {
	ID     string   `json:"id"`
	Says   string   `json:"says"`
	Ref    string   `json:"ref"`
	Points int      `json:"points"`
	Needs  []string `json:"needs,omitempty"`
}

func listJSON(w io.Writer, chosen lab.Registry) error {
	e := json.NewEncoder(w)
	for _, x := range chosen {
		l := listed{ID: x.ID(), Title: x.Title, Ref: x.Ref, Exercise: x.Exercise, Points: x.Points()}
		for i := range x.Claims {
			c := &x.Claims[i]
			l.Claims = append(l.Claims, listedClaim{ID: x.ClaimID(c), Says: c.Says, Ref: x.ClaimRef(c), Points: c.Points, Needs: c.Needs})
		}
		if err := e.Encode(l); err != nil {
			return err
		}
	}
	return nil
}

// listClassroom50 writes one autograder check for each claim of an
// exercise: a command, its time limit in seconds and its points.
func listClassroom50(w io.Writer, chosen lab.Registry) error {
	type check struct {
		Name    string `json:"name"`
		Type    string `json:"type"`
		Run     string `json:"run"`
		Timeout int    `json:"timeout"`
		Points  int    `json:"points"`
	}
	checks := []check{}
	for _, x := range chosen {
		if !x.Exercise {
			continue
		}
		for _, c := range x.Asked() {
			id := x.ClaimID(c)
			checks = append(checks, check{id, "run", "./ch8 check --strict " + id + " -- " + x.Dir + "-" + x.Name, 60, c.Points})
		}
	}
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(checks)
}
