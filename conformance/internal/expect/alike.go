package expect

import (
	"bytes"
	"context"
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

// Probe is a request of a class of requests that nobody may tell apart by their responses.
type Probe struct {
	Class string
	// Requests differ in the ids they name. There are at least two of them, so that what a response derives from an id
	// differs within the class.
	Requests []wire.Request
	// Sent are the ids in the requests, which a response may echo.
	Sent [][]string
}

// Rounds of asking. The first ones look for a difference, the others confirm it: only what is the same in all responses of one
// class and the same, but another, in all of another class tells them apart.
const (
	alikeRounds   = 2
	alikeConfirms = 9
)

// Alike asks each class by turns and fails where a response tells which class it is of. The order changes from round to
// round: what alternates from answer to answer would otherwise fall to the same classes each time.
func Alike(ctx context.Context, c *suite.Client, what string, probes []Probe) error {
	seen := make([]*observations, len(probes))
	for i := range seen {
		seen[i] = newObservations()
	}
	ask := func(from, to int) error {
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
	if err := ask(0, alikeRounds); err != nil {
		return err
	}
	if difference(probes, seen) == nil {
		return nil
	}
	if err := ask(alikeRounds, alikeRounds+alikeConfirms); err != nil {
		return err
	}
	if told := difference(probes, seen); told != nil {
		return suite.Fail("the same "+what+" whatever the reason", strings.Join(told.Texts, "; "), told.exchanges...)
	}
	return nil
}

// Difference is what tells two classes apart.
type Difference struct {
	Texts     []string
	exchanges []*wire.Exchange
}

// difference compares all classes with the first one.
func difference(probes []Probe, seen []*observations) *Difference {
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
			return &Difference{differences, []*wire.Exchange{seen[0].last, seen[i].last}}
		}
	}
	return nil
}

// sameLengths reports whether all requests name ids of the same length, so that an echo does not change a response's length.
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

// trait is one thing that can be seen of a response: with what the caller sent taken out, and as it came.
type trait struct{ text, raw string }

// observations are the traits of all responses of one class.
type observations struct {
	answers int
	traits  map[string][]trait
	echoes  bool // a response's body held what was sent, or has none to look into
	last    *wire.Exchange
}

func newObservations() *observations { return &observations{traits: map[string][]trait{}} }

const absent = "(absent)"

// constant returns the trait of that name where it was the same in all responses, else nil. What a response lacks is absent.
func (s *observations) constant(name string) *trait {
	all := s.traits[name]
	if len(all) == 0 {
		return &trait{absent, absent}
	}
	if len(all) != s.answers {
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

func traitNames(one, other *observations) []string {
	names := maps.Clone(one.traits)
	maps.Copy(names, other.traits)
	return slices.Sorted(maps.Keys(names))
}

func (s *observations) add(x *wire.Exchange, sent []string) {
	s.answers++
	s.last = x
	clean := withoutSent(sent)
	note := func(name, value string) { s.traits[name] = append(s.traits[name], trait{clean(value), value}) }
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

// withoutSent returns a function that takes what was sent out of a text, in the encodings in which it may be echoed. Long ids
// go first, since one may hold another.
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

// flatten walks through the leaves of decoded JSON.
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

// layout is a JSON document's white space, punctuation and member names, in their order, without its values.
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

// form writes every digit as 9 and every letter as a.
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
