package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/seed-5ec2a705/mtrack/cmd/internal/command"
	"github.com/seed-5ec2a705/mtrack/conformance/chain"
	"github.com/seed-5ec2a705/mtrack/conformance/chain/coverage"
	"github.com/seed-5ec2a705/mtrack/openapi"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/finding"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/source"
)

func coverageCommand() command.Command {
	return command.Command{
		Name:    "coverage",
		Syntax:  "REPORT.json",
		Summary: "show what of the contract a conformance run exercised",
		About: `
Show from a conformance report what of the contract the run exercised.

REPORT.json is written by "mtrack-conformance run --report json=PATH". What counts are operations,
their statuses and parameters, and the headers and properties of their responses.`,
		Prepare: func(fs *command.FlagSet) command.Action {
			format := outputFlag(fs, finding.Formats()...)
			options := sourceFlags(fs)
			contract := fs.String("contract", "", "`FILE` or REV:PATH of the contract of the run; default: the one that this program was built\nwith")
			under := fs.Float64("fail-under", 0, "lowest `PERCENT` of the contract that has to be exercised; below it the exit status is 1")
			exclude := fs.String("exclude-status", "", "`STATUSES` of responses to leave out, separated by commas: those that no run can cause")
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
				if err := report.About(doc); err != nil {
					return reportError(args[0], err)
				}
				items := coverage.Measure(doc, report, excluded)
				if len(items) == 0 {
					return fmt.Errorf("%s has nothing that a run can exercise", doc.Root.Display)
				}
				if err := writeCoverage(env.Stdout, format.format, doc, items, *under, checkout(env, doc)); err != nil {
					return err
				}
				if percent := coverage.Percent(items); percent < *under {
					fmt.Fprintf(env.Stderr, "%.2f%% is below the %g%% of --fail-under\n", percent, *under)
					return errFindings
				}
				return nil
			}
		},
	}
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
		return nil, fmt.Errorf("%s is larger than the limit of %d bytes (--max-size)", name, limit)
	}
	report, err := coverage.ReadReport(data)
	if err != nil {
		return nil, reportError(name, err)
	}
	return report, nil
}

// reportError says what is wrong with a report, and what helps.
func reportError(name string, err error) error {
	var other *coverage.OfAnotherContract
	switch {
	case err == coverage.ErrNotReport, err == coverage.ErrNoContract:
		return fmt.Errorf("%s %w: write one with `mtrack-conformance run --report json=PATH`", name, err)
	case errors.As(err, &other):
		return fmt.Errorf("%s %w: name it with --contract", name, err)
	}
	return fmt.Errorf("%s %w", name, err)
}

// contractOf reads the contract of a run, by default the one of this program.
func contractOf(ctx context.Context, name string, options source.Options) (*source.Document, error) {
	if name == "" {
		return chain.LoadContract(ctx, openapi.Music)
	}
	return loadComplete(ctx, name, options)
}

func writeCoverage(
	w io.Writer, format finding.Format, doc *source.Document, items []coverage.Item, under float64, locate func(string) string,
) error {
	switch format {
	case finding.JSON:
		return coverage.WriteJSON(w, doc, items)
	case finding.Text:
		return coverage.WriteText(w, items)
	}
	return finding.Write(w, format, finding.Report{
		Tool: tool, Version: version(), Files: []string{doc.Root.Display}, Rules: coverage.Rules(),
		Subject: fmt.Sprintf("%.1f%% exercised", coverage.Percent(items)), Findings: coverage.Findings(doc, items, under), Locate: locate,
	})
}
