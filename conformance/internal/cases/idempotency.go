package cases

import (
	"context"

	"github.com/seed-5ec2a705/mtrack/conformance/internal/oracle"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/suite"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/wire"
	"github.com/seed-5ec2a705/mtrack/conformance/requirement"
)

// asTheSame names a request with the headers by which servers recognize one that they had before.
func asTheSame(r *wire.Request) {
	for _, name := range []string{
		"Idempotency-Key",
		"X-Idempotency-Key",
		"X-Request-Id",
		"X-Correlation-Id",
	} {
		suite.WithHeader(name, "5f0c9d62-0b8e-4a53-9c1d-2f6a7e3b1c48")(r)
	}
}

// idempotencyCases send different requests under one Idempotency-Key. The model says which response
// is right for each.
func idempotencyCases() []suite.Case {
	var cases []suite.Case
	for _, one := range []struct {
		operation requirement.Operation
		statuses  []int
		actions   []oracle.Action
	}{
		{requirement.DeleteTrack, []int{200, 401, 403, 404}, deletesAsTheSame},
		{requirement.UnsaveTrack, []int{200, 401, 404}, removalsAsTheSame},
		{requirement.GetTrack, []int{200, 401, 404}, getsAsTheSame},
		{requirement.ListSavedTracks, []int{200, 401, 404}, listsAsTheSame},
	} {
		cases = append(cases, suite.Case{
			Area: areaOf(one.operation), Slug: "idempotency-key-decides-nothing",
			Title:        "An Idempotency-Key that was used before makes no other response of a request",
			Operation:    one.operation,
			Requirements: []requirement.ID{requirement.AccessKeyOfARepeat},
			Statuses:     one.statuses,
			Scene:        sceneStandard,
			Sends: "Requests of all callers for several tracks, refused and granted, repeated and of different " +
				"operations, all with the same Idempotency-Key and the same X-Request-Id.",
			Expects: "For each what it would get without, and exactly what the granted ones ask for.",
			Run: func(ctx context.Context, c *suite.Client) error {
				w, err := oracle.Observe(ctx, c)
				if err != nil {
					return err
				}
				for _, a := range one.actions {
					if !c.Serves(ctx, a.Operation) {
						continue
					}
					if err := performListing(ctx, w, a, asTheSame); err != nil {
						return err
					}
				}
				return w.Verify(ctx)
			},
		})
	}
	return cases
}

// performListing is [oracle.World.Perform] that also compares which tracks a list holds.
func performListing(ctx context.Context, w *oracle.World, a oracle.Action, options ...suite.RequestOption) error {
	if a.Operation != requirement.ListSavedTracks {
		return w.Perform(ctx, a, options...)
	}
	odd, err := w.ObserveWindow(ctx, a, options...)
	if err == nil && odd != nil {
		return suite.Fail(odd.Expected+" when "+a.String(), odd.Actual, odd.Exchange)
	}
	return err
}

// listsWith is a saver's list with a query.
func listsWith(query oracle.LibraryQuery) oracle.Action {
	a := oracle.Lists("saver")
	a.Query = query
	return a
}

// In each of these, the response to some request before would be wrong for one that comes after it:
// for another caller, another track, another operation, or for what has changed.
var (
	deletesAsTheSame = []oracle.Action{
		oracle.Deletes("saver", "song"),
		oracle.Deletes("member", "song"),
		oracle.Deletes("", "song"),
		oracle.Deletes("outsider", "song"),
		oracle.Deletes("creator", "after"),
		oracle.Deletes("creator", "song"),
		oracle.Deletes("creator", "song"),
		oracle.Deletes("creator", "after"),
		oracle.Deletes("saver", "song"),
		oracle.Deletes("saver", "before"),
		oracle.Deletes("", "before"),
		oracle.Deletes("creator", "foreign").In("abroad"),
		oracle.Deletes("outsider", "foreign").In("abroad"),
		oracle.Deletes("outsider", "foreign").In("abroad"),
		oracle.Unsaves("saver", "before"),
		oracle.Deletes("saver", "before"),
		oracle.Deletes("creator", "before"),
		oracle.Gets("creator", "before"),
	}
	removalsAsTheSame = []oracle.Action{
		oracle.Unsaves("member", "song"),
		oracle.Unsaves("", "song"),
		oracle.Unsaves("outsider", "song"),
		oracle.Unsaves("creator", "song"),
		oracle.Unsaves("saver", "song"),
		oracle.Unsaves("saver", "song"),
		oracle.Unsaves("creator", "song"),
		oracle.Unsaves("saver", "before"),
		oracle.Unsaves("outsider", "foreign").In("abroad"),
		oracle.Unsaves("outsider", "foreign").In("abroad"),
		oracle.Deletes("saver", "before"),
		oracle.Deletes("creator", "song"),
		oracle.Unsaves("creator", "song"),
		oracle.Unsaves("saver", "after"),
		oracle.Unsaves("creator", "after"),
		oracle.Deletes("saver", "after"),
		oracle.Deletes("creator", "after"),
	}
	getsAsTheSame = []oracle.Action{
		oracle.Gets("member", "song"),
		oracle.Gets("", "song"),
		oracle.Gets("creator", "song"),
		oracle.Gets("outsider", "song"),
		oracle.Gets("saver", "song"),
		oracle.Gets("creator", "before"),
		oracle.Gets("member", "before"),
		oracle.Gets("saver", "before"),
		oracle.Unsaves("saver", "before"),
		oracle.Gets("saver", "before"),
		oracle.Gets("creator", "before"),
		oracle.Deletes("creator", "song"),
		oracle.Gets("creator", "song"),
		oracle.Gets("saver", "song"),
		oracle.Gets("outsider", "foreign").In("abroad"),
	}
	listsAsTheSame = []oracle.Action{
		oracle.Lists("outsider"),
		oracle.Lists(""),
		oracle.Lists("member"),
		oracle.Lists("creator"),
		oracle.Lists("saver"),
		oracle.Lists("outsider").In("abroad"),
		listsWith(oracle.LibraryQuery{Limit: 1}),
		listsWith(oracle.LibraryQuery{Mode: "focus"}),
		oracle.Lists("saver"),
		oracle.Unsaves("saver", "before"),
		oracle.Lists("saver"),
		oracle.Lists("creator"),
		oracle.Deletes("creator", "song"),
		oracle.Lists("creator"),
		oracle.Lists("saver"),
		oracle.Lists(""),
	}
)
