package journal

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"strings"
	"sync"
	"testing"
	"time"
)

// sink is a file that may refuse, or take a part only.
type sink struct {
	mu     sync.Mutex
	text   strings.Builder
	writes int
	room   int // for so many bytes; below 0: for all
}

func newSink() *sink { return &sink{room: -1} }

func (s *sink) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.writes++
	if s.room < 0 || len(p) <= s.room {
		s.text.Write(p)
		if s.room > 0 {
			s.room -= len(p)
		}
		return len(p), nil
	}
	n := s.room
	s.text.Write(p[:n])
	s.room = 0
	return n, errors.New("no space left on device")
}

func (s *sink) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

func (s *sink) give(room int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.room = room
}

// newPatient returns a buffer that waits as long as a busy machine takes.
func newPatient(w io.Writer) *Buffer {
	b := NewBuffer(w)
	b.patience = time.Minute
	return b
}

// valve is a file that takes nothing while it is shut.
type valve struct {
	sink
	open chan struct{}
}

func newValve() *valve { return &valve{sink: sink{room: -1}, open: make(chan struct{})} }

func (v *valve) Write(p []byte) (int, error) {
	<-v.open
	return v.sink.Write(p)
}

// same compares our line for a record with slog's.
func same(t *testing.T, r slog.Record) {
	t.Helper()
	for _, json := range []bool{false, true} {
		var want bytes.Buffer
		var theirs slog.Handler = slog.NewTextHandler(&want, nil)
		if json {
			theirs = slog.NewJSONHandler(&want, nil)
		}
		theirs.Handle(context.Background(), r)
		out := newSink()
		b := newPatient(out)
		NewHandler(b, b, json, slog.LevelInfo).Handle(context.Background(), r)
		b.Flush()
		if out.String() != want.String() {
			t.Errorf("got  %swant %s", out, &want)
		}
	}
}

func record(level slog.Level, message string, attributes ...slog.Attr) slog.Record {
	r := slog.NewRecord(time.Date(2026, 6, 28, 10, 30, 0, 120_000_000, time.FixedZone("", 3600)), level, message, 0)
	r.AddAttrs(attributes...)
	return r
}

// Every line is what slog makes of it.
func TestHandler_SameAsSlog(t *testing.T) {
	t.Parallel()
	for _, r := range []slog.Record{
		record(slog.LevelInfo, "request", slog.String("trace_id", "req_abc"), slog.String("method", "DELETE"),
			slog.String("route", "/v1/music/{organization_id}/tracks/{track_id}"), slog.Int("status", 200), slog.Float64("duration_ms", 0.123)),
		record(slog.LevelWarn, "two words", slog.Float64("duration_ms", 0), slog.Float64("x", 5000)),
		record(slog.LevelInfo+1, "x", slog.String("empty", "")),
		record(slog.LevelError, "", slog.Any("error", io.EOF), slog.Bool("b", true), slog.Duration("d", time.Second)),
		record(slog.LevelInfo, "x", slog.Group("g", slog.Int("a", 1)), slog.Attr{}, slog.String("a key", "a value")),
		slog.NewRecord(time.Time{}, slog.LevelInfo, "no time", 0),
		slog.NewRecord(time.Now(), slog.LevelInfo, "now", 0),
		slog.NewRecord(time.Date(12026, 1, 1, 0, 0, 0, 0, time.UTC), slog.LevelInfo, "later", 0),
	} {
		same(t, r)
	}
	for _, f := range []float64{1e-7, 1e-5, 9.99e-5, 1e-4, 0.001, 1.5, 1e6, 123456789.125, 1e15, 1e20, 1e21, 1e22, -3, math.Copysign(0, -1)} {
		same(t, record(slog.LevelInfo, "x", slog.Float64("f", f)))
	}
	var ours, theirs bytes.Buffer
	b := newPatient(&ours)
	for _, l := range []*slog.Logger{slog.New(NewHandler(b, b, false, slog.LevelInfo)), slog.New(slog.NewTextHandler(&theirs, nil))} {
		l.With("a", 1).WithGroup("g").LogAttrs(context.Background(), slog.LevelError, "x", slog.Int("b", 2))
		l.Debug("nothing")
	}
	cut := func(s string) string { _, rest, _ := strings.Cut(s, " "); return rest } // the times differ
	if cut(ours.String()) != cut(theirs.String()) {
		t.Errorf("got %s, want %s", &ours, &theirs)
	}
}

func FuzzHandler(f *testing.F) {
	f.Add(int64(1782642600120), "request", "method", "DELETE", 200, 0.123)
	f.Add(int64(0), "##[error]", "=", "a=b\u2028\xff\"\\", -1, 1e300)
	f.Fuzz(func(t *testing.T, at int64, message, key, value string, n int, x float64) {
		r := slog.NewRecord(time.UnixMilli(at%(1<<47)), slog.LevelInfo, message, 0)
		r.AddAttrs(slog.String(key, value), slog.Int("n", n), slog.Float64("x", x))
		same(t, r)
	})
}

// Lines wait for others, but not for long; a warning takes along what waits; and
// once the end has begun nothing waits.
func TestBuffer_Waits(t *testing.T) {
	t.Parallel()
	out := newSink()
	b := newPatient(out)
	log := slog.New(NewHandler(b, b, false, slog.LevelInfo))
	for range 10 {
		log.Info("one")
	}
	log.Error("two")
	if got := out.String(); strings.Count(got, "one") != 10 || !strings.HasSuffix(got, "msg=two\n") || out.writes > 5 {
		t.Errorf("after a warning, in %d writes: %s", out.writes, got)
	}
	log.Info("three")
	for limit := time.Now().Add(10 * time.Second); !strings.Contains(out.String(), "three"); time.Sleep(time.Millisecond) {
		if time.Now().After(limit) {
			t.Fatal("a line waits for ever")
		}
	}
	log.Info("four")
	b.Direct()
	log.Info("five")
	if got := out.String(); !strings.Contains(got, "four") || !strings.Contains(got, "five") {
		t.Errorf("at the end: %s", got)
	}
}

// Much is written at once, whole and in order, whoever writes.
func TestBuffer_Concurrent(t *testing.T) {
	t.Parallel()
	out := newSink()
	b := newPatient(out)
	var writers sync.WaitGroup
	for w := range 8 {
		writers.Go(func() {
			for n := range 2000 {
				fmt.Fprintf(b, "%d %04d %s\n", w, n, strings.Repeat("x", 80))
				if n%500 == 0 {
					b.Flush() // lest there be no room for what is to come
				}
			}
		})
	}
	writers.Wait()
	b.Flush()
	next := [8]int{}
	for line := range strings.Lines(out.String()) {
		var w, n int
		if _, err := fmt.Sscanf(line, "%d %d", &w, &n); err != nil || n != next[w] || len(line) != 88 {
			t.Fatalf("line %q, want number %d", line, next[w])
		}
		next[w]++
	}
	for w, n := range next {
		if n != 2000 {
			t.Errorf("%d lines of writer %d", n, w)
		}
	}
	if out.writes > 16000*88/(fill/2)+2*8*2000/500 {
		t.Errorf("%d writes", out.writes)
	}
}

// What cannot be written comes later, from where it broke off; what there is no
// room for is counted.
func TestBuffer_Refused(t *testing.T) {
	t.Parallel()
	out := newSink()
	b := newPatient(out)
	NewHandler(b, b, false, slog.LevelInfo)
	out.give(5)
	io.WriteString(b, "first line\n")
	if b.Flush() == nil {
		t.Error("nobody says that the disk is full")
	}
	line := strings.Repeat("y", 1023) + "\n"
	for range 2 * most / len(line) {
		io.WriteString(b, line)
	}
	out.give(-1)
	if err := b.Flush(); err != nil {
		t.Fatal(err)
	}
	const missing = " level=WARN msg=\"lines of the log are missing here: they could not be written\" lines="
	for limit := time.Now().Add(10 * time.Second); !strings.Contains(out.String(), missing); time.Sleep(time.Millisecond) {
		if time.Now().After(limit) {
			t.Fatal("nothing says that lines are missing")
		}
	}
	got := out.String()
	if !strings.HasPrefix(got, "first line\nyyy") || len(got) > most+200 || !strings.Contains(got[most-2000:], "\ntime=") {
		t.Errorf("%d bytes, from %q to %q", len(got), got[:20], got[len(got)-80:])
	}
	io.WriteString(b, "last\n")
	b.Flush()
	if !strings.HasSuffix(out.String(), "\nlast\n") {
		t.Error("the log does not go on")
	}
}

// Who writes lines does not wait for a log that nobody reads, nor does the memory
// grow. When it is read again the lines come in order, with how many are missing.
func TestBuffer_Blocked(t *testing.T) {
	t.Parallel()
	out := newValve()
	b := newPatient(out)
	log := slog.New(NewHandler(b, b, false, slog.LevelInfo))
	const lines = 20000
	text := strings.Repeat("x", 100)
	for n := range lines {
		log.Info(text, "n", n)
	}
	b.mu.Lock()
	held, room := b.leaving+len(b.lines), cap(b.lines)+cap(b.spare)
	b.mu.Unlock()
	if held > most || held < most-200 || room > 2*most {
		t.Errorf("%d bytes are kept, in %d", held, room)
	}
	close(out.open)
	if err := b.End(time.Minute); err != nil {
		t.Fatal(err)
	}
	log.Warn("after it")
	kept, missing := 0, 0
	for line := range strings.Lines(out.String()) {
		at, rest, _ := strings.Cut(line, " ")
		if _, err := time.Parse("time=2006-01-02T15:04:05.000Z07:00", at); err != nil {
			t.Fatalf("a line is broken: %q", line)
		}
		var n int
		switch {
		case strings.Contains(rest, text):
			if fmt.Sscanf(rest[strings.Index(rest, " n="):], " n=%d", &n); n != kept || missing > 0 {
				t.Fatalf("line %d comes after %d lines and %d missing ones", n, kept, missing)
			}
			kept++
		case strings.Contains(rest, "are missing here"):
			fmt.Sscanf(rest[strings.LastIndex(rest, " "):], " lines=%d", &missing)
		}
	}
	if kept == 0 || kept+missing != lines {
		t.Errorf("%d lines and %d missing ones of %d", kept, missing, lines)
	}
	if got := out.String(); !strings.HasSuffix(got, "level=WARN msg=\"after it\"\n") {
		t.Errorf("the log does not go on: %q", got[len(got)-200:])
	}
}

// A warning, a line after the end has begun, and the end itself wait for the log
// only so long; and for the same write only once, until it is done.
func TestBuffer_Impatient(t *testing.T) {
	t.Parallel()
	out := newValve()
	b := NewBuffer(out)
	b.patience = time.Millisecond
	h := NewHandler(b, b, false, slog.LevelInfo)
	warn := record(slog.LevelWarn, "x")
	if err := h.Handle(t.Context(), warn); err != ErrBlocked {
		t.Errorf("a warning: %v", err)
	}
	b.patience = time.Hour
	for what, err := range map[string]error{
		"a second warning": h.Handle(t.Context(), warn),
		"direct":           b.Direct(),
		"a line":           h.Handle(t.Context(), record(slog.LevelInfo, "y")),
		"the end":          b.End(time.Millisecond),
	} {
		if err != ErrBlocked {
			t.Errorf("%s: %v", what, err)
		}
	}
	close(out.open)
	if err := b.End(time.Minute); err != nil {
		t.Error(err)
	}
	if err := h.Handle(t.Context(), record(slog.LevelInfo, "z")); err != nil {
		t.Error(err)
	}
	if got := out.String(); strings.Count(got, "msg=x\n") != 2 || strings.Count(got, "msg=y\n") != 1 || !strings.HasSuffix(got, "msg=z\n") {
		t.Errorf("in the log: %s", got)
	}
}

// The end waits for the line that tells of missing ones too.
func TestBuffer_EndTells(t *testing.T) {
	t.Parallel()
	out := newValve()
	b := newPatient(out)
	NewHandler(b, b, false, slog.LevelInfo)
	for range 3 {
		io.WriteString(b, strings.Repeat("y", most/2-1)+"\n")
	}
	time.AfterFunc(10*time.Millisecond, func() { close(out.open) })
	if err := b.End(time.Minute); err != nil {
		t.Fatal(err)
	}
	if got := out.String(); !strings.HasSuffix(got, " lines=1\n") {
		t.Errorf("%d bytes, the last of them %q", len(got), got[max(0, len(got)-200):])
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.lines) > 0 || b.leaving > 0 || len(b.waiting) > 0 {
		t.Errorf("%d and %d bytes and %d who wait are left", len(b.lines), b.leaving, len(b.waiting))
	}
}

func BenchmarkHandler(b *testing.B) {
	r := record(slog.LevelInfo, "request", slog.String("trace_id", "req_abcdefghijklmnopqrstuvwx"), slog.String("method", "DELETE"),
		slog.String("route", "/v1/music/{organization_id}/tracks/{track_id}"), slog.Int("status", 200), slog.Float64("duration_ms", 0.123))
	buffer := NewBuffer(io.Discard)
	for name, h := range map[string]slog.Handler{
		"ours": NewHandler(buffer, buffer, false, slog.LevelInfo), "slog": slog.NewTextHandler(buffer, nil),
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				h.Handle(context.Background(), r)
			}
		})
	}
}
