package cases

import (
	"context"

	"github.com/seed-5ec2a705/mtrack/conformance/internal/oracle"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/suite"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/wire"
	"github.com/seed-5ec2a705/mtrack/conformance/provision"
	"github.com/seed-5ec2a705/mtrack/conformance/requirement"
)

// otherwise are the methods that a request may ask for by other means than its method.
var otherwise = []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "delete"}

// overriding asks for another method by all headers that servers know for it.
func overriding(method string) suite.RequestOption {
	return withHeaders("X-HTTP-Method-Override", method, "X-HTTP-Method", method, "X-Method-Override", method,
		"X-Original-Method", method, "X-Forwarded-Method", method, "X-Real-Method", method)
}

// overridingByQuery asks for another method by the query.
func overridingByQuery(method string) suite.RequestOption {
	return suite.WithQuery("_method=" + method + "&method=" + method + "&X-HTTP-Method-Override=" + method)
}

// overrideCases ask for every method by other means, with every method.
func overrideCases() []suite.Case {
	var cases []suite.Case
	for _, one := range []struct {
		operation    requirement.Operation
		requirements []requirement.ID
	}{
		{requirement.DeleteTrack, []requirement.ID{
			requirement.DeletePathDecides, requirement.DeleteRefusedChangesNothing, requirement.InputWrongMethodIs405,
		}},
		{requirement.GetTrack, []requirement.ID{requirement.GetWithAccess, requirement.GetChangesNothing}},
		{requirement.ListSavedTracks, []requirement.ID{requirement.ListOwnSaves, requirement.ListChangesNothing}},
		{requirement.UnsaveTrack, []requirement.ID{
			requirement.UnsaveLeavesLibrary, requirement.UnsaveRefusedChangesNothing, requirement.InputWrongMethodIs405,
		}},
	} {
		o := one.operation
		cases = append(cases, suite.Case{
			Area: areaOf(o), Slug: "method-is-what-is-sent",
			Title:        "Nothing but the method of a request decides which method it is",
			Operation:    o,
			Requirements: one.requirements,
			Statuses:     []int{200},
			Scene:        sceneCatalogue,
			Sends: "The creator's requests, and those with every other method to the same path, with headers and " +
				"queries that ask for each of the methods in turn.",
			Expects: "What the method itself gets: 405 for a wrong one, and exactly what the right ones ask for.",
			Run:     func(ctx context.Context, c *suite.Client) error { return overridden(ctx, c, o) },
		})
	}
	return cases
}

// overridden is the Run of method-is-what-is-sent.
func overridden(ctx context.Context, c *suite.Client, o requirement.Operation) error {
	w, err := oracle.Observe(ctx, c)
	if err != nil {
		return err
	}
	if err := w.Refuse(ctx, wrongMethodsOverridden(o)); err != nil {
		return err
	}
	for i, method := range otherwise {
		a := oracle.Does("creator", o, catalogueNames[i])
		if err := performListing(ctx, w, a, overriding(method)); err != nil {
			return err
		}
		if o == requirement.GetTrack || o == requirement.ListSavedTracks {
			query := decoy{"the query for " + method, overridingByQuery(method)}
			if err := readDespite(ctx, w, a, query); err != nil {
				return err
			}
		}
	}
	return w.Verify(ctx)
}

// wrongMethodsOverridden are requests of methods that the path of an operation does not have, or
// for which any response is right, asking for others.
func wrongMethodsOverridden(o requirement.Operation) func(*provision.Scene) []oracle.Refusal {
	return func(s *provision.Scene) []oracle.Refusal {
		own := oracle.RequestOf(s, oracle.Does("creator", o, "eight"))
		sent, allow := []string{"POST", "PUT", "PATCH"}, []string{own.Method}
		switch o {
		case requirement.GetTrack:
			sent = []string{"POST"} // the rest is asked in the case of deletes
		case requirement.ListSavedTracks:
			sent = append(sent, "DELETE")
		case requirement.UnsaveTrack:
			sent = append(sent, "GET")
		}
		var refusals []oracle.Refusal
		for _, method := range otherwise {
			for _, with := range sent {
				form := suite.WithBody("application/x-www-form-urlencoded", []byte("_method="+method+"&method="+method))
				refusals = append(refusals, wrongMethod(s, with, own.Path, allow, overriding(method), form))
			}
			for _, with := range []string{"HEAD", "OPTIONS"} {
				r := oracle.RequestOf(s, oracle.Does("creator", o, "eight"), overriding(method), overridingByQuery(method),
					suite.WithoutContract())
				r.Method = with
				name := "a " + with + " that asks for " + method
				refusals = append(refusals, oracle.Refusal{Name: name, Request: r, Expect: noServerError})
			}
		}
		return refusals
	}
}

// noServerError accepts anything else.
func noServerError(x *wire.Exchange) error {
	if x.Status == 501 { // a method that is not implemented
		return nil
	}
	return expectHarmless(x)
}
