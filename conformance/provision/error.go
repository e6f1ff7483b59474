package provision

import (
	"errors"
	"fmt"
	"strings"
)

// ErrNoHistory is the error of [Provisioner.History] for a track that was never created.
var ErrNoHistory = errors.New("no such track was ever created")

// MissingScene is the error of a provisioner that has no scene left that matches a request. The
// case is skipped, and the report lists the request.
type MissingScene struct {
	Request Request
}

// Error says what is missing. [WriteScenes] writes the request itself.
func (m *MissingScene) Error() string { return "the file of scenes has none left that matches" }

// Error is a fault of the provisioner or of its connection. It is never a failure of the target.
// Keys are redacted in all of it.
type Error struct {
	Provisioner string // its String
	Request     string // what was asked, as text
	Response    string // what came back, "" for nothing
	Reason      string // what is wrong
	Err         error  // the cause, if any
}

// Error says what is wrong, and quotes the request and the response.
func (p *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "provisioning: %s: %s", p.Provisioner, p.Reason)
	if p.Err != nil {
		fmt.Fprintf(&b, ": %v", p.Err)
	}
	if p.Request != "" {
		fmt.Fprintf(&b, "\n  request:  %s", p.Request)
	}
	if p.Response != "" {
		fmt.Fprintf(&b, "\n  response: %s", p.Response)
	}
	return b.String()
}

// Unwrap returns the cause.
func (p *Error) Unwrap() error { return p.Err }
