package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/seed-5ec2a705/mtrack/cmd/internal/command"
	"github.com/seed-5ec2a705/mtrack/cmd/internal/terminal"
	"github.com/seed-5ec2a705/mtrack/conformance"
	"github.com/seed-5ec2a705/mtrack/conformance/report"
	"github.com/seed-5ec2a705/mtrack/conformance/requirement"
	"github.com/seed-5ec2a705/mtrack/openapi/plain"
)

const runAbout = `Check an implementation. The suite asks the provisioner for scenes: organizations, users and
tracks. It then calls the target as each of the users, and judges every response.

Exit status: 0 conforming; 1 not conforming; 2 inconclusive, because of wrong usage, an unreachable
target, an error of the provisioner, or an interruption. The report of an interrupted run has the
cases that ended before the interruption.`

func runCommand() command.Command {
	return command.Command{
		Name: "run", Summary: "check an implementation over HTTP", About: runAbout,
		Prepare: func(flags *command.FlagSet) command.Action {
			var f suiteFlags
			f.define(flags)
			return func(ctx context.Context, env command.Environment, _ []string) error {
				p, err := f.plan(flags)
				if err != nil {
					return command.Misused("%v", err)
				}
				return p.run(ctx, env)
			}
		},
	}
}

// plan is a run as the flags ask for it.
type plan struct {
	target           conformance.Target
	options          []conformance.Option
	repeat           func(id string, seed uint64, profile requirement.Profile) string
	reports          []reportFile
	replay, showKeys bool
}

// plan checks the flags and opens the files that they name.
func (f *suiteFlags) plan(flags *command.FlagSet) (*plan, error) {
	if err := f.check(flags); err != nil {
		return nil, err
	}
	reports, err := parseReports(f.report)
	if err != nil {
		return nil, err
	}
	options, err := f.options(flags)
	if err != nil {
		return nil, err
	}
	tlsConfig, err := f.tlsConfig()
	if err != nil {
		return nil, err
	}
	provisioner, err := f.provisioner(tlsConfig)
	if err != nil {
		return nil, err
	}
	return &plan{
		target: conformance.Target{
			URL: f.target, TLS: tlsConfig, Provisioner: provisioner,
			Name: f.implementation, Version: f.implementationVersion,
		},
		options: options, repeat: f.repeat, reports: reports, replay: f.replay != "", showKeys: f.showKeys,
	}, nil
}

// run runs the suite and writes the reports. The error of a run that began is its exit status.
func (p *plan) run(ctx context.Context, env command.Environment) error {
	var keys keyring
	progress := newProgress(env.Stderr, env.Getenv)
	defer env.StopCommands(env.Stdout)()
	result, err := conformance.Run(ctx, p.target, append(p.options,
		conformance.WithProgress(progress.show), conformance.WithKeys(keys.add), conformance.WithReplay(p.repeat))...)
	progress.clear()
	if err != nil {
		return refused(ctx, err)
	}
	waitAsLong(result)
	if p.replay {
		if p.showKeys {
			keys.write(env.Stdout)
		}
		writeReplay(env.Stdout, result)
	}
	text := report.TextOptions{Color: terminal.Escapes(env.Stdout, env.Getenv), Width: terminal.Width(env.Stdout)}
	out := env.Stdout
	if text.Color {
		out = plain.Raw(out) // the report escapes what is not its own
	}
	if err := result.WriteText(out, text); err != nil {
		return err
	}
	status := result.Verdict.ExitStatus()
	if result.Incomplete {
		fmt.Fprintf(env.Stderr, "mtrack-conformance run: inconclusive: interrupted after %d of %d cases\n",
			len(result.Cases), result.Selected)
		status = exitUsage
	}
	for _, r := range p.reports {
		if err := r.write(result); err != nil {
			fmt.Fprintf(env.Stderr, "mtrack-conformance run: the %s report was not written: %v\n", r.kind, err)
			status = exitUsage
		}
	}
	if status != exitOK {
		return command.Status(status)
	}
	return nil
}

// refused is the error for a run that did not begin.
func refused(ctx context.Context, err error) error {
	if usage, ok := errors.AsType[*conformance.UsageError](err); ok {
		return command.Misused("%v", inFlags(usage))
	}
	if unreachable, ok := errors.AsType[*conformance.Unreachable](err); ok {
		return inFlags(unreachable)
	}
	if ctx.Err() != nil {
		return errors.New("interrupted before any case was run")
	}
	return err
}

// flagNames replaces the library's options by the command's flags.
var flagNames = strings.NewReplacer(
	"Target.URL", "--target", "Target.TLS", "--ca or --insecure", "Target.Provisioner", "--provision",
	"WithProfile", "--profile", "WithRun", "--run", "WithSkip", "--skip",
	"WithKnownFailing", "--known-failing", "WithParallel", "--parallel", "WithTimeout", "--timeout",
	"WithPatience", "--patience",
)

// inFlags returns an error of the library in the command's terms, with what only the command knows
// to try.
func inFlags(err error) error {
	text := flagNames.Replace(err.Error())
	if usage, ok := errors.AsType[*conformance.UsageError](err); ok {
		switch usage.Option {
		case "WithRun", "WithSkip", "WithKnownFailing":
			text += "; \"mtrack-conformance list\" lists the cases"
		}
	}
	return errors.New(text)
}
