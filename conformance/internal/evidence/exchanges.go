package evidence

import (
	"slices"
	"unicode/utf8"

	"github.com/seed-5ec2a705/mtrack/conformance/internal/suite"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/wire"
	"github.com/seed-5ec2a705/mtrack/conformance/report"
	"github.com/seed-5ec2a705/mtrack/conformance/requirement"
)

const (
	// firstShown and lastShown are how many exchanges of a case a report has beside the evidence.
	firstShown, lastShown = 5, 25
	// maxReportBody is how much of a body a report has, in bytes.
	maxReportBody = 16 << 10
)

// Exchanges returns the exchanges of a case as a report has them: the evidence, and the first and
// the last of the others, or all of them.
func Exchanges(log []suite.Logged, evidence []*wire.Exchange, all bool, v *Redactor) []report.Exchange {
	var reports []report.Exchange
	for i, l := range log {
		isEvidence := slices.Contains(evidence, l.Exchange)
		if all || isEvidence || i < firstShown || i >= len(log)-lastShown {
			reports = append(reports, exchangeReport(l, v, isEvidence))
		}
	}
	return reports
}

func exchangeReport(l suite.Logged, v *Redactor, evidence bool) report.Exchange {
	e := l.Exchange
	result := report.Exchange{
		Method:          e.Request.Method,
		URL:             v.Redact(e.URL),
		RequestHeader:   make([]report.HeaderField, len(e.Request.Header)),
		RequestBody:     v.Redact(bodyText(e.Request.Body)),
		Operation:       requirement.Operation(e.Operation),
		Status:          e.Status,
		ResponseProto:   e.Proto,
		ResponseHeader:  make([]report.HeaderField, len(e.Fields)),
		ResponseBody:    v.response(e.Request, bodyText(e.Body)),
		ResponseBytes:   len(e.Body),
		Start:           e.Start.UTC(),
		TimeToFirstByte: float64(e.TimeToFirstByte.Microseconds()) / 1000,
		Duration:        float64(e.Duration.Microseconds()) / 1000,
		Curl:            curl(e, v),
		Evidence:        evidence,
	}
	for i, f := range v.fields(e.Request.Header) {
		result.RequestHeader[i] = report.HeaderField(f)
	}
	for i, f := range e.Fields {
		result.ResponseHeader[i] = report.HeaderField{Name: f.Name, Value: v.response(e.Request, f.Value)}
	}
	if l.Err != nil {
		result.Error = v.response(e.Request, l.Err.Error())
	}
	if e.Repeated {
		result.Error += "; sent again on another connection"
	}
	return result
}

// bodyText is a body as text, cut if it is long, or its first bytes in octal if it is not text.
func bodyText(b []byte) string {
	cut := b[:min(len(b), maxReportBody)]
	for range utf8.UTFMax {
		if utf8.Valid(cut) || len(cut) == len(b) {
			break
		}
		cut = cut[:len(cut)-1]
	}
	if utf8.Valid(cut) {
		return string(cut)
	}
	return "[bytes] " + octal(cut[:min(len(cut), 512)])
}
