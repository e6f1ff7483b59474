package conformance

import (
	"slices"
	"unicode/utf8"
)

const (
	// maxLogged is how many exchanges of a case are remembered; the oldest but the first few are forgotten.
	maxLogged = 2000
	// firstLogged and lastLogged are how many exchanges besides the evidence a report shows.
	firstLogged, lastLogged = 5, 25
	// maxReportBody is how much of a body a report shows, in bytes.
	maxReportBody = 16 << 10
)

// logged is an exchange of a case and what was wrong with it.
type logged struct {
	exchange *Exchange
	err      error
}

// record remembers an exchange and what it covers of the contract.
func (c *Client) record(e *Exchange, err error) {
	c.run.coverage.add(c.caseID, e)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.requests++
	if len(c.log) >= maxLogged {
		c.log = slices.Delete(c.log, firstLogged, firstLogged+maxLogged/4)
	}
	c.log = append(c.log, logged{e, err})
}

// evidence makes the report's exchanges: those that are named, and the first and the last others. All of them where
// everything is asked for. The second result is how many were left out.
func (c *Client) evidence(named []*Exchange, everything bool) ([]ExchangeReport, int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	var reports []ExchangeReport
	for i, l := range c.log {
		isNamed := slices.Contains(named, l.exchange)
		if everything || isNamed || i < firstLogged || i >= len(c.log)-lastLogged {
			reports = append(reports, exchangeReport(l, c.run.vault, isNamed))
		}
	}
	return reports, c.requests - len(reports)
}

func exchangeReport(l logged, v *vault, evidence bool) ExchangeReport {
	e := l.exchange
	report := ExchangeReport{
		Method:          e.Request.Method,
		URL:             v.redact(e.URL),
		RequestHeader:   v.fields(e.Request.Header),
		RequestBody:     v.redact(bodyText(e.Request.Body)),
		Operation:       e.operation,
		Status:          e.Status,
		ResponseProto:   e.Proto,
		ResponseHeader:  make([]HeaderField, len(e.Fields)),
		ResponseBody:    v.answer(e.Request, bodyText(e.Body)),
		ResponseBytes:   len(e.Body),
		Start:           e.Start.UTC(),
		TimeToFirstByte: float64(e.TimeToFirstByte.Microseconds()) / 1000,
		Duration:        float64(e.Duration.Microseconds()) / 1000,
		Curl:            curl(e, v),
		Evidence:        evidence,
	}
	for i, f := range e.Fields {
		report.ResponseHeader[i] = HeaderField{f.Name, v.answer(e.Request, f.Value)}
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
