package finding

import (
	"fmt"
	"io"
	"strings"

	"github.com/seed-5ec2a705/mtrack/openapi/plain"
)

func writeText(w io.Writer, r Report) error {
	var b strings.Builder
	for _, f := range r.Findings {
		fmt.Fprintf(&b, "%s: %s: %s [%s]\n", plain.Line(f.Position.String()), f.Level, plain.Line(f.Message), f.Rule)
		for _, d := range f.details() {
			fmt.Fprintf(&b, "    %-10s %s\n", strings.ToLower(d.label)+":", plain.Line(d.text))
		}
	}
	if len(r.Findings) > 0 {
		b.WriteByte('\n')
	}
	fmt.Fprintf(&b, "%s: %s\n", plain.Line(r.Subject), Summary(r.Findings))
	if r.More != "" {
		fmt.Fprintln(&b, plain.Line(r.More))
	}
	_, err := io.WriteString(w, b.String())
	return err
}
