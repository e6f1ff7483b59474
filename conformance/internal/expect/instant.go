package expect

import (
	"fmt"
	"strings"
	"time"

	"github.com/seed-5ec2a705/mtrack/conformance/internal/suite"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/wire"
)

// ClockTolerance is how far the target's clock may be from the suite's.
const ClockTolerance = 120 * time.Second

// now checks that a time in a response is in RFC 3339, in UTC, and now.
func now(x *wire.Exchange, name, text string) error {
	at, err := Instant(text)
	if err != nil {
		return suite.Fail(name+" in RFC 3339 and UTC", fmt.Sprintf("%q (%v)", text, err), x)
	}
	if off := at.Sub(x.Start); off.Abs() > ClockTolerance {
		started := x.Start.UTC().Format(time.RFC3339)
		return suite.Fail(fmt.Sprintf("%s within %v of now, %s", name, ClockTolerance, started), text, x)
	}
	return nil
}

// Instant parses a time in RFC 3339 and UTC, which may be written as Z or +00:00.
func Instant(text string) (time.Time, error) {
	at, err := time.Parse(time.RFC3339Nano, strings.ToUpper(text))
	if err != nil {
		return time.Time{}, err
	}
	if _, offset := at.Zone(); offset != 0 {
		return time.Time{}, fmt.Errorf("the zone is not UTC")
	}
	return at.UTC(), nil
}

// createdAt checks that a time in a response is in RFC 3339, in UTC, and past.
func createdAt(x *wire.Exchange, createdAt string) error {
	at, err := Instant(createdAt)
	if err != nil {
		return suite.Fail("created_at in RFC 3339 and UTC", fmt.Sprintf("%q (%v)", createdAt, err), x)
	}
	if at.After(x.Start.Add(ClockTolerance)) {
		return suite.Fail("a created_at in the past", createdAt, x)
	}
	return nil
}
