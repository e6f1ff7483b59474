// Package passage replaces a passage of a page that a program writes anew, and leaves
// the rest of the page to people.
package passage

import (
	"bytes"
	"errors"
	"os"
	"slices"
)

// Rewrite replaces what stands in a file between the lines "<!-- NAME: begin -->" and
// "<!-- NAME: end -->" by what write makes of it. The file must have both lines.
func Rewrite(file, name string, write func(old string) string) error {
	begin, end := []byte("<!-- "+name+": begin -->\n"), []byte("<!-- "+name+": end -->\n")
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	before, rest, begins := bytes.Cut(text, begin)
	old, after, ends := bytes.Cut(rest, end)
	if !begins || !ends {
		return errors.New(file + " has no marks between which the table goes")
	}
	return os.WriteFile(file, slices.Concat(before, begin, []byte(write(string(old))), end, after), 0o644)
}
