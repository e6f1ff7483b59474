package faulty

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync/atomic"
	"time"
)

// connectionVariants are free in how they talk HTTP and in how long they take.
func connectionVariants() []Variant {
	// delayBy delays every response.
	delayBy := func(d func() time.Duration) func(*behaviour) {
		return func(b *behaviour) {
			b.delays = append(b.delays, func(*call, *response) { time.Sleep(d()) })
		}
	}
	between := func(least, most time.Duration) time.Duration { return least + rand.N(most-least) }

	// rewriteHead rewrites the head of a response line by line, the status line first. "" drops a
	// line.
	rewriteHead := func(rewrite func(i int, line string) string) func(method, head string, n int) string {
		return func(_, head string, _ int) string {
			var kept []string
			for i, line := range strings.Split(strings.TrimSuffix(head, "\r\n\r\n"), "\r\n") {
				if line = rewrite(i, line); line != "" {
					kept = append(kept, line)
				}
			}
			return strings.Join(kept, "\r\n") + "\r\n\r\n"
		}
	}

	return []Variant{
		strict("one-connection-closing",
			"Serves one connection at a time, and closes it after each response.",
			func(b *behaviour) {
				b.listen = newOneAtATime
				b.server = func(s *http.Server) { s.SetKeepAlivesEnabled(false) }
			}),
		strict("one-connection-kept",
			"Serves one connection at a time, and keeps an idle one for 2s.",
			func(b *behaviour) {
				b.listen = newOneAtATime
				b.server = func(s *http.Server) { s.IdleTimeout = 2 * time.Second }
			}),
		strict("closing",
			"Closes the connection after each response.",
			func(b *behaviour) {
				b.server = func(s *http.Server) { s.SetKeepAlivesEnabled(false) }
			}),
		strict("closing-now-and-then",
			"Closes the connection after every third response.",
			func(b *behaviour) {
				var answers atomic.Int64
				b.delays = append(b.delays, func(_ *call, resp *response) {
					if answers.Add(1)%3 == 0 {
						resp.header.Set("Connection", "close")
					}
				})
			}),
		strict("recycling-workers",
			"Drops every twentieth connection before a byte of a response, as servers do that recycle their workers.",
			func(b *behaviour) { b.listen = newRecycling }),
		strict("idle-50ms",
			"Closes a connection that was idle for 50ms.",
			func(b *behaviour) {
				b.server = func(s *http.Server) { s.IdleTimeout = 50 * ms }
			}),
		strict("http-1.0",
			"Speaks HTTP/1.0.",
			func(b *behaviour) { b.serve = wire{version: "HTTP/1.0", closing: true}.serve }),
		strict("http-1.0-unsized",
			"Speaks HTTP/1.0, and a response ends with its connection.",
			func(b *behaviour) {
				b.serve = wire{version: "HTTP/1.0", closing: true, head: rewriteHead(func(_ int, line string) string {
					if strings.HasPrefix(line, "Content-Length:") {
						return ""
					}
					return line
				})}.serve
			}),
		strict("plain-head",
			"Writes header names in lower case and no reason phrase.",
			func(b *behaviour) {
				b.serve = wire{head: rewriteHead(func(i int, line string) string {
					if i == 0 {
						return line[:len("HTTP/1.1 200 ")]
					}
					name, value, _ := strings.Cut(line, ":")
					return strings.ToLower(name) + ":" + strings.TrimSpace(value)
				})}.serve
			}),
		strict("chunked",
			"Sends bodies chunked, in several pieces.",
			func(b *behaviour) {
				b.write = func(c *call, resp *response) { writePieces(c, resp, 7, 0) }
			}),
		strict("trickling",
			"Sends bodies in pieces with pauses.",
			func(b *behaviour) {
				b.write = func(c *call, resp *response) { writePieces(c, resp, 120, 3*ms) }
			}),
		strict("early-hints",
			"Sends an interim 103 before each response.",
			func(b *behaviour) {
				usual := b.write
				b.write = func(c *call, resp *response) {
					c.writer.WriteHeader(http.StatusEarlyHints)
					usual(c, resp)
				}
			}),
		strict("refuses-before-body",
			"Sends errors before the request's body was read, and closes the connection.",
			func(b *behaviour) {
				usual := b.readBody
				b.readBody = func(*call) {}
				b.delays = append(b.delays, func(c *call, resp *response) {
					if resp.status < 400 {
						usual(c)
					} else if c.request.ContentLength != 0 {
						resp.header.Set("Connection", "close")
					}
				})
			}),
		strict("jitter",
			"Takes between 5ms and 120ms for every response, at random.",
			delayBy(func() time.Duration { return between(5*ms, 120*ms) })),
		strict("jitter-of-few-ms",
			"Takes up to 12ms for every response, at random.",
			delayBy(func() time.Duration { return between(0, 12*ms) })),
		strict("slow",
			"Takes 80ms for every response.",
			delayBy(func() time.Duration { return 80 * ms })),
		strict("pausing",
			"Pauses for 250ms in one response of forty.",
			delayBy(func() time.Duration {
				if rand.IntN(40) == 0 {
					return 250 * ms
				}
				return 0
			})),
		strict("slow-errors",
			"Takes 40ms for every error, as a brake on guessing, and answers all else at once.",
			func(b *behaviour) {
				b.delays = append(b.delays, func(_ *call, resp *response) {
					if resp.status >= 400 {
						time.Sleep(40 * ms)
					}
				})
			}),
		strict("slow-start",
			"Takes 600ms for its first response.",
			func(b *behaviour) {
				var answers atomic.Int64
				b.delays = append(b.delays, func(*call, *response) {
					if answers.Add(1) == 1 {
						time.Sleep(600 * ms)
					}
				})
			}),
		strict("below-a-path",
			"Is served below the path /base/api.",
			func(b *behaviour) { b.prefix = "/base/api" }),
		strict("head-as-get",
			"Answers HEAD like GET, without the body.",
			func(b *behaviour) {
				usual := b.method
				b.method = func(c *call) string {
					if method := usual(c); method != http.MethodHead {
						return method
					}
					return http.MethodGet
				}
			}),
		strict("head-404",
			"Answers HEAD 404, whatever is asked for.",
			onResponse(opWrongMethod, 0, func(c *call, resp *response) {
				if c.request.Method == http.MethodHead {
					*resp = *c.server.behaviour.refuse(c, notFound)
				}
			})),
		strict("options-cors",
			"Answers OPTIONS 204 with Allow and CORS headers, on every path and without a key.",
			func(b *behaviour) {
				b.middleware = append(b.middleware, func(next http.Handler) http.Handler {
					return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
						w.Header().Set("Access-Control-Allow-Origin", "*")
						if r.Method != http.MethodOptions {
							next.ServeHTTP(w, r)
							return
						}
						w.Header().Set("Allow", "DELETE, GET, OPTIONS")
						w.Header().Set("Access-Control-Allow-Methods", "DELETE, GET, OPTIONS")
						w.WriteHeader(http.StatusNoContent)
					})
				})
			}),
		strict("options-200",
			"Answers OPTIONS 200 with a list of methods in the body.",
			onResponse(opWrongMethod, 0, func(c *call, resp *response) {
				if c.request.Method == http.MethodOptions {
					allow := resp.header.Get("Allow")
					*resp = *newResponse(http.StatusOK, newObject("methods", strings.Split(allow, ", ")))
					resp.header.Set("Allow", allow)
				}
			})),
		lenient("front",
			"Stands behind a front that answers what cannot be an id itself, with a page of its own.",
			func(b *behaviour) { b.middleware = append(b.middleware, front) }),
		strict("key-first",
			"Tells unknown paths and wrong methods to those with a key only, and 401 to all others.",
			func(b *behaviour) { b.keyFirst = true }),
	}
}

// writePieces sends a body without its length, in pieces of n bytes with a pause after each.
func writePieces(c *call, resp *response, n int, pause time.Duration) {
	body := resp.raw
	if body == nil && resp.body != nil {
		body = c.server.behaviour.encode(c, resp.body)
	}
	header := c.writer.Header()
	header.Set("X-Request-Id", c.traceID)
	for name, values := range resp.header {
		header[name] = values
	}
	c.writer.WriteHeader(resp.status)
	for len(body) > 0 {
		piece := body[:min(n, len(body))]
		body = body[len(piece):]
		c.writer.Write(piece)
		if flusher, ok := c.writer.(http.Flusher); ok {
			flusher.Flush()
		}
		time.Sleep(pause)
	}
}

// front answers what many fronts do not let through: 400 for what they cannot decode, 414 for
// what is too long.
func front(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		escaped := strings.ToLower(r.URL.EscapedPath())
		status := 0
		switch {
		case len(escaped) > 2<<10:
			status = http.StatusRequestURITooLong
		case strings.Contains(escaped, "//"),
			strings.Contains(escaped, "%00"),
			strings.Contains(escaped, "%25"),
			strings.Contains(escaped, "%2f"),
			strings.Contains(escaped, "%3b"),
			strings.ToValidUTF8(r.URL.Path, "") != r.URL.Path:
			status = http.StatusBadRequest
		}
		if status == 0 {
			next.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/html")
		w.Header().Set("Connection", "close")
		w.WriteHeader(status)
		title := fmt.Sprintf("%d %s", status, http.StatusText(status))
		fmt.Fprintf(w, "<html><head><title>%[1]s</title></head><body><h1>%[1]s</h1></body></html>\n", title)
	})
}
