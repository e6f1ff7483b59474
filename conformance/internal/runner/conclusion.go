package conformance

import (
	"context"
	"errors"
)

// conclude turns what a case returned into its outcome.
func (r *caseRunner) conclude(ctx context.Context, c Case, client *Client, err error, report *CaseReport) {
	var failure *Failure
	var skipped *Skipped
	var missing *MissingScene
	var silent *NoAnswer
	var named []*Exchange
	switch {
	case err == nil:
		report.Outcome = Passed
	case errors.As(err, &failure):
		report.Outcome = Failed
	case errors.As(err, &skipped):
		report.Outcome, report.Reason = SkippedOutcome, skipped.Reason
	case errors.As(err, &missing):
		report.Outcome, report.Reason = SkippedOutcome, missing.Error()
	case errors.As(err, &silent) && r.session.endpoint.accepts(ctx):
		report.Outcome = Failed
		failure = noAnswerFailure(silent)
	default:
		report.Outcome, report.Reason = Errored, err.Error()
		if silent != nil {
			report.Reason += "; the target stopped accepting connections: is it still running?"
			named = append(named, silent.Exchange)
		}
	}
	if failure != nil {
		report.Reason = failure.Error()
		report.Expected, report.Actual, report.ContractLine = failure.Expected, failure.Actual, failure.ContractLine
		for _, a := range failure.Attachments {
			report.Attachments = append(report.Attachments, ReportAttachment(a))
		}
		named = failure.Exchanges
		if report.Level == Should && !failure.Contract && !r.config.strict {
			report.Outcome = Warning
		}
	}
	r.known.apply(report)
	for _, text := range []*string{&report.Reason, &report.Expected, &report.Actual} {
		*text = r.redactor.redact(*text)
	}
	log, requests, retries := client.log.snapshot()
	report.Requests, report.Retries = requests, retries
	if r.config.allExchanges || report.Outcome != Passed && report.Outcome != SkippedOutcome {
		report.Exchanges = exchangeReports(log, named, r.config.allExchanges, r.redactor)
		report.Omitted = requests - len(report.Exchanges)
	}
	if report.Outcome != Passed && report.Outcome != SkippedOutcome {
		if r.config.replay != nil {
			report.Replay = r.config.replay(c.ID, r.config.seed, r.config.profile)
		}
	}
}

// noAnswerFailure says what a target that is there and gave no answer should have done.
func noAnswerFailure(n *NoAnswer) *Failure {
	f := &Failure{Expected: "an answer to every request", Actual: n.Error()}
	if n.Exchange != nil {
		f.Exchanges = []*Exchange{n.Exchange}
	}
	return f
}
