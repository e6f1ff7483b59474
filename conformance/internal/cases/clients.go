package cases

import (
	"context"
	"regexp"
	"slices"

	"github.com/seed-5ec2a705/mtrack/conformance/internal/expect"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/oracle"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/suite"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/wire"
	"github.com/seed-5ec2a705/mtrack/conformance/provision"
	"github.com/seed-5ec2a705/mtrack/conformance/requirement"
)

// without sends a request without a field that the suite adds to others.
func without(name string) suite.RequestOption {
	return func(r *wire.Request) { r.Omit = append(r.Omit, name) }
}

// withHeaders appends several fields: names and values by turns.
func withHeaders(pairs ...string) suite.RequestOption {
	return func(r *wire.Request) {
		for pair := range slices.Chunk(pairs, 2) {
			suite.WithHeader(pair[0], pair[1])(r)
		}
	}
}

// clientHabits are what clients send by themselves, or leave out. JSON is accepted by all of them.
func clientHabits() []decoy {
	return []decoy{
		{"the Origin of another site", withHeaders("Origin", "https://example.com", "Referer", "https://example.com/player",
			"Sec-Fetch-Mode", "cors", "Sec-Fetch-Site", "cross-site", "Sec-Fetch-Dest", "empty")},
		{"an Origin of null", withHeaders("Origin", "null", "X-Requested-With", "XMLHttpRequest")},
		{"no User-Agent", without("User-Agent")},
		{"the User-Agent of curl and any Accept", withHeaders("User-Agent", "curl/8.9.1", "Accept", "*/*")},
		{"the User-Agent of a library", withHeaders("User-Agent", "python-requests/2.32.3",
			"Accept-Encoding", "gzip, deflate")},
		{"the User-Agent of a crawler", withHeaders("User-Agent", "Mozilla/5.0 (compatible; ExampleBot/2.1)")},
		{"the User-Agent and Accept of a browser", withHeaders(
			"User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0",
			"Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,image/webp,*/*;q=0.8",
			"Accept-Language", "de,en;q=0.5")},
		{"no Accept", without("Accept")},
		{"an Accept of any application/", withHeaders("Accept", "application/*;q=0.5")},
		{"an Accept of problem documents before JSON", withHeaders("Accept",
			"application/problem+json, application/json;q=0.9", "Content-Type", "application/problem+json")},
		{"an Accept of another JSON before JSON", withHeaders("Accept", "application/vnd.api+json, application/json;q=0.5",
			"Content-Type", "application/json")},
		{"an Accept of an event stream before all else", withHeaders("Accept", "text/event-stream, */*;q=0.1")},
		{"a preference for no content", withHeaders("Prefer", "return=minimal")},
		{"a preference for later", withHeaders("Prefer", "respond-async, wait=1, handling=lenient")},
		{"a wish for nothing cached", withHeaders("Cache-Control", "no-cache", "Pragma", "no-cache",
			"traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")},
	}
}

// foreignAccepts ask for anything but JSON.
var foreignAccepts = []string{
	"text/html",
	"application/xml",
	"image/png",
	"text/event-stream",
	"application/problem+json",
	"application/vnd.api+json",
	"application/json;version=2",
	"nonsense",
	"",
}

// clientCases are about what clients send by themselves.
func clientCases() []suite.Case {
	var cases []suite.Case
	for _, o := range requirement.Operations() {
		statuses := []int{200, 401, 404}
		if o == requirement.DeleteTrack {
			statuses = []int{200, 401, 403, 404}
		}
		cases = append(cases, suite.Case{
			Area: areaOf(o), Slug: "clients-are-alike",
			Title:        "What a client sends by itself makes no difference",
			Operation:    o,
			Requirements: []requirement.ID{requirement.InputClientsAlike},
			Statuses:     statuses,
			Scene:        sceneCatalogue,
			Sends: "Requests that are refused and the creator's, with an Origin, with User-Agents of several kinds and " +
				"none, with Accepts that JSON fits and none, and with preferences.",
			Expects: "The usual responses, and exactly what the creator asked for.",
			Run:     func(ctx context.Context, c *suite.Client) error { return clientsAlike(ctx, c, o) },
		}, suite.Case{
			Area: areaOf(o), Slug: "any-accept-gets-json",
			Title:        "A caller who accepts anything but JSON gets JSON too",
			Operation:    o,
			Requirements: []requirement.ID{requirement.InputAnyAccept},
			Statuses:     statuses[1:],
			Scene:        sceneCatalogue,
			Sends:        "Requests that are refused, with Accepts that JSON does not fit.",
			Expects:      "The usual errors in the envelope, as application/json.",
			Run: func(ctx context.Context, c *suite.Client) error {
				for _, accept := range foreignAccepts {
					for _, one := range usualRefusals(o)(c.Scene) {
						suite.WithHeader("Accept", accept)(&one.Request)
						suite.WithoutContract()(&one.Request) // which is a MUST
						x, err := c.Do(ctx, one.Request)
						if err != nil {
							return err
						}
						if err := one.Expect(x); err != nil {
							return err
						}
						if err := isJSON(x); err != nil {
							return err
						}
					}
				}
				return nil
			},
		})
	}
	return cases
}

// usualRefusals are one request for each reason to refuse it that sceneCatalogue has.
func usualRefusals(o requirement.Operation) func(*provision.Scene) []oracle.Refusal {
	return func(s *provision.Scene) []oracle.Refusal {
		missing := oracle.RequestOf(s, oracle.Does("creator", o, "eight"))
		if o == requirement.ListSavedTracks {
			missing.Path = requirement.TracksPath(s.Organization("home") + "x")
		} else {
			missing.Path = toMissing(s, oracle.Does("creator", o, "eight")).Path
		}
		refusals := []oracle.Refusal{
			refused("a request without a key", 401, oracle.RequestOf(s, oracle.Does("", o, "eight"))),
			refused("a request for what is missing", 404, missing),
		}
		if o == requirement.DeleteTrack {
			refusals = append(refusals, refused("a saver's delete", 403, oracle.RequestOf(s, oracle.Does("saver", o, "eight"))))
		}
		return refusals
	}
}

// clientsAlike is the Run of clients-are-alike.
func clientsAlike(ctx context.Context, c *suite.Client, o requirement.Operation) error {
	w, err := oracle.Observe(ctx, c)
	if err != nil {
		return err
	}
	habits := clientHabits()
	if err := w.Refuse(ctx, func(s *provision.Scene) []oracle.Refusal {
		var refusals []oracle.Refusal
		for _, habit := range habits {
			for _, one := range usualRefusals(o)(s) {
				one.Name += " with " + habit.name
				habit.option(&one.Request)
				refusals = append(refusals, one)
			}
		}
		return refusals
	}); err != nil {
		return err
	}
	if o == requirement.GetTrack || o == requirement.ListSavedTracks {
		for _, habit := range habits {
			if err := performListing(ctx, w, oracle.Does("creator", o, "one"), habit.option); err != nil {
				return err
			}
		}
		return nil
	}
	// Each of a few tracks meets several habits at once, of which none contradicts another.
	for i, name := range catalogueNames {
		var together []suite.RequestOption
		fields := map[string]bool{}
		for _, habit := range append(slices.Clone(habits[i*len(habits)/len(catalogueNames):]), habits...) {
			r := wire.Request{}
			habit.option(&r)
			if named := namesIn(r); len(together) < 4 && !slices.ContainsFunc(named, func(n string) bool { return fields[n] }) {
				together = append(together, habit.option)
				for _, n := range named {
					fields[n] = true
				}
			}
		}
		if err := w.Perform(ctx, oracle.Does("creator", o, name), together...); err != nil {
			return err
		}
	}
	return w.Verify(ctx)
}

// namesIn are the fields that a request sets or leaves out.
func namesIn(r wire.Request) []string {
	names := slices.Clone(r.Omit)
	for _, f := range r.Header {
		names = append(names, f.Name)
	}
	return names
}

// isJSON checks the media type of a response.
func isJSON(x *wire.Exchange) error {
	if !jsonType.MatchString(x.Header.Get("Content-Type")) {
		return suite.Fail("the media type application/json", expect.Describe(x)+" as "+x.Header.Get("Content-Type"), x)
	}
	return nil
}

// jsonType matches the media type of all responses.
var jsonType = regexp.MustCompile(`(?i)^application/json\s*(;|$)`)
