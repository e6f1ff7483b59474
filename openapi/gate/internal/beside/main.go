// Command beside runs the spec gate and other tools on the same documents, and rewrites the
// table of docs/spec-gate.md. `make gate-table` runs it.
//
// It fetches nothing: tools are looked for on the path and in a folder that is named, and left
// out, which it says, where they are not. The documents are in testdata; one is made here.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/seed-5ec2a705/mtrack/openapi/passage"
)

func main() {
	table := flag.String("table", "", "Markdown `FILE` whose table is rewritten")
	tools := flag.String("tools", "", "`DIRECTORY` in which tools are looked for first")
	documents := flag.String("documents", "openapi/gate/internal/beside/testdata", "`DIRECTORY` of the documents")
	flag.Parse()
	if err := run(*table, *tools, *documents); err != nil {
		fmt.Fprintln(os.Stderr, "beside:", err)
		os.Exit(1)
	}
}

func run(table, tools, documents string) error {
	scratch, err := os.MkdirTemp("", "beside")
	if err != nil {
		return err
	}
	defer os.RemoveAll(scratch)
	// Beside this project's own configuration, which some tools would read.
	copied := filepath.Join(scratch, "documents")
	if err := os.CopyFS(copied, os.DirFS(documents)); err != nil {
		return err
	}
	documents = copied
	subjects, err := load(documents, scratch)
	if err != nil {
		return err
	}
	changes, err := loadChanges(filepath.Join(documents, "versions"))
	if err != nil {
		return err
	}
	var rows []row
	var missing []string
	for _, t := range all {
		t, ok := t.find(tools, scratch)
		if !ok {
			missing = append(missing, t.name)
			continue
		}
		for _, s := range subjects {
			r, err := t.check(s)
			if err != nil {
				return fmt.Errorf("%s on %s: %w", t.name, s.name, err)
			}
			rows = append(rows, r)
		}
		if t.compare != nil {
			r, err := t.difference(changes)
			if err != nil {
				return fmt.Errorf("%s: %w", t.name, err)
			}
			rows = append(rows, r)
		}
	}
	text := render(rows, missing)
	fmt.Print(text)
	if table == "" {
		return nil
	}
	return rewrite(table, text)
}

// row is what one tool made of one document.
type row struct {
	document, tool string
	passes         bool
	failed         bool // what it wrote is no report
	found, planted int
	wrong          int
	cpu            float64 // seconds
	memory         int64   // bytes
}

// render writes the table, one document after the other.
func render(rows []row, missing []string) string {
	var names []string
	for _, r := range rows {
		if !slices.Contains(names, r.document) {
			names = append(names, r.document)
		}
	}
	var b strings.Builder
	b.WriteString("| Document | Tool | Verdict | Faults found | False errors | CPU | Memory |\n|---|---|---|---|---|---|---|\n")
	for _, name := range names {
		for _, r := range rows {
			if r.document != name {
				continue
			}
			verdict := "fails"
			switch {
			case r.failed:
				verdict = "no report"
			case r.passes:
				verdict = "passes"
			}
			fmt.Fprintf(&b, "| %s | %s | %s | %d of %d | %d | %.2f s | %d MiB |\n", r.document, r.tool, verdict, r.found, r.planted, r.wrong, r.cpu, r.memory>>20)
		}
	}
	if len(missing) > 0 {
		fmt.Fprintf(&b, "\nNot found here, and left out: %s.\n", strings.Join(missing, ", "))
	}
	return b.String()
}

// rewrite puts the table between the two marks of the file.
func rewrite(name, table string) error {
	return passage.Rewrite(name, "make gate-table", func(string) string { return "\n" + table + "\n" })
}
