package finding

import (
	"fmt"
	"io"
	"strings"
	"unicode"
)

func writeText(w io.Writer, r Report) error {
	var b strings.Builder
	for _, f := range r.Findings {
		fmt.Fprintf(&b, "%s: %s: %s [%s]\n", line(f.Position.String()), f.Level, line(f.Message), f.Rule)
		for _, d := range f.details() {
			fmt.Fprintf(&b, "    %-10s %s\n", strings.ToLower(d.label)+":", line(d.text))
		}
	}
	if len(r.Findings) > 0 {
		b.WriteByte('\n')
	}
	fmt.Fprintf(&b, "%s: %s\n", line(r.Subject), Summary(r.Findings))
	_, err := io.WriteString(w, b.String())
	return err
}

// line makes a text one line of plain characters. What a document holds ends up in
// messages, and neither a terminal nor a CI log is to take it for a command.
func line(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, s)
}
