package faulty

import (
	"fmt"
	"net/http"
	"strings"
)

// wireFaults are about Accept, and about what comes over the wire.
func wireFaults() []Fault {
	list := faultsOf(HostileInput)
	add := list.add

	add("accept-html",
		"Who asks for HTML gets errors as a page.",
		detectedBy(
			"delete-track/error-401-envelope",
			"delete-track/error-403-envelope",
			"delete-track/error-404-envelope",
		),
		onResponse("", 0, func(c *call, resp *response) {
			if resp.status >= 400 && strings.HasPrefix(c.request.Header.Get("Accept"), "text/html") {
				resp.raw = []byte("<!doctype html><title>Error</title>")
				resp.header.Set("Content-Type", "text/html; charset=utf-8")
			}
		}))
	add("accept-xml-406",
		"Who asks for XML gets 406, and nothing is done.",
		warnedBy("delete-track/path-decides-what-is-refused"),
		refuseDelete(func(c *call) bool {
			return strings.HasPrefix(c.request.Header.Get("Accept"), "application/xml")
		}, 406))

	// Bytes and connections.
	shiftLength := func(by int) func(*behaviour) {
		return func(b *behaviour) {
			b.serve = wire{head: func(method, head string, n int) string {
				if method != http.MethodDelete {
					return head
				}
				const line = "Content-Length: %d"
				return strings.Replace(head, fmt.Sprintf(line, n), fmt.Sprintf(line, n+by), 1)
			}}.serve
		}
	}
	add("length-too-long",
		"The Content-Length of responses to DELETE is ten too long.",
		detectedBy("delete-track/creator-gets-200"),
		shiftLength(10))
	add("length-too-short",
		"The Content-Length of responses to DELETE is ten too short.",
		detectedBy("delete-track/creator-gets-200"),
		shiftLength(-10))
	add("answers-twice",
		"A delete is answered twice, so that the next request gets the second response.",
		detectedBy("delete-track/connection-reuse-after-bodies"),
		func(b *behaviour) {
			b.serve = wire{respondTwice: true}.serve
		})
	add("pipelined-dropped",
		"Requests that were sent before the response to the one before was read are lost.",
		detectedBy("delete-track/pipelined-requests"),
		func(b *behaviour) {
			b.serve = wire{dropPipelined: true}.serve
		})
	add("pipelined-swapped",
		"Requests sent at once on one connection are answered in the wrong order.",
		detectedBy("delete-track/pipelined-requests"),
		func(b *behaviour) {
			b.serve = wire{swapPipelined: true}.serve
		})
	return list.faults
}
