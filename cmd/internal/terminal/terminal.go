// Package terminal is what the commands of this project know of the terminal
// that they write to: whether it takes escape sequences, how wide it is, and
// how to show progress on it.
package terminal

import (
	"io"
	"os"

	"golang.org/x/term"

	"github.com/seed-5ec2a705/mtrack/openapi/plain"
)

// Escapes reports whether escape sequences may be written to w: only to a
// terminal, and neither where NO_COLOR is set and not empty
// (https://no-color.org) nor where TERM is "dumb". Colour is the smallest of
// them; whoever asks for none wants no moving cursor either. Getenv is as
// [os.Getenv].
func Escapes(w io.Writer, getenv func(string) string) bool {
	if getenv("NO_COLOR") != "" || getenv("TERM") == "dumb" {
		return false
	}
	file, ok := plain.Raw(w).(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}

// The width of a terminal that does not say its own, and the least that is
// believed.
const (
	usualWidth = 80
	leastWidth = 20
)

// Width returns the number of columns of the terminal that w is, 0 if it is
// none.
func Width(w io.Writer) int {
	if file, ok := plain.Raw(w).(*os.File); ok && term.IsTerminal(int(file.Fd())) {
		return width(w)
	}
	return 0
}

// width returns the number of columns of the terminal that w is.
func width(w io.Writer) int {
	if file, ok := plain.Raw(w).(*os.File); ok {
		if columns, _, err := term.GetSize(int(file.Fd())); err == nil && columns > leastWidth {
			return columns
		}
	}
	return usualWidth
}
