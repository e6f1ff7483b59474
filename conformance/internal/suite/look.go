package suite

import (
	"context"
	"time"
)

// Look is a second look at the scene of a case, at the end of the run. What is to come late, such as
// a deletion that is undone or a refused delete that is carried out, may come seconds later; other
// cases fill that time.
type Look struct {
	Since time.Time // when the case had done its part
	Run   func(ctx context.Context) error
}

// LookAgain has look called at the end of the run, or after the time that the run is asked to wait
// if that is later. The case passes if look returns nil too.
func (c *Client) LookAgain(look func(ctx context.Context) error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.looks = append(c.looks, Look{Since: time.Now(), Run: look})
}

// Looks returns what [Client.LookAgain] was called with.
func (c *Client) Looks() []Look {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.looks
}
