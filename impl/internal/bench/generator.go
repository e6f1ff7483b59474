package main

import (
	"bufio"
	"bytes"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// sample is what one turn found.
type sample struct {
	requests, refused int
	perSecond         float64
	p99               time.Duration
	program, redis    time.Duration // of processor time, for a request
}

func (s sample) String() string {
	return fmt.Sprintf("%.0f a second, p99 %v, processor time %v, of Redis %v",
		s.perSecond, s.p99.Round(10*time.Microsecond), s.program.Round(100*time.Nanosecond), s.redis.Round(100*time.Nanosecond))
}

// generator sends requests, one after the other on each connection.
type generator interface {
	name() string
	load(ctx context.Context, origin string, m measurement, length time.Duration) (sample, error)
}

// prepareGenerator prefers wrk, which takes less of the processor from what is measured.
func prepareGenerator(work string) (generator, error) {
	binary, err := exec.LookPath("wrk")
	if err != nil {
		fmt.Fprintln(os.Stderr, "wrk is not on the path: measuring with a generator of our own, which takes more of the processor")
		return ownGenerator{}, nil
	}
	script := filepath.Join(work, "requests.lua")
	return wrk{binary, script}, os.WriteFile(script, wrkScript, 0o644)
}

// request returns the path and key of the n-th request.
func (m measurement) request(n int) (method, path, key string) {
	prefix := "/v1/music/" + organization + "/tracks"
	switch m.operation {
	case deletes:
		return http.MethodDelete, prefix + "/" + trackID(n), creatorKey
	case gets:
		return http.MethodGet, prefix + "/" + trackID(n%tracks), creatorKey
	default:
		return http.MethodGet, prefix + "?limit=20", saverKey
	}
}

// wrk is https://github.com/wg/wrk, with one thread.
type wrk struct{ binary, script string }

//go:embed requests.lua
var wrkScript []byte

func (w wrk) name() string { return "wrk, one thread" }

var (
	wrkTotal  = regexp.MustCompile(`(\d+) requests in ([\d.]+)(ms|s|m)`)
	wrkRate   = regexp.MustCompile(`Requests/sec:\s+([\d.]+)`)
	wrkP99    = regexp.MustCompile(`99%\s+([\d.]+(?:us|ms|s))`)
	wrkOthers = regexp.MustCompile(`Non-2xx or 3xx responses: (\d+)`)
	wrkErrors = regexp.MustCompile(`Socket errors: .*`)
)

func (w wrk) load(ctx context.Context, origin string, m measurement, length time.Duration) (sample, error) {
	seconds := max(1, int(length.Round(time.Second)/time.Second))
	command := exec.CommandContext(ctx, w.binary, "-t1", "-c"+strconv.Itoa(m.connections), fmt.Sprintf("-d%ds", seconds),
		"--latency", "-s", w.script, origin, "--", string(m.operation), organization, creatorKey, saverKey, strconv.Itoa(tracks))
	out, err := command.CombinedOutput()
	if err != nil {
		return sample{}, fmt.Errorf("wrk: %w\n%s", err, out)
	}
	text := string(out)
	if problem := wrkErrors.FindString(text); problem != "" {
		return sample{}, errors.New("wrk: " + problem)
	}
	total, rate, p99 := wrkTotal.FindStringSubmatch(text), wrkRate.FindStringSubmatch(text), wrkP99.FindStringSubmatch(text)
	if total == nil || rate == nil || p99 == nil {
		return sample{}, fmt.Errorf("wrk printed no figures:\n%s", text)
	}
	var s sample
	s.requests, _ = strconv.Atoi(total[1])
	s.perSecond, _ = strconv.ParseFloat(rate[1], 64)
	s.p99, err = time.ParseDuration(p99[1])
	if others := wrkOthers.FindStringSubmatch(text); others != nil {
		s.refused, _ = strconv.Atoi(others[1])
	}
	return s, err
}

// ownGenerator needs nothing installed. It writes prepared bytes and reads no more of a response
// than it must.
type ownGenerator struct{}

func (ownGenerator) name() string { return "the generator of this program, since there was no wrk" }

func (g ownGenerator) load(ctx context.Context, origin string, m measurement, length time.Duration) (sample, error) {
	ctx, cancel := context.WithTimeout(ctx, length)
	defer cancel()
	return g.run(ctx, origin, m, 0, tracks-warmTracks)
}

// run sends at most limit requests, numbered from first on, until the context ends.
func (g ownGenerator) run(ctx context.Context, origin string, m measurement, first, limit int) (sample, error) {
	var next, refused atomic.Int64
	times := make([][]time.Duration, m.connections)
	failures := make([]error, m.connections)
	var workers sync.WaitGroup
	start := time.Now()
	for c := range m.connections {
		workers.Go(func() {
			failures[c] = func() error {
				address := strings.TrimPrefix(origin, "http://")
				connection, err := net.Dial("tcp", address)
				if err != nil {
					return err
				}
				defer connection.Close()
				in := bufio.NewReader(connection)
				for ctx.Err() == nil {
					n := int(next.Add(1)) - 1
					if n >= limit {
						return nil
					}
					method, path, key := m.request(first + n)
					sent := time.Now()
					if _, err := fmt.Fprintf(connection, "%s %s HTTP/1.1\r\nHost: %s\r\nX-API-Key: %s\r\n\r\n", method, path, address, key); err != nil {
						return err
					}
					ok, err := readResponse(in)
					if err != nil {
						return err
					}
					times[c] = append(times[c], time.Since(sent))
					if !ok {
						refused.Add(1)
					}
				}
				return nil
			}()
		})
	}
	workers.Wait()
	elapsed := time.Since(start)
	for _, err := range failures {
		if err != nil {
			return sample{}, err // the others are likely to say the same
		}
	}
	all := slices.Sorted(slices.Values(slices.Concat(times...)))
	if len(all) == 0 {
		return sample{}, errors.New("not one response in time")
	}
	return sample{requests: len(all), refused: int(refused.Load()), perSecond: float64(len(all)) / elapsed.Seconds(), p99: all[len(all)*99/100]}, nil
}

// readResponse reads a response to its end and reports whether it is 200.
func readResponse(in *bufio.Reader) (ok bool, err error) {
	line, err := in.ReadSlice('\n')
	if err != nil {
		return false, err
	}
	ok = bytes.HasPrefix(line, []byte("HTTP/1.1 200 "))
	length := int64(-1) // as in a chunked response
	for {
		line, err := in.ReadSlice('\n')
		if err != nil {
			return false, err
		}
		if len(line) <= 2 {
			break
		}
		name, value, _ := bytes.Cut(line, []byte(":"))
		if bytes.EqualFold(name, []byte("Content-Length")) {
			if length, err = strconv.ParseInt(string(bytes.TrimSpace(value)), 10, 64); err != nil {
				return false, err
			}
		}
	}
	if length >= 0 {
		_, err = io.CopyN(io.Discard, in, length)
		return ok, err
	}
	for {
		line, err := in.ReadSlice('\n')
		if err != nil {
			return false, err
		}
		size, err := strconv.ParseInt(string(bytes.TrimSpace(line)), 16, 64)
		if err != nil {
			return false, fmt.Errorf("a response with neither Content-Length nor chunks: %w", err)
		}
		if _, err := io.CopyN(io.Discard, in, size+2); err != nil || size == 0 {
			return ok, err
		}
	}
}
