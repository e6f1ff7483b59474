package runner

import (
	"runtime"
	"time"

	"github.com/seed-5ec2a705/mtrack/conformance/provision"
	"github.com/seed-5ec2a705/mtrack/conformance/report"
	"github.com/seed-5ec2a705/mtrack/conformance/requirement"
)

// Report returns what was found so far. It is incomplete if cases have not been run.
func (r *Runner) Report() *report.Report {
	r.mu.Lock()
	defer r.mu.Unlock()
	result := &report.Report{
		Version: report.Version,
		Suite: report.Suite{
			Version:         r.suite.Version,
			ContractVersion: r.session.Contract.Version(),
			ContractSHA256:  r.session.Contract.Digest,
			ContractName:    r.suite.ContractName,
		},
		Implementation: report.Implementation{Name: r.target.Name, Version: r.target.Version},
		Target:         r.session.Endpoint.URL(),
		Environment: report.Environment{
			Go: runtime.Version(), OS: runtime.GOOS, Arch: runtime.GOARCH, CPUs: runtime.NumCPU(),
		},
		Options: report.Options{
			Profile: r.config.Profile, Strict: r.config.Strict, Seed: r.config.Seed, Parallel: r.config.Parallel,
			Timeout: r.config.Timeout.String(), Run: r.config.Run, Skip: r.config.Skip,
			Patience: patience(r.config.Patience),
		},
		Started:      r.started.UTC(),
		Seconds:      time.Since(r.started).Seconds(),
		Incomplete:   r.incomplete || len(r.finished) < len(r.cases),
		Counts:       map[report.Outcome]int{},
		Selected:     len(r.cases),
		Total:        len(r.suite.Cases),
		Requirements: []requirement.Requirement{},
		Cases:        []report.Case{},
		Coverage:     r.coverage.Report(r.redactor),
		LookedAgain:  r.looked,
		LookedAfter:  r.lookedFrom.Seconds(),
	}
	used := map[requirement.ID]bool{}
	for _, c := range r.cases {
		finished, ok := r.finished[c.ID()]
		if !ok {
			continue
		}
		result.Cases = append(result.Cases, finished)
		result.Counts[finished.Outcome]++
		result.RateLimited += finished.Retries
		result.Repeated += finished.Repeated
		for _, id := range c.Requirements {
			used[id] = true
		}
	}
	for _, r := range r.suite.Requirements {
		if used[r.ID] {
			result.Requirements = append(result.Requirements, r)
		}
	}
	result.Verdict = report.VerdictOf(result.Counts, result.Incomplete)

	scenes, missing := r.session.Counts()
	result.Provisioner = report.Provisioner{
		Description: r.session.Provisioner.String(),
		Features:    append([]provision.Feature{}, r.session.Features...),
		Scenes:      scenes,
	}
	result.MissingScenes = missing
	return result
}

// patience is a duration as a report has it, "" for none.
func patience(d time.Duration) string {
	if d == 0 {
		return ""
	}
	return d.String()
}
