package wire

import (
	"errors"
	"fmt"
	"time"
)

// NoResponse says that the target gave no complete answer to a request: it refused or reset the connection, closed it too
// early, or kept silent until the timeout. The case has failed if the target accepts connections afterwards; otherwise the
// target is gone, and the outcome an error.
type NoResponse struct {
	Exchange *Exchange     // with Status 0, or with what came of the answer
	Elapsed  time.Duration // since sending began
	Timeout  bool          // the request's timeout passed
	// Unsent is set where the request could not be written whole: the target may have stopped reading it.
	Unsent bool
	Err    error
}

// Error tells what happened to the request.
func (n *NoResponse) Error() string {
	what := "no answer"
	if n.Exchange != nil && n.Exchange.Status != 0 {
		what = "an answer that broke off"
	}
	if n.Timeout {
		return fmt.Sprintf("%s to %s within %s", what, n.Exchange.Summary(), n.Elapsed.Round(time.Millisecond))
	}
	return fmt.Sprintf("%s to %s after %s: %v", what, n.Exchange.Summary(), n.Elapsed.Round(time.Millisecond), n.Err)
}

// Unwrap returns the cause.
func (n *NoResponse) Unwrap() error { return n.Err }

// ClosedEarly says io.EOF in the reader's terms.
type ClosedEarly struct{ Err error }

func (c ClosedEarly) Error() string { return "the target closed the connection" }
func (c ClosedEarly) Unwrap() error { return c.Err }

// IsNoResponse tells a request that nothing came back to.
func IsNoResponse(err error) bool {
	var none *NoResponse
	return errors.As(err, &none)
}
