package main

import (
	"fmt"
	"io"
	"strings"
	"sync"

	"github.com/seed-5ec2a705/mtrack/conformance/report"
	"github.com/seed-5ec2a705/mtrack/openapi/plain"
)

// writeReplay writes every exchange of every case as it was on the wire, with keys redacted.
func writeReplay(w io.Writer, r *report.Report) {
	for _, c := range r.Cases {
		for i, e := range c.Exchanges {
			fmt.Fprintf(w, "--- %d of %d: %s\n%s %s\n", i+1, len(c.Exchanges), plain.Line(e.Curl), plain.Line(e.Method), plain.Line(e.URL))
			writeMessage(w, "> ", e.RequestHeader, e.RequestBody)
			if e.Status == 0 {
				fmt.Fprintf(w, "< no response: %s\n\n", plain.Line(e.Error))
				continue
			}
			fmt.Fprintf(w, "< %s %d, first byte after %.1f ms, all after %.1f ms\n",
				plain.Line(e.ResponseProto), e.Status, e.TimeToFirstByte, e.Duration)
			writeMessage(w, "< ", e.ResponseHeader, e.ResponseBody)
			if e.Error != "" {
				fmt.Fprintf(w, "! %s\n", plain.Line(e.Error))
			}
			fmt.Fprintln(w)
		}
	}
}

func writeMessage(w io.Writer, mark string, header []report.HeaderField, body string) {
	for _, f := range header {
		fmt.Fprintf(w, "%s%s: %s\n", mark, plain.Line(f.Name), plain.Line(f.Value))
	}
	if body != "" {
		lines := strings.ReplaceAll(strings.TrimRight(body, "\n"), "\n", "\n"+mark)
		fmt.Fprintf(w, "%s\n%s%s\n", strings.TrimSpace(mark), mark, lines)
	}
}

// keyring collects the keys of a replay, for --show-keys.
type keyring struct {
	mu    sync.Mutex
	lines []string
}

func (k *keyring) add(variable, key string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.lines = append(k.lines, variable+"='"+strings.ReplaceAll(key, "'", `'\''`)+"'")
}

func (k *keyring) write(w io.Writer) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, line := range k.lines {
		fmt.Fprintln(w, line)
	}
	fmt.Fprintln(w)
}
