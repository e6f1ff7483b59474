package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"time"
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

// Between these lines a run writes its rows.
var (
	tableBegin = []byte("<!-- make reliability: begin -->\n")
	tableEnd   = []byte("<!-- make reliability: end -->\n")
)

const tableHead = "| What was done | times | promised | seen | commit, duration |\n|---|---|---|---|---|\n"

// rewrite puts the rows between the two marks of the file, where those of other runs stay.
func rewrite(name string, rows []row) error {
	text, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	before, rest, begins := bytes.Cut(text, tableBegin)
	table, after, ends := bytes.Cut(rest, tableEnd)
	if !begins || !ends {
		return errors.New(name + " has no marks between which the table goes")
	}
	lines := make(map[string]string) // by what was done
	for line := range strings.Lines(string(table)) {
		if done, _, ok := strings.Cut(strings.TrimPrefix(line, "| "), " | "); ok {
			lines[done] = line
		}
	}
	for _, r := range rows {
		lines[r.done] = r.String() + "\n"
	}
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
	return os.WriteFile(name, slices.Concat(before, tableBegin, []byte(out+"\n"), tableEnd, after), 0o644)
}
