package main

import (
	"bufio"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestReadResponse(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		response string
		ok       bool
		problem  string
	}{
		"with a length":    {"HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nabc", true, ""},
		"in chunks":        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n", true, ""},
		"refused":          {"HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\n{}", false, ""},
		"cut":              {"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab", true, "EOF"},
		"until the end":    {"HTTP/1.1 200 OK\r\n\r\n{}\r\n", true, "neither Content-Length nor chunks"},
		"length of nobody": {"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n", true, "invalid syntax"},
	} {
		in := bufio.NewReader(strings.NewReader(test.response + "HTTP/1.1 rest"))
		if test.problem == "EOF" {
			in = bufio.NewReader(strings.NewReader(test.response))
		}
		ok, err := readResponse(in)
		switch {
		case test.problem == "" && err != nil, test.problem != "" && (err == nil || !strings.Contains(err.Error(), test.problem)):
			t.Errorf("%s: %v, want %q", name, err, test.problem)
		case err == nil && ok != test.ok:
			t.Errorf("%s: %v", name, ok)
		case err == nil:
			if rest, _ := in.ReadString(0); rest != "HTTP/1.1 rest" {
				t.Errorf("%s: left %q for the next response", name, rest)
			}
		}
	}
}

// A ratio is of one round: a machine that was slow in one slows down both.
func TestRatioComparesWithinARound(t *testing.T) {
	t.Parallel()
	rate := func(s sample) float64 { return s.perSecond }
	got := ratio([]sample{{perSecond: 10}, {perSecond: 200}, {perSecond: 30}}, []sample{{perSecond: 10}, {perSecond: 100}, {perSecond: 10}}, rate)
	if want := "**2.00** (1.00–3.00)"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if got := ratio([]sample{{perSecond: 10}}, nil, rate); got != "–" {
		t.Errorf("%s without anything to compare with", got)
	}
}

// The marks as they stand in the page.
const (
	tableBegin = "<!-- make bench: begin -->\n"
	tableEnd   = "<!-- make bench: end -->\n"
)

func TestTableIsRewrittenBetweenItsMarks(t *testing.T) {
	t.Parallel()
	name := filepath.Join(t.TempDir(), "performance.md")
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	found := make(results)
	m := measurement{deletes, 64}
	found.add(m, bare, sample{perSecond: 100, p99: 4 * time.Millisecond})
	found.add(m, mtrackd, sample{perSecond: 150, p99: 2 * time.Millisecond})
	s := settings{rounds: 1, length: time.Second, measure: []measurement{m}}
	table := found.table(s, []contender{{name: mtrackd}, {name: bare}}, "a test")
	for range 2 { // the second time over what the first wrote
		if _, err := os.Stat(name); err != nil {
			write("before\n" + tableBegin + "old\n" + tableEnd + "after\n")
		}
		if err := rewrite(name, table); err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		got := string(text)
		if !strings.HasPrefix(got, "before\n"+tableBegin) || !strings.HasSuffix(got, tableEnd+"after\n") || strings.Contains(got, "old") ||
			strings.Count(got, "| 150 | **1.50** (1.50–1.50) | 2.0 ms | **0.50** (0.50–0.50)") != 1 {
			t.Errorf("rewritten to:\n%s", got)
		}
	}
	write("no marks\n")
	if err := rewrite(name, table); err == nil {
		t.Error("a file without marks was rewritten")
	}
}
