package main

import (
	"fmt"
	"os/exec"
	"strings"
	"sync"
	"time"

	"github.com/seed-5ec2a705/mtrack/openapi/passage"
)

// row is what was looked at, and what was seen.
type row struct {
	done, promised, seen string
	rounds, requests     int
	took                 time.Duration
	violations           []string
}

func (r row) String() string {
	return fmt.Sprintf("| %s | %d | %s | %s | %s, %s |", r.done, r.rounds, r.promised, r.seen, commit(), r.took.Round(time.Second))
}

// commit names what was looked at, as it was when it was first asked for.
var commit = sync.OnceValue(func() string {
	out, err := exec.Command("git", "describe", "--always", "--dirty", "--exclude", "*").Output()
	if err != nil {
		return "an unknown commit"
	}
	return strings.TrimSpace(string(out))
})

const tableHead = "| What was done | times | promised | seen | commit, duration |\n|---|---|---|---|---|\n"

// rewrite puts the row between the two marks of the file, in its place among those of other runs.
func rewrite(name string, r row) error {
	return passage.Rewrite(name, "make reliability", func(table string) string {
		lines := make(map[string]string) // by what was done
		for line := range strings.Lines(table) {
			if done, _, ok := strings.Cut(strings.TrimPrefix(line, "| "), " | "); ok {
				lines[done] = line
			}
		}
		lines[r.done] = r.String() + "\n"
		var order []string
		for _, f := range faults() {
			order = append(order, f.done)
		}
		order = append(order, matrixDone)
		for _, h := range hostilities() {
			order = append(order, h.done)
		}
		out := "\n" + tableHead
		for _, done := range order {
			out += lines[done]
		}
		return out + "\n"
	})
}
