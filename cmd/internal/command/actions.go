package command

import (
	"crypto/rand"
	"io"

	"github.com/seed-5ec2a705/mtrack/openapi/plain"
)

// StopCommands makes GitHub Actions take nothing that is written to w for a
// command, until the function that it returns is called. It writes nothing
// anywhere else. Text of others cannot guess the word that ends it. It is for
// output that only people read, before a line begins; package plain escapes
// the commands that it knows of everywhere.
func (e Environment) StopCommands(w io.Writer) (resume func()) {
	if e.Getenv("GITHUB_ACTIONS") != "true" {
		return func() {}
	}
	token := rand.Text()
	io.WriteString(plain.Raw(w), "::stop-commands::"+token+"\n")
	return func() { io.WriteString(plain.Raw(w), "::"+token+"::\n") }
}
