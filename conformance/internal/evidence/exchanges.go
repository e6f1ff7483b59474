package evidence

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/seed-5ec2a705/mtrack/conformance/internal/excerpt"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/suite"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/wire"
	"github.com/seed-5ec2a705/mtrack/conformance/report"
	"github.com/seed-5ec2a705/mtrack/conformance/requirement"
)

const (
	// firstShown and lastShown are how many exchanges of a case a report has beside the evidence.
	firstShown, lastShown = 5, 25
	// maxReportBody is how much of a body a report has, in bytes.
	maxReportBody = wire.MaxExcerpt
	// maxReportOctal is how much of one that is not text.
	maxReportOctal = 512
	// ellipsis stands where a text was cut.
	ellipsis = "…"
)

// Exchanges returns the exchanges of a case as a report has them: the evidence, and the first and
// the last of the others, or all of them. Evidence is shown even if the log has dropped it.
func Exchanges(log []suite.Logged, evidence []*wire.Exchange, all bool, v *Redactor) []report.Exchange {
	logged := len(log)
	for _, e := range evidence {
		isIt := func(l suite.Logged) bool { return l.Exchange.Is(e) }
		if e != nil && e.Number > 0 && !slices.ContainsFunc(log, isIt) {
			log = append(log, suite.Logged{Exchange: e.Excerpt()})
		}
	}
	if len(log) > logged {
		slices.SortStableFunc(log, func(a, b suite.Logged) int { return a.Exchange.Number - b.Exchange.Number })
	}
	var reports []report.Exchange
	for i, l := range log {
		isEvidence := slices.ContainsFunc(evidence, l.Exchange.Is)
		if all || isEvidence || i < firstShown || i >= len(log)-lastShown {
			reports = append(reports, exchangeReport(l, v, isEvidence))
		}
	}
	return reports
}

// Shorten makes the exchanges of a case small, for a run with too many large ones: it leaves out
// those that are no evidence, and cuts the bodies and header fields of the others.
func Shorten(exchanges []report.Exchange) []report.Exchange {
	const most, longest = 4, 1 << 10 // exchanges, and bytes of a text
	cut := func(texts ...*string) {
		for _, text := range texts {
			if len(*text) > longest {
				*text = excerpt.Of(*text, longest)
			}
		}
	}
	short := []report.Exchange{}
	for _, e := range exchanges {
		if !e.Evidence || len(short) == most {
			continue
		}
		cut(&e.RequestBody, &e.ResponseBody, &e.Error)
		for _, fields := range [][]report.HeaderField{e.RequestHeader, e.ResponseHeader} {
			for i := range fields {
				cut(&fields[i].Value)
			}
		}
		e.ResponseHeader = e.ResponseHeader[:min(len(e.ResponseHeader), 32)]
		short = append(short, e)
	}
	return short
}

// Size is about how much memory exchanges take, in bytes.
func Size(exchanges []report.Exchange) int {
	size := 0
	for _, e := range exchanges {
		size += len(e.URL) + len(e.RequestBody) + len(e.ResponseBody) + len(e.Curl) + len(e.Error)
		for _, fields := range [][]report.HeaderField{e.RequestHeader, e.ResponseHeader} {
			for _, f := range fields {
				size += len(f.Name) + len(f.Value)
			}
		}
	}
	return size
}

func exchangeReport(l suite.Logged, v *Redactor, evidence bool) report.Exchange {
	e := l.Exchange
	response := func(text string) string { return v.response(e.Request, text) }
	result := report.Exchange{
		Method:          e.Request.Method,
		URL:             v.Redact(e.URL),
		RequestHeader:   make([]report.HeaderField, len(e.Request.Header)),
		RequestBody:     bodyText(e.Request.Body, len(e.Request.Body), v.Redact),
		Operation:       requirement.Operation(e.Operation),
		Status:          e.Status,
		ResponseProto:   response(e.Proto),
		ResponseHeader:  make([]report.HeaderField, len(e.Fields)),
		ResponseBody:    bodyText(e.Body, e.BodySize(), response),
		ResponseBytes:   e.BodySize(),
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
	result.Error = response(l.Error)
	if e.Repeated {
		result.Error += "; sent again on another connection"
	}
	return result
}

// bodyText is a body of that size as redacted text, cut if it is long, or its first bytes in octal
// if it is not text. It says if it was cut.
func bodyText(b []byte, size int, redact func(string) string) string {
	cut := b[:min(len(b), maxReportBody)]
	for range utf8.UTFMax {
		if utf8.Valid(cut) || len(cut) == size {
			break
		}
		cut = cut[:len(cut)-1]
	}
	text, prefix := string(cut), ""
	if !utf8.Valid(cut) {
		cut = b[:min(len(b), maxReportOctal)]
		text, prefix = octal(cut), "[bytes] "
	}
	if len(cut) == size {
		return prefix + redact(text)
	}
	// Behind the ellipsis the beginning of a key is found too.
	text = strings.TrimSuffix(redact(text+ellipsis), ellipsis)
	return prefix + fmt.Sprintf("%s %s [the first %d of %d bytes]", text, ellipsis, len(cut), size)
}
