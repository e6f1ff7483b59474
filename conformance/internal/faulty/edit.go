package faulty

import (
	"net/http"
	"time"
)

const ms = time.Millisecond

// The changes that many faults and variants are made of. A change is a function of a behaviour:
// it is called once, when a server is made, and replaces some of what that server decides by
// functions that call what was there before. It may therefore be put on top of another change.

// onResponse edits the responses with that status of one operation; "" stands for all operations
// and 0 for every status.
func onResponse(op operation, status int, edit func(c *call, resp *response)) func(*behaviour) {
	return func(b *behaviour) {
		b.edits = append(b.edits, func(c *call, resp *response) {
			if (op == "" || op == c.operation) && (status == 0 || status == resp.status) {
				edit(c, resp)
			}
		})
	}
}

// onRefusal edits the responses to requests that were refused for that reason.
func onRefusal(why cause, edit func(c *call, resp *response)) func(*behaviour) {
	return func(b *behaviour) {
		b.edits = append(b.edits, func(c *call, resp *response) {
			if c.cause == why {
				edit(c, resp)
			}
		})
	}
}

// The edits of one response.

// becomes sends another error instead of the response.
func becomes(p problem) func(c *call, resp *response) {
	return func(c *call, resp *response) { *resp = *c.server.behaviour.refuse(c, p) }
}

// setStatus gives an error another status, in the status line and in the envelope.
func setStatus(status int) func(c *call, resp *response) {
	return func(_ *call, resp *response) {
		resp.status = status
		resp.err().set("status", status)
	}
}

// plainText sends the name of the status as a line of text.
func plainText(_ *call, resp *response) {
	resp.raw = []byte(http.StatusText(resp.status) + "\n")
	resp.header.Set("Content-Type", "text/plain; charset=utf-8")
}

// dropConnection ends the connection instead of responding.
func dropConnection(c *call, _ *response) { c.dropped = true }
