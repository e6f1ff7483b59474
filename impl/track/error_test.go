package track_test

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/seed-5ec2a705/mtrack/impl/track"
)

// TestCodes walks all codes: a new one without a name fails.
func TestCodes(t *testing.T) {
	t.Parallel()
	seen := make(map[string]bool)
	for i, c := range track.Codes() {
		if c != track.Code(i+1) {
			t.Errorf("code %d is listed at place %d", c, i+1)
		}
		if name := c.String(); seen[name] || strings.HasPrefix(name, "code ") {
			t.Errorf("code %d is called %q", c, name)
		}
		seen[c.String()] = true
		if got := track.CodeOf(fmt.Errorf("wrapped: %w", track.Refuse(c))); got != c {
			t.Errorf("CodeOf a wrapped %v is %v", c, got)
		}
	}
	if next := track.Code(len(track.Codes()) + 1); !strings.HasPrefix(next.String(), "code ") {
		t.Errorf("%q is missing in Codes", next)
	}
}

func TestError(t *testing.T) {
	t.Parallel()
	err := &track.Error{Code: track.InvalidArgument, Param: "limit", Err: io.EOF}
	if !errors.Is(err, io.EOF) || err.Error() != "invalid argument limit: EOF" {
		t.Errorf("got %q", err)
	}
	if track.CodeOf(nil) != 0 || track.CodeOf(io.EOF) != 0 {
		t.Error("an error without a code has one")
	}
}
