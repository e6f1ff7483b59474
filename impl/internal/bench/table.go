package main

import (
	"fmt"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/seed-5ec2a705/mtrack/openapi/passage"
)

// results are the samples of each contender, in the order of the rounds.
type results map[measurement]map[string][]sample

func (r results) add(m measurement, contender string, s sample) {
	if r[m] == nil {
		r[m] = make(map[string][]sample)
	}
	r[m][contender] = append(r[m][contender], s)
}

// table returns Markdown: a table for each measurement, and how it was made.
func (r results) table(s settings, contenders []contender, generator string) string {
	var out strings.Builder
	fmt.Fprintf(&out, "Measured on %s with `make bench`: %d rounds of %v each, alternating; %d processors for everything (%s/%s), %s, %s; load by %s.\n",
		time.Now().UTC().Format(time.DateOnly), s.rounds, s.length, runtime.NumCPU(), runtime.GOOS, runtime.GOARCH, runtime.Version(), redisVersion(), generator)
	out.WriteString("A ratio is the median over the rounds, with the lowest and the highest in brackets; above 1, the server is faster than the bare handler.\n")
	for _, m := range s.measure {
		fmt.Fprintf(&out, "\n**%s**\n\n", m)
		out.WriteString("| contender | requests/s | ÷ bare | p99 | p99 ÷ bare's | processor µs for a request | of Redis |\n|---|---|---|---|---|---|---|\n")
		base := r[m][bare]
		for _, c := range contenders {
			samples := r[m][c.name]
			if len(samples) == 0 {
				continue
			}
			rate := func(s sample) float64 { return s.perSecond }
			p99 := func(s sample) float64 { return float64(s.p99) / float64(time.Millisecond) }
			micro := func(d time.Duration) float64 { return float64(d) / float64(time.Microsecond) }
			fmt.Fprintf(&out, "| %s: %s | %.0f | %s | %.1f ms | %s | %.1f | %.1f |\n", c.name, c.what,
				median(each(samples, rate)), ratio(samples, base, rate), median(each(samples, p99)), ratio(samples, base, p99),
				median(each(samples, func(s sample) float64 { return micro(s.program) })), median(each(samples, func(s sample) float64 { return micro(s.redis) })))
		}
	}
	return out.String()
}

func each(samples []sample, figure func(sample) float64) []float64 {
	values := make([]float64, len(samples))
	for i, s := range samples {
		values[i] = figure(s)
	}
	return values
}

// ratio compares each round with the other's of the same round.
func ratio(samples, base []sample, figure func(sample) float64) string {
	if len(samples) != len(base) {
		return "–"
	}
	values := make([]float64, len(samples))
	for i := range samples {
		values[i] = figure(samples[i]) / figure(base[i])
	}
	return fmt.Sprintf("**%.2f** (%.2f–%.2f)", median(values), slices.Min(values), slices.Max(values))
}

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return (sorted[(len(sorted)-1)/2] + sorted[len(sorted)/2]) / 2
}

func redisVersion() string {
	out, err := exec.Command("redis-server", "--version").Output()
	if fields := strings.Fields(string(out)); err == nil && len(fields) > 2 {
		return "Redis " + strings.TrimPrefix(fields[2], "v=")
	}
	return "Redis of an unknown version"
}

// rewrite puts the table between the two marks of the file.
func rewrite(name, table string) error {
	return passage.Rewrite(name, "make bench", func(string) string { return "\n" + table + "\n" })
}
