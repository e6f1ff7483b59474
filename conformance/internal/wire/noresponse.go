package wire

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"syscall"
	"time"
)

// NoResponse is the error for a request without a complete response: the target refused or reset
// the connection, closed it too early, or sent nothing until the timeout. If the target still
// accepts connections the case has failed; if not, the target is gone, and the outcome is an error.
type NoResponse struct {
	Exchange *Exchange     // with Status 0, or with the part of the response that was received
	Elapsed  time.Duration // since sending began
	Timeout  bool          // the request's timeout passed
	// Unsent is set if the request could not be written completely: the target may have stopped
	// reading it.
	Unsent bool
	// Sent is how many times the request was sent, each time in vain; 0 is once.
	Sent int
	Err  error
}

// Error says what happened, and to which request.
func (n *NoResponse) Error() string {
	what := "no response"
	if n.Exchange != nil && n.Exchange.Status != 0 {
		what = "an incomplete response"
	}
	elapsed := n.Elapsed.Round(time.Millisecond)
	switch {
	case n.Timeout:
		return fmt.Sprintf("%s to %s within %s", what, n.Exchange.Summary(), elapsed)
	case n.Sent > 1:
		return fmt.Sprintf("%s to %s, sent %d times on connections of their own: %v",
			what, n.Exchange.Summary(), n.Sent, n.Err)
	}
	return fmt.Sprintf("%s to %s after %s: %v", what, n.Exchange.Summary(), elapsed, n.Err)
}

// Dropped reports whether the connection ended before a byte of a response, as servers that recycle
// their workers make it end now and then. It is no fault of the target unless it happens to the
// same request again and again.
func (n *NoResponse) Dropped() bool {
	return !n.Timeout && (n.Exchange == nil || n.Exchange.Status == 0 && n.Exchange.TimeToFirstByte == 0)
}

// Drop returns the [NoResponse] of a dropped connection in err, or nil.
func Drop(err error) *NoResponse {
	var none *NoResponse
	if errors.As(err, &none) && none.Dropped() {
		return none
	}
	return nil
}

// Unwrap returns the cause.
func (n *NoResponse) Unwrap() error { return n.Err }

// IsNoResponse reports whether err is a [NoResponse].
func IsNoResponse(err error) bool {
	var none *NoResponse
	return errors.As(err, &none)
}

// ClosedEarly is io.EOF in words that a reader of a report understands.
type ClosedEarly struct{ Err error }

func (c ClosedEarly) Error() string { return "the target closed the connection" }
func (c ClosedEarly) Unwrap() error { return c.Err }

// TLSError is a failed TLS handshake.
type TLSError struct{ Err error }

func (t *TLSError) Error() string { return "TLS: " + t.Err.Error() }
func (t *TLSError) Unwrap() error { return t.Err }

// IsConnectionError reports whether err is a fault of the connection, not of the bytes that came
// over it.
func IsConnectionError(err error) bool {
	var operation *net.OpError
	var record tls.RecordHeaderError
	return errors.As(err, &operation) || errors.As(err, &record) ||
		errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) ||
		errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE)
}
