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
	// maxKey is room for a key in its longest form, so that none is cut before it is found.
	maxKey = 4 << 10
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
	response := func(text string) string { return v.response(e.Request, text) }
	result := report.Exchange{
		Method:          e.Request.Method,
		URL:             v.Redact(e.URL),
		RequestHeader:   make([]report.HeaderField, len(e.Request.Header)),
		RequestBody:     bodyText(e.Request.Body, v.Redact),
		Operation:       requirement.Operation(e.Operation),
		Status:          e.Status,
		ResponseProto:   response(e.Proto),
		ResponseHeader:  make([]report.HeaderField, len(e.Fields)),
		ResponseBody:    bodyText(e.Body, response),
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
		result.ResponseHeader[i] = report.HeaderField{Name: response(f.Name), Value: response(f.Value)}
	}
	if l.Err != nil {
		result.Error = response(l.Err.Error())
	}
	if e.Repeated {
		result.Error += "; sent again on another connection"
	}
	return result
}

// maxReportBytes is how much of a body that is no text a report has, in bytes.
const maxReportBytes = 512

// bodyText is a body as text, redacted and then cut if it is long, or its first bytes in octal if
// it is not text.
func bodyText(b []byte, redact func(string) string) string {
	text := cutText(b, maxReportBody+maxKey)
	if !utf8.Valid(text) {
		escaped := redact(octal(b[:min(len(b), maxReportBytes+maxKey)]))
		return "[bytes] " + escaped[:min(len(escaped), maxReportBytes*len(octal(b[:1])))]
	}
	redacted := redact(string(text))
	if len(b) > maxReportBody {
		redacted = string(cutText([]byte(redacted), maxReportBody))
	}
	return redacted
}

// cutText is the first n bytes at most, and no half of a character.
func cutText(b []byte, n int) []byte {
	cut := b[:min(len(b), n)]
	for range utf8.UTFMax {
		if utf8.Valid(cut) || len(cut) == len(b) {
			break
		}
		cut = cut[:len(cut)-1]
	}
	return cut
}
