package expect

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/seed-5ec2a705/mtrack/conformance/internal/excerpt"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/suite"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/wire"
	"github.com/seed-5ec2a705/mtrack/conformance/requirement"
)

// Probe is one of several classes of requests whose responses must not differ.
type Probe struct {
	Class string
	// Requests are at least two, with different ids, so that what a response derives from an id
	// differs within the class.
	Requests []wire.Request
	// Sent are the ids in each of the requests, which a response may echo.
	Sent [][]string
}

// The first rounds look for a difference, the others confirm it: only a trait that is constant in
// each of two classes, and not the same in both, tells them apart.
const (
	alikeRounds   = 2
	alikeConfirms = 9
)

// Alike sends the requests of all classes by turns, and fails if a response reveals its class. The
// order changes from round to round: what alternates from response to response would otherwise fall
// to the same classes each time. What names the responses in the failure.
func Alike(ctx context.Context, c *suite.Client, what string, probes []Probe) error {
	seen := make([]*observations, len(probes))
	for i := range seen {
		seen[i] = &observations{traits: map[string][]trait{}}
	}
	sendRounds := func(from, to int) error {
		for round := from; round < to; round++ {
			for _, i := range c.Rand().Perm(len(probes)) {
				p := probes[i]
				n := round % len(p.Requests)
				x, err := c.Do(ctx, p.Requests[n])
				if err != nil {
					return err
				}
				seen[i].add(x, p.Sent[n])
			}
		}
		return nil
	}
	if err := sendRounds(0, alikeRounds); err != nil {
		return err
	}
	if difference(probes, seen) == nil {
		return nil
	}
	if err := sendRounds(alikeRounds, alikeRounds+alikeConfirms); err != nil {
		return err
	}
	if found := difference(probes, seen); found != nil {
		return suite.Fail("the same "+what+" whatever the reason", strings.Join(found.texts, "; "), found.exchanges...)
	}
	return nil
}

// classDifference is what tells two classes apart.
type classDifference struct {
	texts     []string
	exchanges []*wire.Exchange
}

// difference compares the first class with each of the others, and returns nil if none differs.
func difference(probes []Probe, seen []*observations) *classDifference {
	sameLength := sameLengths(probes)
	for i := 1; i < len(probes); i++ {
		var differences []string
		for _, name := range traitNames(seen[0], seen[i]) {
			if name == "header Content-Length" && !sameLength && (seen[0].echoes || seen[i].echoes) {
				continue
			}
			one, other := seen[0].constant(name), seen[i].constant(name)
			if one == nil || other == nil || one.text == other.text || one.raw != "" && one.raw == other.raw {
				continue
			}
			differences = append(differences, fmt.Sprintf("%s is %s where the track is %s, and %s where it is %s",
				name, excerpt.Of(one.text, 160), probes[0].Class, excerpt.Of(other.text, 160), probes[i].Class))
		}
		if differences != nil {
			return &classDifference{differences, []*wire.Exchange{seen[0].last, seen[i].last}}
		}
	}
	return nil
}

// sameLengths reports whether all requests have ids of the same length, so that a response that
// echoes them has the same length for all.
func sameLengths(probes []Probe) bool {
	total := -1
	for _, p := range probes {
		for _, ids := range p.Sent {
			n := len(strings.Join(ids, ""))
			if total >= 0 && n != total {
				return false
			}
			total = n
		}
	}
	return true
}

// trait is one visible property of a response: as it is, and with what the caller sent removed.
type trait struct{ text, raw string }

// observations are the traits of all responses of one class.
type observations struct {
	responses int
	traits    map[string][]trait
	echoes    bool // a body echoed what was sent, or was empty, as that of HEAD is
	last      *wire.Exchange
}

// absent is the value of a trait that a response does not have.
const absent = "(absent)"

// constant returns the trait of that name if it is the same in all responses, otherwise nil.
func (s *observations) constant(name string) *trait {
	all := s.traits[name]
	if len(all) == 0 {
		return &trait{absent, absent}
	}
	if len(all) != s.responses {
		return nil
	}
	first := all[0]
	for _, t := range all[1:] {
		if t.text != first.text {
			return nil
		}
		if t.raw != first.raw {
			first.raw = ""
		}
	}
	return &first
}

// add notes the traits of a response.
func (s *observations) add(x *wire.Exchange, sent []string) {
	s.responses++
	s.last = x.Excerpt()
	clean := withoutSent(sent)
	note := func(name, value string) {
		s.traits[name] = append(s.traits[name], trait{brief(clean(value)), brief(value)})
	}
	note("the status", fmt.Sprint(x.Status))
	note("the reason phrase", x.Reason)
	note("the protocol", x.Proto)
	for name, values := range x.Header {
		note("header "+name, strings.Join(values, ", "))
		note("the presence of header "+name, "(present)")
		if strings.HasSuffix(name, "-Id") {
			note("the length of header "+name, fmt.Sprint(len(clean(strings.Join(values, ", ")))))
		}
	}
	if len(x.Body) == 0 || clean(string(x.Body)) != string(x.Body) {
		s.echoes = true
	}
	var body any
	if json.Unmarshal(x.Body, &body) != nil {
		note("the body", string(x.Body))
		return
	}
	note("the layout of the JSON", layout(x.Body))
	flatten("", body, func(path string, value any) {
		note("the presence of "+path, "(present)")
		text, isText := value.(string)
		if !isText {
			note(path, excerpt.JSON(value))
			return
		}
		note(path, text)
		note("the length of "+path, fmt.Sprint(len(clean(text))))
		note("the form of "+path, form(clean(text)))
	})
}

// longestTrait is how long a value may be that is kept whole, in bytes.
const longestTrait = 4 << 10

// brief is a text, or the beginning of a long one with what tells it from others.
func brief(text string) string {
	if len(text) <= longestTrait {
		return text
	}
	return fmt.Sprintf("%s (%d bytes, SHA-256 %x)", excerpt.Of(text, 160), len(text), sha256.Sum256([]byte(text)))
}

// traitNames lists the traits of two classes.
func traitNames(one, other *observations) []string {
	names := maps.Clone(one.traits)
	maps.Copy(names, other.traits)
	return slices.Sorted(maps.Keys(names))
}

// withoutSent returns a function that removes what was sent from a text, in the encodings in which
// it may be echoed. Long ids go first, since one may contain another.
func withoutSent(sent []string) func(string) string {
	var forms []string
	for _, id := range sent {
		quoted := excerpt.JSON(id)
		forms = append(forms, id, requirement.EscapeSegment(id), quoted[1:len(quoted)-1])
	}
	slices.SortFunc(forms, func(a, b string) int { return len(b) - len(a) })
	var pairs []string
	for _, form := range forms {
		if form != "" {
			pairs = append(pairs, form, "‹sent›")
		}
	}
	return strings.NewReplacer(pairs...).Replace
}

// flatten calls leaf for each value of a JSON document that holds no others.
func flatten(path string, value any, leaf func(path string, value any)) {
	switch value := value.(type) {
	case map[string]any:
		for name, member := range value {
			flatten(strings.TrimPrefix(path+"."+name, "."), member, leaf)
		}
		if len(value) == 0 {
			leaf(path, value)
		}
	case []any:
		for i, item := range value {
			flatten(fmt.Sprintf("%s[%d]", path, i), item, leaf)
		}
		if len(value) == 0 {
			leaf(path, value)
		}
	default:
		leaf(path, value)
	}
}

// layout is a JSON document without its values: white space, punctuation and member names in order.
func layout(document []byte) string {
	var out bytes.Buffer
	for i := 0; i < len(document); i++ {
		switch c := document[i]; {
		case c == '"':
			end := i + 1
			for end < len(document) && document[end] != '"' {
				if document[end] == '\\' {
					end++
				}
				end++
			}
			end = min(end+1, len(document))
			if rest := bytes.TrimLeft(document[end:], " \t\r\n"); len(rest) > 0 && rest[0] == ':' {
				out.Write(document[i:end])
			} else {
				out.WriteString(`"…"`)
			}
			i = end - 1
		case strings.IndexByte("{}[],: \t\r\n", c) >= 0:
			out.WriteByte(c)
		default:
			out.WriteByte('v')
		}
	}
	return out.String()
}

// form is a text with every digit written as 9 and every letter as a.
func form(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case '0' <= r && r <= '9':
			return '9'
		case 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z':
			return 'a'
		}
		return r
	}, text)
}
