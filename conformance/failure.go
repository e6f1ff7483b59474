package conformance

import (
	"fmt"
	"time"
)

// Failure is the target's: what was expected, what came instead, and the exchanges that show it.
type Failure struct {
	Expected string
	Actual   string
	// Exchanges may be empty where the whole of what the case did is the evidence.
	Exchanges []*Exchange
	// ContractLine is the line of openapi/music.yaml that was broken, 0 where it is not the contract alone that tells.
	ContractLine int
	// Contract is set where the answer breaks the contract's text, which is a MUST whatever the level of the case.
	Contract bool
	// Attachments are further files for the report, such as the picture of a history.
	Attachments []Attachment
}

// Attachment is a file that belongs to a failure.
type Attachment struct {
	Name      string `json:"name"`
	MediaType string `json:"media_type"`
	Data      []byte `json:"data"`
}

// Fail makes the error by which a case says that the target breaks its requirement. Both texts are for people: the first
// completes "expected …", the second "got …".
func Fail(expected, actual string, exchanges ...*Exchange) error {
	return &Failure{Expected: expected, Actual: actual, Exchanges: exchanges}
}

// Error tells what was expected and what came.
func (f *Failure) Error() string {
	return fmt.Sprintf("expected %s; got %s", f.Expected, f.Actual)
}

// Skipped is the error by which a case says that it could not be judged.
type Skipped struct {
	Reason string
}

// Skip makes the error by which a case says that it proves nothing against this target, and why. Skipped is never passed.
func Skip(reason string) error { return &Skipped{Reason: reason} }

// Error gives the reason.
func (s *Skipped) Error() string { return "skipped: " + s.Reason }

// NoAnswer says that the target gave no complete answer to a request: it refused or reset the connection, closed it too
// early, or kept silent until the timeout. The case has failed if the target accepts connections afterwards; otherwise the
// target is gone, and the outcome an error.
type NoAnswer struct {
	Exchange *Exchange     // with Status 0, or with what came of the answer
	Elapsed  time.Duration // since sending began
	Timeout  bool          // the request's timeout passed
	// Unsent is set where the request could not be written whole: the target may have stopped reading it.
	Unsent bool
	Err    error
}

// Error tells what happened to the request.
func (n *NoAnswer) Error() string {
	what := "no answer"
	if n.Exchange != nil && n.Exchange.Status != 0 {
		what = "an answer that broke off"
	}
	if n.Timeout {
		return fmt.Sprintf("%s to %s within %s", what, n.Exchange.summary(), n.Elapsed.Round(time.Millisecond))
	}
	return fmt.Sprintf("%s to %s after %s: %v", what, n.Exchange.summary(), n.Elapsed.Round(time.Millisecond), n.Err)
}

// Unwrap returns the cause.
func (n *NoAnswer) Unwrap() error { return n.Err }

// RateLimited says that the target kept answering 429 for longer than a request may take.
type RateLimited struct {
	Exchange *Exchange // the last of them
	Waited   time.Duration
}

// Error tells what to do about it.
func (r *RateLimited) Error() string {
	return fmt.Sprintf("%s was answered 429 for %s: lift the target's rate limits for the run, or lower --parallel",
		r.Exchange.summary(), r.Waited.Round(time.Millisecond))
}
