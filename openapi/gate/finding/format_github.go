package finding

import (
	"fmt"
	"io"
	"strings"

	"github.com/seed-5ec2a705/mtrack/openapi/plain"
)

// writeGitHub writes workflow commands, which GitHub Actions shows as
// annotations on the lines of a pull request, and the summary as plain text.
func writeGitHub(w io.Writer, r Report) error {
	var b strings.Builder
	for _, f := range r.Findings {
		command := "error"
		switch f.Level {
		case Warning:
			command = "warning"
		case Note:
			command = "notice"
		}
		message := f.Message
		for _, d := range f.details() {
			message += "\n" + d.label + ": " + d.text
		}
		fmt.Fprintf(&b, "::%s file=%s", command, githubProperty(r.locate(f.File)))
		if f.Line > 0 {
			fmt.Fprintf(&b, ",line=%d,col=%d", f.Line, f.Column)
		}
		fmt.Fprintf(&b, ",title=%s::%s\n", githubProperty(f.Rule), githubData(message))
	}
	fmt.Fprintf(&b, "%s: %s\n", plain.Line(r.Subject), Summary(r.Findings))
	_, err := io.WriteString(w, b.String())
	return err
}

// githubData escapes the text of a workflow command: an unescaped line break
// would end it, and what follows could pose as another command. The annotation
// shows the text to people.
func githubData(s string) string {
	return strings.NewReplacer("%", "%25", "\n", "%0A").Replace(plain.Text(s))
}

// githubProperty escapes a property of a workflow command.
func githubProperty(s string) string {
	return strings.NewReplacer("%", "%25", ":", "%3A", ",", "%2C").Replace(plain.Line(s))
}
