package main

import (
	"bytes"
	"os"
	"testing"
	"time"
)

func TestProgress(t *testing.T) {
	t.Parallel()
	now := time.Unix(0, 0)
	var out bytes.Buffer
	p := newProgress(&out, os.Getenv, func() time.Time { return now })
	step := func(d time.Duration, count int) {
		now = now.Add(d)
		p.show(count, "records", "12%, ")
	}
	step(time.Second, 1000)
	step(5*time.Second, 1234567)
	step(time.Second, 1300000)
	p.line("done")
	if want := "12%, 1,234,567 records, 205,761 a second\ndone\n"; out.String() != want {
		t.Errorf("got %q, want %q", out.String(), want)
	}
}
