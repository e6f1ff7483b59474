package cases

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/seed-5ec2a705/mtrack/conformance/internal/expect"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/oracle"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/suite"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/wire"
	"github.com/seed-5ec2a705/mtrack/conformance/provision"
	"github.com/seed-5ec2a705/mtrack/conformance/requirement"
)

// validators are what responses said of the state of what was read: tags and dates, each once.
type validators struct{ tags, dates []string }

// note adds the validators of a response. The date of a response stands for its last change, as it
// does in clients where the target sends no other.
func (v *validators) note(x *wire.Exchange) {
	add := func(to *[]string, value string) {
		if value != "" && !slices.Contains(*to, value) {
			*to = append(*to, value)
		}
	}
	add(&v.tags, x.Header.Get("ETag"))
	add(&v.dates, x.Header.Get("Last-Modified"))
	add(&v.dates, x.Header.Get("Date"))
}

// condition is a set of headers that make a request depend on what the caller knows, or that ask
// for a part.
type condition struct {
	name   string
	header []wire.HeaderField
}

// on adds the condition to a request.
func (c condition) on(r *wire.Request) { r.Header = append(slices.Clone(r.Header), c.header...) }

func oneCondition(name, value string) condition {
	return condition{name + ": " + value, []wire.HeaderField{{Name: name, Value: value}}}
}

// seenBefore are the conditions of a caller who has an older response.
func (v validators) seenBefore() []condition {
	var all []condition
	for _, tag := range v.tags {
		all = append(all, oneCondition("If-None-Match", tag))
		if !strings.HasPrefix(tag, "W/") {
			all = append(all, oneCondition("If-None-Match", "W/"+tag), oneCondition("If-Match", tag))
		}
	}
	for _, date := range v.dates {
		all = append(all, oneCondition("If-Modified-Since", date))
	}
	if len(v.tags) > 0 && len(v.dates) > 0 {
		all = append(all, condition{"If-None-Match and If-Modified-Since", []wire.HeaderField{
			{Name: "If-None-Match", Value: v.tags[0]}, {Name: "If-Modified-Since", Value: v.dates[0]},
		}})
	}
	return all
}

// conditions are those of a caller who has an older response, and those for which it needs none.
func (v validators) conditions() []condition {
	now := time.Now().UTC()
	past, future := now.AddDate(-10, 0, 0).Format(httpDate), now.AddDate(1, 0, 0).Format(httpDate)
	return append(v.seenBefore(),
		oneCondition("If-None-Match", "*"),
		oneCondition("If-Match", "*"),
		oneCondition("If-Modified-Since", future),
		oneCondition("If-Unmodified-Since", past),
		oneCondition("Range", "bytes=0-9"),
		condition{"If-Range with a Range", []wire.HeaderField{
			{Name: "Range", Value: "bytes=0-"}, {Name: "If-Range", Value: future},
		}},
	)
}

// httpDate is how HTTP writes dates, which are of GMT.
const httpDate = "Mon, 02 Jan 2006 15:04:05 GMT"

// under are the refusals of each denial with each condition.
func (d denials) under(conditions []condition) func(*provision.Scene) []oracle.Refusal {
	return func(s *provision.Scene) []oracle.Refusal {
		var refusals []oracle.Refusal
		for _, one := range d.refusals(s) {
			for _, condition := range conditions {
				conditional := one
				conditional.Name += " with " + condition.name
				condition.on(&conditional.Request)
				refusals = append(refusals, conditional)
			}
		}
		return refusals
	}
}

// conditionCases are about conditions, ranges and HEAD. Whoever may not know of a track learns
// nothing by them, and by nobody is it seen again.
func conditionCases() []suite.Case {
	var cases []suite.Case
	for _, o := range requirement.Operations() {
		statuses := []int{401, 404}
		if o == requirement.DeleteTrack {
			statuses = []int{401, 403, 404}
		}
		cases = append(cases, suite.Case{
			Area: areaOf(o), Slug: "condition-changes-no-refusal",
			Title:        "A refusal is the same with a condition or a range, before and after a track is gone",
			Operation:    o,
			Requirements: []requirement.ID{requirement.AccessWhateverIsAsked},
			Statuses:     statuses,
			Scene:        sceneStandard,
			Sends: "HEAD and GET by the creator and a saver; then the requests of those who have no access, with " +
				"If-None-Match, If-Match, If-Modified-Since, If-Unmodified-Since and Range, by the ETags and " +
				"dates that were seen and by others; after a removal and a delete the same by those who had access.",
			Expects: "401, 403 and 404, as without them; HEAD of what is gone as HEAD of a missing track; and " +
				"everything as it was.",
			Run: func(ctx context.Context, c *suite.Client) error { return conditionsRefused(ctx, c, o) },
		})
	}
	return append(cases, headCase(), changedListCase())
}

// conditionsRefused is the Run of condition-changes-no-refusal.
func conditionsRefused(ctx context.Context, c *suite.Client, o requirement.Operation) error {
	w, err := oracle.NewWorld(ctx, c, c.Scene)
	if err != nil {
		return err
	}
	seen, err := readWithValidators(ctx, c)
	if err != nil {
		return err
	}
	// What HEAD left behind must not be taken for the response to a GET.
	if err := w.VerifyReads(ctx); err != nil {
		return err
	}
	if err := w.Refuse(ctx, deniedAtFirst(o).under(seen.conditions())); err != nil {
		return err
	}
	if o == requirement.ListSavedTracks {
		return nil // what changes in lists is for changed-list-is-sent
	}
	for _, a := range []oracle.Action{oracle.Unsaves("saver", "before"), oracle.Deletes("creator", "song")} {
		if !c.Serves(ctx, a.Operation) {
			continue
		}
		if err := w.Perform(ctx, a); err != nil {
			return err
		}
	}
	gone := denials{
		{"the creator's request for its deleted track", oracle.Does("creator", o, "song"), 404},
		{"a saver's request for the deleted track", oracle.Does("saver", o, "song"), 404},
		{"a member's request for the deleted track", oracle.Does("member", o, "song"), 404},
		{"a request without a key for the deleted track", oracle.Does("", o, "song"), 401},
	}
	if c.Serves(ctx, requirement.UnsaveTrack) {
		gone = append(gone, denials{
			{"a saver's request for a track that it removed", oracle.Does("saver", o, "before"), 404},
		}...)
	}
	if err := w.Refuse(ctx, gone.under(seen.conditions())); err != nil {
		return err
	}
	for _, one := range gone {
		missing := oracle.RequestOf(c.Scene, one.action)
		missing.Path = toMissing(c.Scene, oracle.Does("creator", o, one.action.Track)).Path
		if err := headsAlike(ctx, c, one.name, missing, oracle.RequestOf(c.Scene, one.action)); err != nil {
			return err
		}
	}
	return nil
}

// deniedAtFirst are the requests of those who have no access to begin with.
func deniedAtFirst(o requirement.Operation) denials {
	d := denials{
		{"an outsider's request", oracle.Does("outsider", o, "song"), 404},
		{"a request without a key", oracle.Does("", o, "song"), 401},
		{"the creator's request under the other organization's path", oracle.Does("creator", o, "foreign").In("abroad"), 404},
	}
	if o != requirement.ListSavedTracks {
		d = append(d, denials{
			{"a member's request without access", oracle.Does("member", o, "song"), 404},
			{"the creator's request for a foreign track", oracle.Does("creator", o, "foreign"), 404},
		}...)
	}
	if o == requirement.DeleteTrack {
		d = append(d, denials{{"a saver's delete", oracle.Does("saver", o, "song"), 403}}...)
	}
	return d
}

// readWithValidators reads as those who have access, first by HEAD, and returns what was said of
// the state.
func readWithValidators(ctx context.Context, c *suite.Client) (validators, error) {
	var seen validators
	for _, as := range []string{"creator", "saver"} {
		for _, a := range []oracle.Action{oracle.Gets(as, "song"), oracle.Gets(as, "before"), oracle.Lists(as)} {
			if !c.Serves(ctx, a.Operation) {
				continue
			}
			for _, method := range []string{"HEAD", "GET"} {
				r := oracle.RequestOf(c.Scene, a)
				r.Method, r.Unchecked = method, method == "HEAD"
				x, err := c.Do(ctx, r)
				if err != nil {
					return seen, err
				}
				if a.Operation == requirement.GetTrack {
					seen.note(x)
				}
			}
		}
	}
	// The first ones are of the song. Every response may have a date of its own: one is enough.
	seen.tags, seen.dates = seen.tags[:min(2, len(seen.tags))], seen.dates[:min(1, len(seen.dates))]
	return seen, nil
}

// headsAlike compares the statuses of HEAD for two requests, with and without a condition.
func headsAlike(ctx context.Context, c *suite.Client, name string, missing, gone wire.Request) error {
	for _, condition := range []condition{{}, oneCondition("If-None-Match", "*")} {
		var got []*wire.Exchange
		for _, r := range []wire.Request{missing, gone} {
			r.Method, r.Unchecked = "HEAD", true
			condition.on(&r)
			x, err := c.Do(ctx, r)
			if err != nil {
				return err
			}
			got = append(got, x)
		}
		if got[0].Status != got[1].Status {
			return suite.Fail(fmt.Sprintf("HEAD to be %d, as for a missing track, for %s", got[0].Status, name),
				expect.Describe(got[1]), got...)
		}
	}
	return nil
}

// headCase is about HEAD by everybody for everything.
func headCase() suite.Case {
	return suite.Case{
		Area: deleteTrack, Slug: "head-tells-nothing",
		Title:        "HEAD reveals nothing, with a key, without one and with an unknown one",
		Operation:    requirement.DeleteTrack,
		Requirements: []requirement.ID{requirement.AccessOne404ByOtherMethods},
		Scene:        sceneProbed,
		Sends: "HEAD of tracks that a caller has access to, and of their saves; after they are deleted HEAD, also " +
			"with If-None-Match: *, of tracks that are missing, deleted, inaccessible and foreign, and of libraries.",
		Expects: "Whatever the response is, the same for all of them.",
		Run: func(ctx context.Context, c *suite.Client) error {
			for _, name := range []string{"lost", "withdrawn", "lost-too", "withdrawn-too"} {
				r := oracle.RequestOf(c.Scene, oracle.Gets("caller", name), suite.WithoutContract())
				r.Method = "HEAD"
				if _, err := c.Do(ctx, r); err != nil {
					return err
				}
			}
			if err := prepareProbes(ctx, c, c.Scene); err != nil {
				return err
			}
			for _, as := range []provision.User{c.Scene.User("caller"), {}, {Key: "ak_unknown"}} {
				for _, o := range []requirement.Operation{
					requirement.GetTrack, requirement.UnsaveTrack, requirement.ListSavedTracks,
				} {
					for i, condition := range []condition{{}, oneCondition("If-None-Match", "*")} {
						if (i > 0 || as.ID == "") && o != requirement.GetTrack {
							continue
						}
						probes := probesOfPaths(c, o, as)
						if as.ID == "" {
							probes = decidedApart(probes)
						}
						for _, p := range probes {
							for n := range p.Requests {
								p.Requests[n].Method, p.Requests[n].Unchecked = "HEAD", true
								condition.on(&p.Requests[n])
							}
						}
						if err := expect.Alike(ctx, c, "answers to HEAD", probes); err != nil {
							return err
						}
					}
				}
			}
			return nil
		},
	}
}

// conditionalPage is one window of somebody's library, as it was read first and last.
type conditionalPage struct {
	action      oracle.Action
	option      suite.RequestOption
	first, last []string // the tracks
	atFirst     validators
	atLast      validators
}

// read reads the page without a condition, and judges it by the model.
func (p *conditionalPage) read(ctx context.Context, w *oracle.World) error {
	want := w.Expected(p.action)
	x, err := w.Client.Do(ctx, oracle.RequestOf(w.Scene, p.action, p.option))
	if err != nil {
		return err
	}
	if odd := want.Mismatch(w.Scene, p.action, x); odd != "" {
		return suite.Fail(want.Describe(p.action)+" when "+p.action.String(), odd, x)
	}
	p.last, p.atLast = want.Items, validators{}
	p.atLast.note(x)
	return nil
}

// stale are the conditions that were true of the page before, and are not any more.
func (p *conditionalPage) stale(now []string) []condition {
	var all []condition
	if !slices.Equal(now, p.last) {
		all = append(all, validators{tags: p.atLast.tags}.seenBefore()...)
	}
	if !slices.Equal(now, p.first) {
		// Dates have whole seconds: only those before the pause are certain to be past.
		all = append(all, validators{dates: p.atFirst.dates}.seenBefore()...)
	}
	return slices.DeleteFunc(all, func(c condition) bool { return strings.HasPrefix(c.name, "If-Match") })
}

// changedListCase is about what a target says has not changed.
func changedListCase() suite.Case {
	return suite.Case{
		Area: listTracks, Slug: "changed-list-is-sent",
		Title:     "A list that has changed is never 304, and is the new one in every form",
		Operation: requirement.ListSavedTracks,
		Requirements: []requirement.ID{
			requirement.ListChangedIsSent,
			requirement.ListOwnSaves,
		},
		Statuses: []int{200},
		Slow:     true,
		Scene:    sceneLibraries,
		Sends: "Lists of three callers, plain, filtered, windowed and compressed; a second later deletes and removals " +
			"of tracks at the end, in the middle and at the start of the libraries, each followed by the same " +
			"lists with the ETags and dates that were seen.",
		Expects: "200 with what is left wherever the list has changed.",
		Run: func(ctx context.Context, c *suite.Client) error {
			w := oracle.NewWorldWithoutHistories(ctx, c, c.Scene)
			var pages []*conditionalPage
			for _, as := range []string{"creator", "first", "second"} {
				for i, query := range []oracle.LibraryQuery{
					{}, {Limit: 2}, {Mode: "creation"}, {Engine: "studio", Limit: 3, Offset: 1}, {},
				} {
					a, option := oracle.Lists(as), suite.WithHeader("Accept-Encoding", "gzip")
					if i < 4 {
						option = func(*wire.Request) {}
					}
					a.Query = query
					p := &conditionalPage{action: a, option: option}
					if err := p.read(ctx, w); err != nil {
						return err
					}
					p.first, p.atFirst = p.last, p.atLast
					pages = append(pages, p)
				}
			}
			if err := oracle.Pause(ctx, 1100*time.Millisecond); err != nil {
				return err
			}
			for _, change := range []oracle.Action{
				oracle.Deletes("second", "next"),
				oracle.Unsaves("first", "song"),
				oracle.Deletes("creator", "twin"),
				oracle.Deletes("first", "oldest"),
				oracle.Unsaves("creator", "orphan"),
			} {
				if err := w.Perform(ctx, change); err != nil {
					return err
				}
				for _, p := range pages {
					if err := askForChanged(ctx, w, p); err != nil {
						return err
					}
					if slices.Equal(w.Expected(p.action).Items, p.last) {
						continue
					}
					if err := p.read(ctx, w); err != nil {
						return err
					}
				}
			}
			return nil
		},
	}
}

// askForChanged asks for a page with every condition that is no longer true.
func askForChanged(ctx context.Context, w *oracle.World, p *conditionalPage) error {
	want := w.Expected(p.action)
	for _, condition := range p.stale(want.Items) {
		r := oracle.RequestOf(w.Scene, p.action, p.option, condition.on, suite.WithoutContract())
		x, err := w.Client.Do(ctx, r)
		if err != nil {
			return err
		}
		if odd := want.Mismatch(w.Scene, p.action, x); odd != "" {
			return suite.Fail(fmt.Sprintf("%s when %s with %s, as the list has changed",
				want.Describe(p.action), p.action, condition.name), odd, x)
		}
	}
	return nil
}
