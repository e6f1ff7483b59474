package trace

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Page is a documentation page, taken apart.
type Page struct {
	// Statements are its sentences, in order.
	Statements []Statement
	// Parameters are the path parameters that it names.
	Parameters []Name
	// Fields are the members of the response that it describes.
	Fields []Name
	// Statuses are the statuses that its sentences and examples name.
	Statuses []Status
	// Examples are its example responses in JSON.
	Examples []Example
	// Requests are its example requests.
	Requests []Request
	// Links are the pages that it links to as related.
	Links []Name
}

// Statement is one sentence of the page.
type Statement struct {
	Section, Text string
	Line          int
}

// Name is something that the page names, and where.
type Name struct {
	Text string
	Line int
}

// Status is a status that the page names, and where it does so first.
type Status struct{ Code, Line int }

// Example is a JSON block of the page that is headed by a status.
type Example struct {
	// Name is the block's heading, "404 Not Found".
	Name   string
	Status int
	// Value is the block as it was decoded.
	Value any
	// Line is the first line of JSON in the block.
	Line int
}

// Request is an example request in a block for curl.
type Request struct {
	Name, Method, URL string
	Header            []string
	Line              int
}

var (
	heading    = regexp.MustCompile(`^#+ (.*)$`)
	fence      = regexp.MustCompile("^```(\\S*) ?(.*)$")
	field      = regexp.MustCompile("^\\*\\*`([^`]+)`\\*\\* (\\S+)(?: (required))?(?: · (.*))?$")
	link       = regexp.MustCompile(`^- \[[^\]]*\]\(([^)]+)\)`)
	codeStatus = regexp.MustCompile("`([1-5][0-9][0-9])`")
	sentence   = regexp.MustCompile(`[^.]+(?:\.[^ .][^.]*)*\.`)
	curlMethod = regexp.MustCompile(`-X ([A-Z]+)`)
	curlURL    = regexp.MustCompile(`"(https?://[^"]+)"`)
	curlHeader = regexp.MustCompile(`-H "([^":]+):`)
)

// ParsePage takes a documentation page in Markdown apart. An error means that an
// example of the page is not JSON, or that a block is not closed.
func ParsePage(text []byte) (*Page, error) {
	p := &Page{}
	section := "introduction"
	lines := bufio.NewScanner(bytes.NewReader(text))
	var block *codeBlock
	for n := 1; lines.Scan(); n++ {
		line := lines.Text()
		if m := fence.FindStringSubmatch(line); m != nil {
			if block == nil {
				block = &codeBlock{language: m[1], name: m[2], line: n + 1}
				continue
			}
			if err := p.addBlock(*block); err != nil {
				return nil, err
			}
			block = nil
			continue
		}
		if block != nil {
			block.text += line + "\n"
			continue
		}
		switch {
		case heading.MatchString(line):
			if title := heading.FindStringSubmatch(line)[1]; n > 1 {
				section = title
			}
		case line == "Errors":
			section = "Errors"
		case field.MatchString(line):
			p.addField(section, field.FindStringSubmatch(line), n)
		case link.MatchString(line):
			p.Links = append(p.Links, Name{link.FindStringSubmatch(line)[1], n})
		default:
			p.addProse(section, line, n)
		}
	}
	if block != nil {
		return nil, fmt.Errorf("line %d: the block is not closed", block.line)
	}
	return p, lines.Err()
}

type codeBlock struct {
	language, name, text string
	line                 int
}

func (p *Page) addField(section string, m []string, line int) {
	if strings.Contains(strings.ToLower(section), "parameter") {
		p.Parameters = append(p.Parameters, Name{m[1], line})
	} else {
		p.Fields = append(p.Fields, Name{m[1], line})
	}
	p.addProse(section, m[4], line)
}

func (p *Page) addProse(section, text string, line int) {
	for _, m := range codeStatus.FindAllStringSubmatch(text, -1) {
		code, _ := strconv.Atoi(m[1]) // three digits
		p.addStatus(code, line)
	}
	for _, s := range sentence.FindAllString(text, -1) {
		p.Statements = append(p.Statements, Statement{section, strings.TrimSpace(s), line})
	}
}

func (p *Page) addStatus(code, line int) {
	if !slices.ContainsFunc(p.Statuses, func(s Status) bool { return s.Code == code }) {
		p.Statuses = append(p.Statuses, Status{code, line})
	}
}

func (p *Page) addBlock(b codeBlock) error {
	switch b.language {
	case "json":
		code, _, _ := strings.Cut(b.name, " ")
		status, err := strconv.Atoi(code)
		if err != nil {
			return fmt.Errorf("line %d: the JSON block %q is not headed by a status", b.line, b.name)
		}
		e := Example{Name: b.name, Status: status, Line: b.line}
		if err := json.Unmarshal([]byte(b.text), &e.Value); err != nil {
			return fmt.Errorf("line %d: the example %q is not JSON: %w", b.line, b.name, err)
		}
		p.Examples = append(p.Examples, e)
		p.addStatus(status, b.line)
	case "bash":
		r := Request{Name: b.name, Method: "GET", Line: b.line}
		if m := curlMethod.FindStringSubmatch(b.text); m != nil {
			r.Method = m[1]
		}
		m := curlURL.FindStringSubmatch(b.text)
		if m == nil {
			return fmt.Errorf("line %d: the request %q has no URL", b.line, b.name)
		}
		r.URL = m[1]
		for _, h := range curlHeader.FindAllStringSubmatch(b.text, -1) {
			r.Header = append(r.Header, h[1])
		}
		p.Requests = append(p.Requests, r)
	}
	return nil
}
