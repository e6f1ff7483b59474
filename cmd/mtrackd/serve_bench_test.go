package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/seed-5ec2a705/mtrack/cmd/internal/command"
)

// What BenchmarkServe stores: tracks of a creator, of whom some are saved by somebody else.
const (
	benchSaved   = 100
	benchHead    = `{"organization":{"id":"org_a"}}` + "\n"
	benchUser    = `{"user":{"id":"user_%s","member_of":["org_a"],"keys":[{"secret":"ak_%[1]s"}]}}` + "\n"
	benchTrack   = `{"track":{"id":"mtrack_%d","organization_id":"org_a","creator":"user_creator","title":"Song %[1]d","engine":"studio","mode":"creation","licence_class":"unclear","created_at":"2026-06-28T10:30:00Z"}}` + "\n"
	benchSave    = `{"save":{"user":"user_saver","organization_id":"org_a","track_id":"mtrack_%d","saved_at":"2026-06-28T10:30:00Z"}}` + "\n"
	benchCallers = 64
)

// BenchmarkServe carries out whole requests, over connections that are kept, by the server as it
// runs on Redis. `make profile` makes of it the profile by which the server is compiled.
func BenchmarkServe(b *testing.B) {
	for _, callers := range []int{1, benchCallers} {
		for _, operation := range []struct{ name, form string }{ // of which the verb is the number of a track
			{"delete", "DELETE /v1/music/org_a/tracks/mtrack_%d HTTP/1.1\r\nHost: a\r\nX-API-Key: ak_creator\r\n\r\n"},
			{"get", "GET /v1/music/org_a/tracks/mtrack_%d HTTP/1.1\r\nHost: a\r\nX-API-Key: ak_creator\r\n\r\n"},
			{"list", "GET /v1/music/org_a/tracks?limit=20 HTTP/1.1\r\nHost: a\r\nX-API-Key: ak_saver\r\nX-Number: %d\r\n\r\n"},
		} {
			b.Run(fmt.Sprintf("%s/%d", operation.name, callers), func(b *testing.B) {
				benchmarkServe(b, callers, operation.form)
			})
		}
	}
}

// benchmarkServe carries out b.N requests of that form, each with a number of its own.
func benchmarkServe(b *testing.B, callers int, form string) {
	server := startRedis(b)
	records, lines := io.Pipe()
	go func() {
		w := bufio.NewWriter(lines)
		io.WriteString(w, benchHead)
		for _, user := range []string{"creator", "saver"} {
			fmt.Fprintf(w, benchUser, user)
		}
		for n := range max(b.N, benchSaved) {
			fmt.Fprintf(w, benchTrack, n)
		}
		for n := range benchSaved {
			fmt.Fprintf(w, benchSave, n)
		}
		lines.CloseWithError(w.Flush())
	}()
	var said bytes.Buffer
	status := run(context.Background(), command.Environment{Stdin: records, Stdout: &said, Stderr: &said, Getenv: lookup(nil)},
		[]string{"import", "-", "--redis", server.url})
	if status != 0 {
		b.Fatalf("import: %s", &said)
	}
	i := startServe(b, nil, "--redis", server.url)
	defer i.end(b)
	address := strings.TrimPrefix(i.urls["API"], "http://")
	var next atomic.Int64
	failed := make(chan error, callers)
	b.ReportAllocs()
	b.ResetTimer()
	for range callers {
		go func() {
			c, err := net.Dial("tcp", address)
			if err != nil {
				failed <- err
				return
			}
			defer c.Close()
			in := bufio.NewReader(c)
			for n := next.Add(1) - 1; n < int64(b.N) && err == nil; n = next.Add(1) - 1 {
				err = benchExchange(c, in, fmt.Sprintf(form, n))
			}
			failed <- err
		}()
	}
	for range callers {
		if err := <-failed; err != nil {
			b.Fatal(err)
		}
	}
	b.StopTimer()
}

// benchExchange sends a request and reads its response, which has to be a 200. It does as little
// as that takes: what is measured is the server.
func benchExchange(c net.Conn, in *bufio.Reader, request string) error {
	if _, err := io.WriteString(c, request); err != nil {
		return err
	}
	length := -1
	for first := true; ; first = false {
		line, err := in.ReadSlice('\n')
		if err != nil {
			return err
		}
		if first && !bytes.HasPrefix(line, []byte("HTTP/1.1 200 ")) {
			return fmt.Errorf("the response to %q is %q", request, line)
		}
		if value, ok := bytes.CutPrefix(line, []byte("Content-Length: ")); ok {
			if length, err = strconv.Atoi(string(bytes.TrimSpace(value))); err != nil {
				return err
			}
		}
		if len(line) == 2 {
			break
		}
	}
	if length < 0 {
		return fmt.Errorf("the response to %q does not say its length", request)
	}
	_, err := in.Discard(length)
	return err
}
