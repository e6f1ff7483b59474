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
	// firstShown and lastShown are how many exchanges besides the evidence a report shows.
	firstShown, lastShown = 5, 25
	// maxReportBody is how much of a body a report shows, in bytes.
	maxReportBody = 16 << 10
)

// Exchanges makes the report's exchanges of a case: those that are named, and the first and the last others. All of
// them where everything is asked for.
func Exchanges(log []suite.Logged, named []*wire.Exchange, everything bool, v *Redactor) []report.Exchange {
	var reports []report.Exchange
	for i, l := range log {
		isNamed := slices.Contains(named, l.Exchange)
		if everything || isNamed || i < firstShown || i >= len(log)-lastShown {
			reports = append(reports, exchangeReport(l, v, isNamed))
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
		ResponseBody:    v.answer(e.Request, bodyText(e.Body)),
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
		result.ResponseHeader[i] = report.HeaderField{Name: f.Name, Value: v.answer(e.Request, f.Value)}
	}
	if l.Err != nil {
		result.Error = v.answer(e.Request, l.Err.Error())
	}
	return result
}

// bodyText shows a body: as text where it is text, cut where it is long.
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
