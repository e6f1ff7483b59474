package main

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/seed-5ec2a705/mtrack/impl/internal/process"
)

// hostility is callers who mean no good.
type hostility struct {
	name, done string
	quick      bool
	play       func(context.Context, settings) row
}

// What good callers may expect meanwhile, and how much memory the server may take.
const (
	hostileTime   = 8 * time.Second
	goodP99       = 500 * time.Millisecond
	hostileMemory = 512 << 20
)

func hostilities() []hostility {
	slowly := "DELETE /v1/music/o/tracks/mtrack_slow HTTP/1.1\r\nHost: h\r\n"
	return []hostility{
		{"slow-heads", "3,000 callers who send a byte of a header every half second", false, crowd(3000, slowly+"X-A: ", "a")},
		{"slow-bodies", "3,000 callers who send a body byte by byte", false, crowd(3000, slowly+"Content-Length: 1000000\r\n\r\n", "a")},
		{"slow-chunks", "3,000 callers who send chunks of one byte", false, crowd(3000, slowly+"Transfer-Encoding: chunked\r\n\r\n", "1\r\na\r\n")},
		{"idle", "10,000 connections on which nothing is sent", false, crowd(10000, "", "")},
		{"smuggling", "requests within requests: both lengths, two lengths, bad chunks, bad names, HTTP/1.0", true, smuggle("", nil)},
		{"smuggling-nginx", "the same through nginx, beside good callers", true, smuggle("nginx", startNginx)},
		{"smuggling-haproxy", "the same through HAProxy, beside good callers", true, smuggle("haproxy", startHAProxy)},
	}
}

// hostileStage is a stage with a world on it.
func hostileStage(ctx context.Context, s settings) (*stage, world, error) {
	w := newWorld("org_hostile", 100)
	t, err := newStage(ctx, s)
	if err != nil {
		return nil, w, err
	}
	if err := w.store(ctx, s, t.direct); err != nil {
		return nil, w, errors.Join(err, t.close())
	}
	return t, w, nil
}

func (r *row) violate(name, format string, values ...any) {
	what := fmt.Sprintf(format, values...)
	fmt.Fprintf(os.Stderr, "VIOLATION: %s: %s\n    again: go run ./impl/internal/reliability -only %s\n", name, what, name)
	r.violations = append(r.violations, what)
}

// behave asks for tracks as a good caller does, until the context ends.
func behave(ctx context.Context, origin string, w world) (p99 time.Duration, requests int, problems []string) {
	c := newCaller(origin)
	defer c.close()
	var mu sync.Mutex
	var took []time.Duration
	var callers sync.WaitGroup
	for turn := range 4 {
		callers.Go(func() {
			for n := turn; ctx.Err() == nil; n++ {
				id := w.kept[n%len(w.kept)]
				r := c.do(context.WithoutCancel(ctx), getTrack, w.path(id), withKey(w.key("maker")))
				mu.Lock()
				took = append(took, r.done.Sub(r.sent))
				if r.status != http.StatusOK || r.problem != "" || !strings.Contains(string(r.body), id) {
					problems = append(problems, fmt.Sprintf("a good caller got %d %s: %.200s", r.status, r.problem, r.body))
				}
				mu.Unlock()
				time.Sleep(pace)
			}
		})
	}
	callers.Wait()
	slices.Sort(took)
	if len(took) > 0 {
		p99 = took[len(took)*99/100]
	}
	return p99, len(took), problems
}

// crowd opens so many connections, begins a request on each and goes on with it slowly.
func crowd(count int, begin, more string) func(context.Context, settings) row {
	return func(ctx context.Context, s settings) row {
		result := row{rounds: 1, promised: fmt.Sprintf("good callers served, p99 under %v; memory under %d MB", goodP99, hostileMemory>>20)}
		t, w, err := hostileStage(ctx, s)
		if err != nil {
			result.violate("crowd", "cannot begin: %v", err)
			return result
		}
		defer t.close()
		quiet, cancel := context.WithTimeout(ctx, 2*time.Second)
		before, _, _ := behave(quiet, t.origin, w)
		cancel()
		crowded, cancel := context.WithTimeout(ctx, hostileTime)
		defer cancel()
		var workers sync.WaitGroup
		address := strings.TrimPrefix(t.origin, "http://")
		var connections []net.Conn
		for range count {
			connection, err := net.Dial("tcp", address)
			if err != nil || crowded.Err() != nil {
				break
			}
			connections = append(connections, connection)
			io.WriteString(connection, begin) // who is cut off has his wish
		}
		if more != "" {
			workers.Go(func() {
				for crowded.Err() == nil {
					for _, connection := range connections {
						connection.SetWriteDeadline(time.Now().Add(10 * time.Millisecond))
						io.WriteString(connection, more)
					}
					time.Sleep(500 * time.Millisecond)
				}
			})
		}
		var most int64
		workers.Go(func() {
			for crowded.Err() == nil {
				most = max(most, t.server.Memory())
				time.Sleep(20 * time.Millisecond)
			}
		})
		p99, requests, problems := behave(crowded, t.origin, w)
		workers.Wait()
		for _, connection := range connections {
			connection.Close()
		}
		result.requests = requests
		if len(problems) > 0 {
			result.violate("crowd", "%d times, such as: %s", len(problems), problems[0])
		}
		if p99 > goodP99 {
			result.violate("crowd", "p99 of good callers %v", p99)
		}
		if most > hostileMemory {
			result.violate("crowd", "%d MB of memory", most>>20)
		}
		result.seen = fmt.Sprintf("%d connections, %d MB; %d good requests, p99 %v (%v without), %d failed",
			len(connections), most>>20, requests, p99.Round(100*time.Microsecond), before.Round(100*time.Microsecond), len(problems))
		return result
	}
}

// smuggled are requests that hide another one, @, which deletes a track with a good key.
var smuggled = map[string]string{
	"both lengths":            "DELETE /x HTTP/1.1\r\nHost: h\r\nContent-Length: #\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n@",
	"both, the other order":   "DELETE /x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n5\r\naaaaa\r\n0\r\n\r\n@",
	"two lengths":             "DELETE /x HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\nContent-Length: #\r\n\r\n@",
	"a list of lengths":       "DELETE /x HTTP/1.1\r\nHost: h\r\nContent-Length: 0, #\r\n\r\n@",
	"a signed length":         "DELETE /x HTTP/1.1\r\nHost: h\r\nContent-Length: +#\r\n\r\n@",
	"a hexadecimal length":    "DELETE /x HTTP/1.1\r\nHost: h\r\nContent-Length: 0x10\r\n\r\n@",
	"a negative length":       "DELETE /x HTTP/1.1\r\nHost: h\r\nContent-Length: -1\r\n\r\n@",
	"blank before colon":      "DELETE /x HTTP/1.1\r\nHost: h\r\nContent-Length : #\r\n\r\n@",
	"blank in the coding":     "DELETE /x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding : chunked\r\nContent-Length: #\r\n\r\n0\r\n\r\n@",
	"coding of another name":  "DELETE /x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: xchunked\r\nContent-Length: #\r\n\r\n0\r\n\r\n@",
	"coding twice":            "DELETE /x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n@",
	"coding in a folded line": "DELETE /x HTTP/1.1\r\nHost: h\r\nX: a\r\n Transfer-Encoding: chunked\r\nContent-Length: #\r\n\r\n@",
	"coding with a tab":       "DELETE /x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding:\tchunked\r\nContent-Length: #\r\n\r\n0\r\n\r\n@",
	"a chunk too long":        "DELETE /x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff1\r\n@",
	"a chunk with no size":    "DELETE /x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n\r\n@",
	"a chunk ended by LF":     "DELETE /x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1\na\n0\n\n@",
	"HTTP/1.0 with a coding":  "DELETE /x HTTP/1.0\r\nHost: h\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n@",
	"HTTP/1.0 with lengths":   "DELETE /x HTTP/1.0\r\nHost: h\r\nConnection: keep-alive\r\nContent-Length: 0\r\nContent-Length: #\r\n\r\n@",
	"a body that is one":      "DELETE /x HTTP/1.1\r\nHost: h\r\nContent-Length: #\r\n\r\n@",
}

// smuggle sends them, past a front or to the server itself. To the server no hidden request may
// be carried out. A front may take one for a request of its own; then nobody else may get its
// response.
func smuggle(front string, start func(settings, string, string) (*process.Process, error)) func(context.Context, settings) row {
	return func(ctx context.Context, s settings) row {
		result := row{rounds: len(smuggled), promised: "no hidden request carried out; documented responses or a closed connection; good callers get their own responses"}
		name := strings.TrimSuffix("smuggling-"+front, "-")
		if front != "" {
			result.promised = "no 5xx; good callers get their own responses"
			if _, err := exec.LookPath(front); err != nil {
				fmt.Fprintf(os.Stderr, "SKIPPED: %s: %s is not on the path: install it (Debian: %s)\n", name, front, strings.Replace(front, "nginx", "nginx-light", 1))
				result.seen = "skipped: " + front + " is not installed"
				return result
			}
		}
		t, w, err := hostileStage(ctx, s)
		if err != nil {
			result.violate(name, "cannot begin: %v", err)
			return result
		}
		defer t.close()
		origin := strings.TrimPrefix(t.origin, "http://")
		if front != "" {
			address, err := process.FreeAddress()
			var p *process.Process
			if err == nil {
				p, err = start(s, address, origin)
			}
			if err == nil {
				defer p.End()
				err = p.Await(ctx, address)
			}
			if err != nil {
				result.violate(name, "cannot begin: %v", err)
				return result
			}
			origin = address
		}
		together, cancel := context.WithCancel(ctx)
		defer cancel()
		var good sync.WaitGroup
		var p99 time.Duration
		var problems []string
		good.Go(func() { p99, result.requests, problems = behave(together, "http://"+origin, w) })
		statuses := make(map[int]int)
		victims := make(map[string]string)
		for kind, text := range smuggled {
			victim := w.tracks[len(victims)]
			victims[victim] = kind
			hidden := fmt.Sprintf("DELETE %s HTTP/1.1\r\nHost: h\r\nX-API-Key: %s\r\n\r\n", w.path(victim), w.key("maker"))
			text = strings.NewReplacer("#", fmt.Sprint(len(hidden)), "@", hidden).Replace(text)
			for _, status := range sendRaw(origin, text) {
				statuses[status]++
				if status >= 500 && status != http.StatusNotImplemented || status < 200 || status >= 300 && status < 400 {
					result.violate(name, "%s: status %d", kind, status)
				}
			}
		}
		cancel()
		good.Wait()
		all, err := export(ctx, s, t.direct)
		if err != nil {
			result.violate(name, "%v", err)
		}
		var carriedOut []string
		for victim, kind := range victims {
			if err == nil && all[victim].deleted {
				carriedOut = append(carriedOut, kind)
				if front == "" {
					result.violate(name, "%s: the hidden request was carried out", kind)
				}
			}
		}
		if len(problems) > 0 {
			result.violate(name, "%d times, such as: %s", len(problems), problems[0])
		}
		slices.Sort(carriedOut)
		result.seen = fmt.Sprintf("responses by status %v; hidden requests carried out: %s; %d good requests, %d got what was not theirs or failed, p99 %v",
			statuses, cmp.Or(strings.Join(carriedOut, ", "), "none"), result.requests, len(problems), p99.Round(100*time.Microsecond))
		return result
	}
}

// sendRaw sends bytes and returns the statuses of what comes back until the connection ends or
// rests.
func sendRaw(address, text string) (statuses []int) {
	connection, err := net.Dial("tcp", address)
	if err != nil {
		return nil
	}
	defer connection.Close()
	io.WriteString(connection, text) // who does not read on closes, which is a response as well
	connection.SetReadDeadline(time.Now().Add(400 * time.Millisecond))
	in := bufio.NewReader(connection)
	for {
		response, err := http.ReadResponse(in, nil)
		if err != nil {
			return statuses
		}
		statuses = append(statuses, response.StatusCode)
		if _, err := io.Copy(io.Discard, response.Body); err != nil {
			return statuses
		}
	}
}

func startNginx(s settings, listen, origin string) (*process.Process, error) {
	file := filepath.Join(s.work, "nginx.conf")
	var paths strings.Builder
	for _, kind := range []string{"client_body", "proxy", "fastcgi", "uwsgi", "scgi"} {
		fmt.Fprintf(&paths, "%s_temp_path %s;\n", kind, filepath.Join(s.work, "nginx-"+kind))
	}
	text := fmt.Sprintf("daemon off;\nmaster_process off;\npid %s;\nerror_log /dev/null;\nevents { worker_connections 512; }\nhttp {\naccess_log off;\n%s"+
		"upstream mtrackd { server %s; keepalive 4; }\nserver { listen %s; location / { proxy_pass http://mtrackd; proxy_http_version 1.1; proxy_set_header Connection \"\"; proxy_request_buffering off; } }\n}\n",
		filepath.Join(s.work, "nginx.pid"), paths.String(), origin, listen)
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		return nil, err
	}
	return process.Start(exec.Command("nginx", "-e", "/dev/null", "-c", file))
}

func startHAProxy(s settings, listen, origin string) (*process.Process, error) {
	file := filepath.Join(s.work, "haproxy.cfg")
	text := fmt.Sprintf("global\n  maxconn 500\ndefaults\n  mode http\n  timeout connect 5s\n  timeout client 15s\n  timeout server 15s\n  http-reuse always\n"+
		"frontend front\n  bind %s\n  default_backend back\nbackend back\n  server mtrackd %s\n", listen, origin)
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		return nil, err
	}
	return process.Start(exec.Command("haproxy", "-db", "-f", file))
}
