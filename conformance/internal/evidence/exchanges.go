package conformance

import (
	"slices"
	"unicode/utf8"
)

const (
	// firstShown and lastShown are how many exchanges besides the evidence a report shows.
	firstShown, lastShown = 5, 25
	// maxReportBody is how much of a body a report shows, in bytes.
	maxReportBody = 16 << 10
)

// exchangeReports makes the report's exchanges of a case: those that are named, and the first and the last others. All of
// them where everything is asked for.
func exchangeReports(log []logged, named []*Exchange, everything bool, v *vault) []ExchangeReport {
	var reports []ExchangeReport
	for i, l := range log {
		isNamed := slices.Contains(named, l.exchange)
		if everything || isNamed || i < firstShown || i >= len(log)-lastShown {
			reports = append(reports, exchangeReport(l, v, isNamed))
		}
	}
	return reports
}

func exchangeReport(l logged, v *vault, evidence bool) ExchangeReport {
	e := l.exchange
	report := ExchangeReport{
		Method:          e.Request.Method,
		URL:             v.redact(e.URL),
		RequestHeader:   make([]ReportHeader, len(e.Request.Header)),
		RequestBody:     v.redact(bodyText(e.Request.Body)),
		Operation:       Operation(e.Operation),
		Status:          e.Status,
		ResponseProto:   e.Proto,
		ResponseHeader:  make([]ReportHeader, len(e.Fields)),
		ResponseBody:    v.answer(e.Request, bodyText(e.Body)),
		ResponseBytes:   len(e.Body),
		Start:           e.Start.UTC(),
		TimeToFirstByte: float64(e.TimeToFirstByte.Microseconds()) / 1000,
		Duration:        float64(e.Duration.Microseconds()) / 1000,
		Curl:            curl(e, v),
		Evidence:        evidence,
	}
	for i, f := range v.fields(e.Request.Header) {
		report.RequestHeader[i] = ReportHeader(f)
	}
	for i, f := range e.Fields {
		report.ResponseHeader[i] = ReportHeader{f.Name, v.answer(e.Request, f.Value)}
	}
	if l.err != nil {
		report.Error = v.answer(e.Request, l.err.Error())
	}
	return report
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
