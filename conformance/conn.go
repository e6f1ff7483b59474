package conformance

import "context"

// Conn is one connection to the target for several requests. One goroutine may send while another receives.
type Conn struct{}

// Send writes a request without waiting for the answer. Several may be sent before the first is answered.
func (c *Conn) Send(ctx context.Context, r Request) error { panic("unfinished") }

// Receive reads the answer to the oldest request that was sent and not yet answered, and judges it by the contract unless
// the request was Unchecked. Errors are as with Client.Do; a connection that the target closed instead of answering is a
// *NoAnswer that wraps io.EOF, which a target is free to do after any answer.
func (c *Conn) Receive(ctx context.Context) (*Exchange, error) { panic("unfinished") }

// Close ends the connection. Further calls do nothing.
func (c *Conn) Close() error { return nil }
