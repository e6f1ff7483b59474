package runner

import (
	"context"
	"errors"

	"github.com/seed-5ec2a705/mtrack/conformance/internal/evidence"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/suite"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/wire"
	"github.com/seed-5ec2a705/mtrack/conformance/provision"
	"github.com/seed-5ec2a705/mtrack/conformance/report"
	"github.com/seed-5ec2a705/mtrack/conformance/requirement"
)

// conclude turns what a case returned into its result.
func (r *Runner) conclude(ctx context.Context, c suite.Case, client *suite.Client, err error, result *report.Case) {
	var failure *suite.Failure
	var skipped *suite.Skipped
	var missing *provision.MissingScene
	var silent *wire.NoResponse
	var shown []*wire.Exchange // the evidence
	switch {
	case err == nil:
		result.Outcome = report.Passed
	case errors.As(err, &failure):
		result.Outcome = report.Failed
	case errors.As(err, &skipped):
		result.Outcome, result.Reason = report.Skipped, skipped.Reason
	case errors.As(err, &missing):
		result.Outcome, result.Reason = report.Skipped, missing.Error()
	case errors.As(err, &silent) && r.session.Endpoint.Accepts(ctx):
		result.Outcome = report.Failed
		failure = noResponseFailure(silent)
	default:
		result.Outcome, result.Reason = report.Errored, err.Error()
		if silent != nil {
			result.Reason += "; the target stopped accepting connections: is it still running?"
			shown = append(shown, silent.Exchange)
		}
	}
	if failure != nil {
		result.Reason = failure.Error()
		result.Expected, result.Actual, result.ContractLine = failure.Expected, failure.Actual, failure.ContractLine
		result.Finding = client.Finding(failure)
		for _, a := range failure.Attachments {
			a.Data = []byte(r.redactor.Redact(string(a.Data)))
			result.Attachments = append(result.Attachments, report.Attachment(a))
		}
		shown = failure.Exchanges
		if result.Level == requirement.Should && !failure.Contract && !r.config.Strict {
			result.Outcome = report.Warning
		}
	}
	r.known.apply(result)
	for _, text := range []*string{&result.Reason, &result.Expected, &result.Actual, &result.Finding} {
		*text = r.redactor.Redact(*text)
	}
	log, requests, retries := client.Log.Snapshot()
	result.Requests, result.Retries = requests, retries
	result.Repeated, _ = client.Log.Drops()
	if r.config.AllExchanges || result.Outcome != report.Passed && result.Outcome != report.Skipped {
		result.Exchanges = evidence.Exchanges(log, shown, r.config.AllExchanges, r.redactor)
		if !r.shows(evidence.Size(result.Exchanges)) {
			result.Exchanges = evidence.Shorten(result.Exchanges)
		}
		result.Omitted = requests - len(result.Exchanges)
	}
	if result.Outcome != report.Passed && result.Outcome != report.Skipped {
		if r.config.Replay != nil {
			result.Replay = r.config.Replay(c.ID(), r.config.Seed, r.config.Profile)
		}
	}
}

// maxShown is how large the exchanges in a report are together, in bytes, before those of further
// cases are shortened.
const maxShown = 64 << 20

// shows reports whether the report has space for exchanges of that size, and takes it.
func (r *Runner) shows(size int) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.shown+size > maxShown {
		return false
	}
	r.shown += size
	return true
}

// noResponseFailure is the failure of a target that did not respond and still accepts connections.
func noResponseFailure(n *wire.NoResponse) *suite.Failure {
	f := &suite.Failure{Expected: "a response to every request", Actual: n.Error()}
	if n.Exchange != nil {
		f.Exchanges = []*wire.Exchange{n.Exchange}
	}
	return f
}
