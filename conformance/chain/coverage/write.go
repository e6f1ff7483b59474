package coverage

import (
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/seed-5ec2a705/mtrack/openapi/gate/finding"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/source"
	"github.com/seed-5ec2a705/mtrack/openapi/plain"
)

// share counts the items of a kind.
type share struct {
	Exercised int     `json:"exercised"`
	Total     int     `json:"total"`
	Percent   float64 `json:"percent"`
}

func shareOf(items []Item) share {
	s := share{Total: len(items), Percent: Percent(items)}
	for _, i := range items {
		if i.Exercised {
			s.Exercised++
		}
	}
	return s
}

// WriteText writes a table of the kinds, and what was not exercised.
func WriteText(w io.Writer, items []Item) error {
	t := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	for _, kind := range Kinds() {
		s := shareOf(Of(items, kind))
		fmt.Fprintf(t, "%s\t%d of %d\t%.1f%%\n", kind, s.Exercised, s.Total, s.Percent)
	}
	fmt.Fprintf(t, "all\t\t%.1f%%\n", Percent(items))
	if err := t.Flush(); err != nil {
		return err
	}
	title := "\nNot exercised:\n"
	for _, m := range Missing(items) {
		if _, err := fmt.Fprintf(w, "%s  %-10s %s\n", title, m.Kind, plain.Line(m.String())); err != nil {
			return err
		}
		title = ""
	}
	return nil
}

// WriteJSON writes the items and the share of each kind for programs.
func WriteJSON(w io.Writer, doc *source.Document, items []Item) error {
	out := struct {
		Contract string         `json:"contract"`
		Percent  float64        `json:"percent"`
		Kinds    map[Kind]share `json:"kinds"`
		Items    []Item         `json:"items"`
	}{doc.Root.Display, Percent(items), map[Kind]share{}, items}
	for _, kind := range Kinds() {
		out.Kinds[kind] = shareOf(Of(items, kind))
	}
	return finding.WriteJSON(w, out)
}
