package main

import (
	"slices"
	"testing"
)

func TestFigures(t *testing.T) {
	t.Parallel()
	got := figures("goos: linux\nBenchmarkCost/delete-2         \t   20000\t         8.916 by-hand-µs\t         1.114 ratio\n" +
		"BenchmarkScale/saved-deleted-16  \t  1\t  308.0 first-ms\nBenchmarkScale/one \t 1\t 2 x\nPASS\n")
	want := []string{"delete: 8.916 by-hand-µs, 1.114 ratio", "saved-deleted: 308.0 first-ms", "one: 2 x"}
	if !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}
