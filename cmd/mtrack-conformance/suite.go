package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/seed-5ec2a705/mtrack/conformance"
)

func runSuite(ctx context.Context, env environment, args []string) int {
	fs := newFlagSet(env, "run", "", `Check an implementation. The suite asks the provisioner for scenes, then talks to the target as every actor in them.

Exit status 0: conforming. 1: not conforming. 2: the run decides nothing: wrong usage, an unreachable target, a provisioning
error, or it was interrupted, in which case the reports tell what was run until then.`)
	var f suiteFlags
	f.define(fs)
	if _, status, done := fs.parse(args); done {
		return status
	}
	if err := f.check(fs); err != nil {
		return fs.refuse(err.Error())
	}
	reports, err := parseReports(f.report)
	if err != nil {
		return fs.refuse(err.Error())
	}
	options, err := f.options(fs)
	if err != nil {
		return fs.refuse(err.Error())
	}
	tlsConfig, err := f.tlsConfig()
	if err != nil {
		return fs.refuse(err.Error())
	}
	provisioner, err := f.provisioner(tlsConfig)
	if err != nil {
		return fs.refuse(err.Error())
	}
	var keys keyring
	progress := newProgress(env)
	report, err := conformance.Run(ctx, conformance.Target{
		URL: f.target, TLS: tlsConfig, Provisioner: provisioner, Name: f.implementation, Version: f.implementationVersion,
	}, append(options, conformance.WithProgress(progress.tell), conformance.WithKeys(keys.add))...)
	progress.clear()
	if err != nil {
		return runRefused(ctx, fs, err)
	}
	if f.replay != "" {
		if f.showKeys {
			keys.write(env.stdout)
		}
		writeReplay(env.stdout, report)
	}
	if err := report.WriteText(env.stdout, conformance.TextOptionsFor(env.stdout, env.getenv)); err != nil {
		fmt.Fprintln(env.stderr, "mtrack-conformance run:", err)
		return exitUsage
	}
	status := report.Verdict.ExitStatus()
	if report.Incomplete {
		fmt.Fprintf(env.stderr, "mtrack-conformance run: interrupted after %d of %d cases: the run decides nothing\n", len(report.Cases), report.Selected)
		status = exitUsage
	}
	for _, r := range reports {
		if err := r.write(report); err != nil {
			fmt.Fprintf(env.stderr, "mtrack-conformance run: the %s report was not written: %v\n", r.kind, err)
			status = exitUsage
		}
	}
	return status
}

// runRefused tells why a run did not begin.
func runRefused(ctx context.Context, fs *flagSet, err error) int {
	var option *conformance.OptionError
	switch {
	case errors.As(err, &option):
		return fs.refuse(err.Error())
	case ctx.Err() != nil:
		fmt.Fprintln(fs.env.stderr, "mtrack-conformance run: interrupted before any case was run")
	default:
		fmt.Fprintln(fs.env.stderr, "mtrack-conformance run:", err)
	}
	return exitUsage
}
