package evidence

import (
	"cmp"
	"encoding/json"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/seed-5ec2a705/mtrack/conformance/internal/contract"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/wire"
	"github.com/seed-5ec2a705/mtrack/conformance/report"
	"github.com/seed-5ec2a705/mtrack/conformance/requirement"
)

// Coverage collects which parts of the contract the exchanges of a run exercised. Several
// goroutines may use it at once.
type Coverage struct {
	mu    sync.Mutex
	cells map[coverageKey]*coverageCell
}

type coverageKey struct {
	operation requirement.Operation
	status    int
}

type coverageCell struct {
	exchanges                              int
	cases, parameters, headers, mediaTypes set
	properties                             properties
	contentTypes                           set // as they came
}

// Add counts an exchange of a case. The path parameters are those of the operation's path. An
// exchange without an operation or a response covers nothing.
func (c *Coverage) Add(caseID string, e *wire.Exchange, pathParameters []string) {
	if e.Operation == "" || e.Status == 0 {
		return
	}
	document := e.Document
	if document == nil && contract.IsJSON(e) {
		json.Unmarshal(e.Body, &document) // a body that is not JSON has no properties
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	key := coverageKey{requirement.Operation(e.Operation), e.Status}
	cell := c.cells[key]
	if cell == nil {
		if c.cells == nil {
			c.cells = map[coverageKey]*coverageCell{}
		}
		cell = &coverageCell{
			cases: set{}, parameters: set{}, headers: set{}, mediaTypes: set{}, contentTypes: set{}, properties: properties{},
		}
		c.cells[key] = cell
	}
	cell.exchanges++
	cell.cases.add(caseID)
	for _, name := range pathParameters {
		cell.parameters.add("path:" + name)
	}
	if e.Request.RawQuery != "" {
		query, _ := url.ParseQuery(e.Request.RawQuery) // a malformed query has its well-formed parameters
		for name := range query {
			cell.parameters.add("query:" + name)
		}
	}
	for _, f := range e.Request.Header {
		cell.parameters.add("header:" + http.CanonicalHeaderKey(f.Name))
	}
	for name := range e.Header {
		cell.headers.add(name)
	}
	if value := e.Header.Get("Content-Type"); !cell.contentTypes.has(value) {
		cell.contentTypes.add(value)
		if media, _, err := mime.ParseMediaType(value); err == nil {
			cell.mediaTypes.add(media)
		}
	}
	cell.properties.add(document)
}

// Report lists the cells by operation and status, without the keys that a target may have put into
// names.
func (c *Coverage) Report(v *Redactor) []report.Coverage {
	c.mu.Lock()
	defer c.mu.Unlock()
	reports := make([]report.Coverage, 0, len(c.cells))
	for key, cell := range c.cells {
		reports = append(reports, report.Coverage{
			Operation:       key.operation,
			Status:          key.status,
			Exchanges:       cell.exchanges,
			Cases:           cell.cases.sorted(),
			Parameters:      cell.parameters.redacted(v).sorted(),
			ResponseHeaders: cell.headers.redacted(v).sorted(),
			Properties:      cell.properties.paths().redacted(v).sorted(),
			ContentTypes:    cell.mediaTypes.redacted(v).sorted(),
		})
	}
	slices.SortFunc(reports, func(a, b report.Coverage) int {
		return cmp.Or(cmp.Compare(a.Operation, b.Operation), cmp.Compare(a.Status, b.Status))
	})
	return reports
}

// properties are the names in documents of one kind, each with those below it. Under the name "[]"
// are those of the elements of an array.
type properties map[string]properties

// add adds the names in a document.
func (p properties) add(value any) {
	switch value := value.(type) {
	case map[string]any:
		for name, below := range value {
			p.below(name).add(below)
		}
	case []any:
		for _, below := range value {
			p.below("[]").add(below)
		}
	}
}

func (p properties) below(name string) properties {
	below := p[name]
	if below == nil {
		below = properties{}
		p[strings.Clone(name)] = below // the name is a part of the whole document
	}
	return below
}

// collect adds the paths of the properties, such as "error.details.track_id" and "items[].id".
func (p properties) collect(path string, into set) {
	for name, below := range p {
		if name == "[]" {
			below.collect(path+"[]", into)
			continue
		}
		place := strings.TrimPrefix(path+"."+name, ".")
		into.add(place)
		below.collect(place, into)
	}
}

// paths are the paths of the properties.
func (p properties) paths() set {
	paths := set{}
	p.collect("", paths)
	return paths
}

// set is a set of texts.
type set map[string]struct{}

func (s set) add(text string) { s[text] = struct{}{} }

func (s set) has(text string) bool {
	_, ok := s[text]
	return ok
}

// redacted is the set with its texts redacted.
func (s set) redacted(v *Redactor) set {
	shown := make(set, len(s))
	for text := range s {
		shown.add(v.Redact(text))
	}
	return shown
}

// sorted lists the texts, never as nil: a report has [] for none.
func (s set) sorted() []string { return append([]string{}, slices.Sorted(maps.Keys(s))...) }
