package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/seed-5ec2a705/mtrack/cmd/internal/command"
	"github.com/seed-5ec2a705/mtrack/conformance/chain/coverage"
	"github.com/seed-5ec2a705/mtrack/openapi"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/finding"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/source"
)

func coverageCommand() command.Command {
	return command.Command{
		Name:    "coverage",
		Syntax:  "REPORT.json",
		Summary: "tell what of the contract a conformance run exercised",
		About: `
Tell from a conformance report what of the contract was really exercised.

REPORT.json is what mtrack-conformance run --report json=PATH wrote. Counted are the operations, their statuses and
parameters, and the headers and properties of their responses.`,
		Prepare: func(fs *command.FlagSet) command.Action {
			format := outputFlag(fs, finding.Formats()...)
			options := sourceFlags(fs)
			contract := fs.String("contract", "", "`FILE` or REV:PATH of the contract of the run; absent: the one that this program was built with")
			under := fs.Float64("fail-under", 0, "`PERCENT` of all that has to be exercised, for the exit status not to be 1")
			exclude := fs.String("exclude-status", "", "`STATUSES` of responses to leave out, separated by commas: those that no run can bring about")
			return func(ctx context.Context, env command.Environment, args []string) error {
				if len(args) != 1 {
					return command.Misused("name one conformance report")
				}
				if !(*under >= 0 && *under <= 100) { // NaN is neither
					return command.Misused("--fail-under is a percentage from 0 to 100")
				}
				excluded := splitList(*exclude)
				for _, status := range excluded {
					if code, err := strconv.Atoi(status); err != nil || code < 100 || code > 599 {
						return command.Misused("--exclude-status: %q is not a status; give codes such as 429,503", status)
					}
				}
				report, err := readReport(args[0], options.MaxBytes)
				if err != nil {
					return err
				}
				doc, err := contractOf(ctx, *contract, *options)
				if err != nil {
					return err
				}
				if report.Suite.ContractSHA256 == "" {
					return fmt.Errorf("%s does not say which contract it is about: write one with `mtrack-conformance run --report json=PATH`", args[0])
				}
				if got := digest(doc.Root.Data); report.Suite.ContractSHA256 != got {
					return fmt.Errorf("%s is about another contract (sha256 %.12s, and %s has %.12s): name it with --contract",
						args[0], report.Suite.ContractSHA256, doc.Root.Display, got)
				}
				items := coverage.Measure(doc, report, excluded)
				if len(items) == 0 {
					return fmt.Errorf("%s has nothing to exercise", doc.Root.Display)
				}
				if err := writeCoverage(env.Stdout, format.format, doc, items, *under, checkout(env, doc)); err != nil {
					return err
				}
				if percent := coverage.Percent(items); percent < *under {
					fmt.Fprintf(env.Stderr, "%.2f%% is under the %g%% of --fail-under\n", percent, *under)
					return errFindings
				}
				return nil
			}
		},
	}
}

func digest(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

func splitList(list string) []string {
	return strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == ' ' })
}

func readReport(name string, limit int64) (*coverage.Report, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err != nil {
		return nil, err
	}
	if int64(len(data)) > limit {
		return nil, fmt.Errorf("%s is larger than %d bytes, the limit of --max-size", name, limit)
	}
	report, err := coverage.ReadReport(data)
	if err != nil {
		return nil, fmt.Errorf("%s %w", name, err)
	}
	return report, nil
}

// contractFile is the contract that this program was built with, as messages call it.
const contractFile = "openapi/music.yaml"

func contractOf(ctx context.Context, name string, options source.Options) (*source.Document, error) {
	if name != "" {
		return sound(ctx, name, options)
	}
	options.Reader = source.Memory{contractFile: openapi.Music}
	return source.Load(ctx, contractFile, options)
}

func writeCoverage(w io.Writer, format finding.Format, doc *source.Document, items []coverage.Item, under float64, locate func(string) string) error {
	switch format {
	case finding.JSON:
		return writeCoverageJSON(w, doc, items)
	case finding.Text:
		return writeCoverageText(w, items)
	}
	return finding.Write(w, format, finding.Report{
		Tool: tool, Version: version(), Files: []string{doc.Root.Display}, Rules: coverage.Rules(),
		Subject: fmt.Sprintf("%.1f%% exercised", coverage.Percent(items)), Findings: coverage.Findings(doc, items, under), Locate: locate,
	})
}

func writeCoverageText(w io.Writer, items []coverage.Item) error {
	t := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	for _, kind := range coverage.Kinds() {
		all := coverage.Of(items, kind)
		missing := 0
		for _, i := range all {
			if !i.Exercised {
				missing++
			}
		}
		fmt.Fprintf(t, "%s\t%d of %d\t%.1f%%\n", kind, len(all)-missing, len(all), coverage.Percent(all))
	}
	fmt.Fprintf(t, "all\t\t%.1f%%\n", coverage.Percent(items))
	if err := t.Flush(); err != nil {
		return err
	}
	title := "\nNot exercised:\n"
	for _, m := range coverage.Missing(items) {
		if _, err := fmt.Fprintf(w, "%s  %-10s %s\n", title, m.Kind, m); err != nil {
			return err
		}
		title = ""
	}
	return nil
}

func writeCoverageJSON(w io.Writer, doc *source.Document, items []coverage.Item) error {
	type share struct {
		Exercised int     `json:"exercised"`
		Total     int     `json:"total"`
		Percent   float64 `json:"percent"`
	}
	out := struct {
		Contract string                  `json:"contract"`
		Percent  float64                 `json:"percent"`
		Kinds    map[coverage.Kind]share `json:"kinds"`
		Items    []coverage.Item         `json:"items"`
	}{doc.Root.Display, coverage.Percent(items), map[coverage.Kind]share{}, items}
	for _, kind := range coverage.Kinds() {
		s := share{Percent: coverage.Percent(coverage.Of(items, kind))}
		for _, i := range coverage.Of(items, kind) {
			s.Total++
			if i.Exercised {
				s.Exercised++
			}
		}
		out.Kinds[kind] = s
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(out)
}
