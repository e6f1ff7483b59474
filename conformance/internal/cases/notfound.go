package cases

import (
	"context"

	"github.com/seed-5ec2a705/mtrack/conformance/internal/expect"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/suite"
	"github.com/seed-5ec2a705/mtrack/conformance/provision"
	"github.com/seed-5ec2a705/mtrack/conformance/requirement"
)

func notFoundCases() []suite.Case {
	var cases []suite.Case
	for _, o := range requirement.Operations() {
		cases = append(cases, suite.Case{
			Area: areaOf(o), Slug: "404s-are-alike",
			Title:        "A 404 does not reveal its reason",
			Operation:    o,
			Requirements: []requirement.ID{requirement.AccessOne404},
			Statuses:     []int{404},
			Scene:        sceneProbed,
			Sends: "Requests of one caller for tracks that are missing, deleted, inaccessible and foreign, " +
				"in its own, another and an unknown organization, in turn and several times.",
			Expects: "The same 404: status, headers and body, apart from what the request itself contains " +
				"and what changes with every response.",
			Run: func(ctx context.Context, c *suite.Client) error {
				if err := prepareProbes(ctx, c, c.Scene); err != nil {
					return err
				}
				probes := probesOfPaths(c, o, c.Scene.User("caller"))
				for _, p := range probes {
					for _, r := range p.Requests {
						x, err := c.Do(ctx, r)
						if err != nil {
							return err
						}
						if err := expect.Error(x, 404); err != nil {
							return err
						}
					}
				}
				return expect.Alike(ctx, c, "404s", probes)
			},
		})
	}
	return append(cases, otherMethodCases()...)
}

// otherMethodCases compare the responses to methods that the operations do not have.
func otherMethodCases() []suite.Case {
	var cases []suite.Case
	for _, o := range []requirement.Operation{requirement.DeleteTrack, requirement.UnsaveTrack} {
		cases = append(cases, suite.Case{
			Area: areaOf(o), Slug: "other-methods-tell-nothing",
			Title:        "HEAD, OPTIONS and other methods do not reveal what exists",
			Operation:    o,
			Requirements: []requirement.ID{requirement.AccessOne404ByOtherMethods},
			Scene:        sceneProbed,
			Sends: "HEAD, OPTIONS, POST and PUT to the paths of tracks that are missing, deleted, " +
				"inaccessible and foreign, with a key and without.",
			Expects: "Whatever the response to a method is, the same for all of them.",
			Run: func(ctx context.Context, c *suite.Client) error {
				if err := prepareProbes(ctx, c, c.Scene); err != nil {
					return err
				}
				for _, method := range []string{"HEAD", "OPTIONS", "POST", "PUT"} {
					for _, as := range []provision.User{c.Scene.User("caller"), {}} {
						probes := decidedApart(probesOfTracks(c, c.Scene, o, as))
						for _, p := range probes {
							for i := range p.Requests {
								p.Requests[i].Method, p.Requests[i].Unchecked = method, true
							}
						}
						if err := expect.Alike(ctx, c, "responses to "+method, probes); err != nil {
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

// timingCases run alone, after all others.
func timingCases() []suite.Case {
	var cases []suite.Case
	for _, o := range []requirement.Operation{requirement.DeleteTrack, requirement.GetTrack, requirement.UnsaveTrack} {
		cases = append(cases, suite.Case{
			Area: areaOf(o), Slug: "404s-take-the-same-time",
			Title:        "The time that a 404 takes does not reveal its reason",
			Operation:    o,
			Requirements: []requirement.ID{requirement.AccessOne404InTime},
			Alone:        true,
			Scene:        sceneProbed,
			Sends: "Requests of one caller for tracks that are missing, deleted, inaccessible and foreign, " +
				"many times in changing order.",
			Expects: "No class of them takes milliseconds longer or shorter than the others, on two scenes.",
			Run: func(ctx context.Context, c *suite.Client) error {
				scene := c.Scene
				return expect.SameTime(ctx, c, func(ctx context.Context) ([]expect.Probe, error) {
					if scene == nil {
						var err error
						if scene, err = c.Provision(ctx, sceneProbed); err != nil {
							return nil, err
						}
					}
					s := scene
					scene = nil // a second call is to confirm, on a new one
					if err := prepareProbes(ctx, c, s); err != nil {
						return nil, err
					}
					return decidedApart(probesOfTracks(c, s, o, s.User("caller"))), nil
				})
			},
		})
	}
	return cases
}
