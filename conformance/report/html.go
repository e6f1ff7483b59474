package report

import (
	"bytes"
	"cmp"
	_ "embed"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html/template"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/seed-5ec2a705/mtrack/conformance/provision"
	"github.com/seed-5ec2a705/mtrack/conformance/requirement"
	"github.com/seed-5ec2a705/mtrack/openapi/plain"
)

//go:embed html.tmpl
var reportTemplate string

//go:embed html.css
var reportStyle string

//go:embed html.js
var reportScript string

// WriteHTML writes the report as one HTML file that refers to nothing outside itself. It can be
// read without JavaScript, which adds a filter, a switch between light and dark, and buttons that
// copy.
func (r *Report) WriteHTML(w io.Writer) error {
	page, err := template.New("report").Funcs(template.FuncMap{
		"symbol":       outcomeSymbol,
		"verdict":      Verdict.label,
		"notOffered":   provision.NotOffered,
		"milliseconds": milliseconds,
		"seconds":      seconds,
		"plural":       plural,
		"statusText":   http.StatusText,
		"pretty":       prettyBody,
		"path":         pathOf,
		"anchor":       anchor,
		"download":     downloadURL,
		"text":         func(b []byte) string { return string(b) },
		"json":         indentedJSON,
		"exchange": func(i, of int, x Exchange) htmlExchange {
			return htmlExchange{i + 1, x, of <= unfoldedExchanges || i+1 == of}
		},
		"headLine":  func(text string) string { head, _, _ := strings.Cut(text, "\n"); return head },
		"tailLines": func(text string) string { _, tail, _ := strings.Cut(text, "\n"); return tail },
		"inc":       func(i int) int { return i + 1 },
		"when":      func(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") },
	}).Parse(reportTemplate)
	if err != nil {
		return err
	}
	return page.Execute(plain.NewWriter(w), newHTMLPage(r))
}

const (
	// openFindings is how many findings are unfolded from the start.
	openFindings = 8
	// unfoldedExchanges is the most exchanges of a case that are unfolded; of more, only the last
	// one is.
	unfoldedExchanges = 3
)

// htmlPage is what the template shows, beside the report itself.
type htmlPage struct {
	*Report
	Style    template.CSS
	Script   template.JS
	Title    string
	Verdicts []htmlVerdict
	Counts   []htmlCount
	Columns  []int
	Groups   []htmlGroup
	Findings []htmlFinding // what did not pass and was not skipped, the worst first
	Rest     []htmlCase
	Seen     []htmlCoverage
}

type htmlVerdict struct {
	Scope   string
	Verdict Verdict
	Class   Outcome
}

type htmlCount struct {
	Outcome Outcome
	Count   int
	Share   int // thousandths of the bar
}

// htmlGroup is the requirements of one operation.
type htmlGroup struct {
	Name string
	Rows []htmlRow
}

type htmlRow struct {
	requirement.Requirement
	Cells    []htmlCell // one for each of Columns, and one for cases about no status
	Outcomes string     // all outcomes of its cases, for the toggles
}

// htmlCell is the cases of one requirement and one status. It shows the worst of them.
type htmlCell struct {
	Outcome Outcome // "" if there is no such case
	Count   int
	Link    template.URL // to the first case with that outcome
	Title   string
}

// htmlFinding is the cases that found the same.
type htmlFinding struct {
	Outcome Outcome
	Title   string // "" of a case that found something alone
	Cases   []htmlCase
}

// First is the case that stands for the others.
func (f htmlFinding) First() []htmlCase { return f.Cases[:1] }

// Same are the others.
func (f htmlFinding) Same() []htmlCase { return f.Cases[1:] }

type htmlCase struct {
	Case
	Demands  []requirement.Requirement // with the id alone if the report does not have it
	Shown    []Exchange
	Others   []Exchange
	Line     string    // of the contract, "" if no single line was broken
	Decisive *Exchange // the one whose response the failure is about
	Open     bool
}

type htmlExchange struct {
	Number   int
	Exchange Exchange
	Open     bool
}

type htmlCoverage struct {
	Operation requirement.Operation
	Cells     []Coverage
}

// newHTMLPage prepares a report for the template.
func newHTMLPage(r *Report) *htmlPage {
	p := &htmlPage{Report: r, Style: template.CSS(reportStyle), Script: template.JS(reportScript)}
	p.Title = cmp.Or(strings.TrimSpace(r.Implementation.Name+" "+r.Implementation.Version), r.Target)
	for _, v := range r.profileVerdicts() {
		p.Verdicts = append(p.Verdicts, htmlVerdict{v.scope, v.verdict, v.verdict.outcome()})
	}
	for _, o := range Outcomes() {
		if n := r.Counts[o]; n > 0 {
			p.Counts = append(p.Counts, htmlCount{o, n, max(1, 1000*n/max(1, len(r.Cases)))})
		}
	}
	for _, c := range r.Cases {
		for _, s := range c.Statuses {
			if !slices.Contains(p.Columns, s) {
				p.Columns = append(p.Columns, s)
			}
		}
	}
	slices.Sort(p.Columns)
	p.addGroups()
	p.addCases()
	for _, o := range r.operations() {
		seen := htmlCoverage{Operation: o}
		for _, c := range r.Coverage {
			if c.Operation == o {
				seen.Cells = append(seen.Cells, c)
			}
		}
		if seen.Cells != nil {
			p.Seen = append(p.Seen, seen)
		}
	}
	return p
}

// addGroups fills in Groups.
func (p *htmlPage) addGroups() {
	for _, o := range append(p.operations(), "") {
		group := htmlGroup{Name: cmp.Or(string(o), "every operation")}
		for _, r := range p.Requirements {
			if r.Operation == o {
				group.Rows = append(group.Rows, p.row(r))
			}
		}
		if group.Rows != nil {
			p.Groups = append(p.Groups, group)
		}
	}
}

// row is the cases of one requirement.
func (p *htmlPage) row(r requirement.Requirement) htmlRow {
	row := htmlRow{Requirement: r, Cells: make([]htmlCell, len(p.Columns)+1)}
	var outcomes []string
	for _, c := range p.Cases {
		if !slices.Contains(c.Requirements, r.ID) {
			continue
		}
		outcomes = append(outcomes, string(c.Outcome))
		if len(c.Statuses) == 0 {
			row.Cells[len(p.Columns)].add(c)
		}
		for _, s := range c.Statuses {
			row.Cells[slices.Index(p.Columns, s)].add(c)
		}
	}
	slices.Sort(outcomes)
	row.Outcomes = strings.Join(slices.Compact(outcomes), " ")
	return row
}

// add counts a case.
func (cell *htmlCell) add(c Case) {
	cell.Count++
	cell.Title += fmt.Sprintf("%s %s\n", outcomeSymbol(c.Outcome), c.ID)
	if cell.Outcome == "" || slices.Index(Outcomes(), c.Outcome) < slices.Index(Outcomes(), cell.Outcome) {
		cell.Outcome, cell.Link = c.Outcome, anchor(c.ID)
	}
}

// addCases fills in Findings and Rest.
func (p *htmlPage) addCases() {
	known := map[requirement.ID]requirement.Requirement{}
	for _, r := range p.Requirements {
		known[r.ID] = r
	}
	for _, outcome := range Outcomes() {
		for _, g := range p.groups(outcome) {
			finding := htmlFinding{Outcome: outcome}
			if len(g.Cases) > 1 {
				finding.Title = g.Title()
			}
			for i, c := range g.Cases {
				h := p.newCase(c, known)
				h.Open = i == 0 && (outcome == Failed || outcome == Errored) && len(p.Findings) < openFindings
				finding.Cases = append(finding.Cases, h)
			}
			if outcome == Passed || outcome == Skipped {
				p.Rest = append(p.Rest, finding.Cases...)
			} else {
				p.Findings = append(p.Findings, finding)
			}
		}
	}
}

func (p *htmlPage) newCase(c Case, known map[requirement.ID]requirement.Requirement) htmlCase {
	h := htmlCase{Case: c, Shown: c.Evidence()}
	if c.ContractLine > 0 {
		h.Line = p.contractLine(c)
	}
	for _, id := range c.Requirements {
		r, ok := known[id]
		if !ok {
			r = requirement.Requirement{ID: id}
		}
		h.Demands = append(h.Demands, r)
	}
	if len(h.Shown) != len(c.Exchanges) {
		for _, x := range c.Exchanges {
			if !x.Evidence {
				h.Others = append(h.Others, x)
			}
		}
	}
	if n := len(h.Shown); n > 0 && n <= unfoldedExchanges && c.Actual != "" {
		h.Decisive = &h.Shown[len(h.Shown)-1]
	}
	return h
}

// anchor is a link to a case.
func anchor(id string) template.URL { return template.URL("#" + id) }

// outcomeSymbol is an outcome without a colour.
func outcomeSymbol(o Outcome) string {
	symbols := map[Outcome]string{Failed: "✕", Errored: "‼", Warning: "!", KnownFailing: "≈", Skipped: "–", Passed: "✓"}
	return symbols[o]
}

// prettyBody indents a body that is JSON.
func prettyBody(body string) string {
	var b bytes.Buffer
	if json.Indent(&b, []byte(body), "", "  ") != nil {
		return body
	}
	return b.String()
}

func indentedJSON(v any) (string, error) {
	data, err := json.MarshalIndent(v, "", "  ")
	return string(data), err
}

// pathOf is a URL without its origin.
func pathOf(raw string) string {
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" {
		return raw
	}
	_, rest, _ := strings.Cut(raw, u.Host)
	return cmp.Or(rest, "/")
}

// downloadURL is an attachment as a link. It is safe for any content: the media type is fixed, and
// the data is in base64.
func downloadURL(a Attachment) template.URL {
	return template.URL("data:application/octet-stream;base64," + base64.StdEncoding.EncodeToString(a.Data))
}
