package conformance

import (
	"runtime"
	"time"
)

// Report is what was found so far. Cases that have not been run make it incomplete.
func (r *caseRunner) Report() *Report {
	r.mu.Lock()
	defer r.mu.Unlock()
	report := &Report{
		Version:        ReportVersion,
		Suite:          SuiteReport{Version: r.suite.version, ContractVersion: r.session.contract.version(), ContractSHA256: r.session.contract.digest},
		Implementation: ImplementationReport{Name: r.target.name, Version: r.target.version},
		Target:         r.session.endpoint.URL(),
		Environment:    EnvironmentReport{Go: runtime.Version(), OS: runtime.GOOS, Arch: runtime.GOARCH, CPUs: runtime.NumCPU()},
		Options: OptionsReport{
			Profile: r.config.profile, Strict: r.config.strict, Seed: r.config.seed, Parallel: r.config.parallel,
			Timeout: r.config.timeout.String(), Run: r.config.run, Skip: r.config.skip,
		},
		Started:      r.started.UTC(),
		Seconds:      time.Since(r.started).Seconds(),
		Incomplete:   r.incomplete || len(r.finished) < len(r.cases),
		Counts:       map[Outcome]int{},
		Selected:     len(r.cases),
		Total:        len(r.suite.cases),
		Requirements: []Requirement{},
		Cases:        []CaseReport{},
		Coverage:     r.coverage.report(),
	}
	used := map[string]bool{}
	for _, c := range r.cases {
		finished, ok := r.finished[c.ID]
		if !ok {
			continue
		}
		report.Cases = append(report.Cases, finished)
		report.Counts[finished.Outcome]++
		report.RateLimited += finished.Retries
		for _, id := range c.Requirements {
			used[id] = true
		}
	}
	for _, requirement := range r.suite.requirements {
		if used[requirement.ID] {
			report.Requirements = append(report.Requirements, requirement)
		}
	}
	report.Verdict = verdictOn(report.Counts, report.Incomplete)

	scenes, missing := r.session.counts()
	report.Provisioner = ProvisionerReport{
		Description: r.session.provisioner.String(),
		Features:    append([]Feature{}, r.session.features...),
		Scenes:      scenes,
	}
	report.MissingScenes = missing
	return report
}
