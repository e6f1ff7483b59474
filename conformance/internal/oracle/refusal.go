package oracle

import (
	"github.com/seed-5ec2a705/mtrack/conformance/internal/expect"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/wire"
)

// Refusal is a request that must change nothing.
type Refusal struct {
	// Name is what the request is, in a failure: "a saver's delete".
	Name    string
	Request wire.Request
	// Expect judges the response; nil accepts any.
	Expect func(*wire.Exchange) error
}

// WantError returns an Expect for an error of that status.
func WantError(status int) func(*wire.Exchange) error {
	return func(x *wire.Exchange) error { return expect.Error(x, status) }
}
