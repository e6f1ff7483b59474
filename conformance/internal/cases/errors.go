package cases

import (
	"context"
	"fmt"
	"time"

	"github.com/seed-5ec2a705/mtrack/conformance/internal/expect"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/oracle"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/suite"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/wire"
	"github.com/seed-5ec2a705/mtrack/conformance/provision"
	"github.com/seed-5ec2a705/mtrack/conformance/requirement"
)

// traceSamples is how many errors are compared: enough to find a trace_id of three digits.
const traceSamples = 120

func errorCases() []suite.Case {
	var cases []suite.Case
	for _, e := range []struct {
		slug   string
		status int
		as     string
		what   string
	}{
		{"error-401-envelope", 401, "", "A delete without a key"},
		{"error-403-envelope", 403, "saver", "A saver's delete"},
		{"error-404-envelope", 404, "member", "A member's delete"},
	} {
		cases = append(cases, suite.Case{
			Area: deleteTrack, Slug: e.slug,
			Title:     fmt.Sprintf("The envelope of a %d", e.status),
			Operation: requirement.DeleteTrack,
			Requirements: []requirement.ID{
				requirement.ErrorEnvelope,
				requirement.ErrorMachineFields,
				requirement.ErrorDetailsNameTrack,
				requirement.ErrorTraceIDIsRequestID,
				requirement.ErrorNoInternals,
			},
			Statuses: []int{e.status},
			Scene:    sceneStandard,
			Sends:    e.what + " with Accept headers for anything, for JSON, and for HTML first.",
			Expects:  "JSON with every documented member, of its type, and code, type and status of this status.",
			Run: func(ctx context.Context, c *suite.Client) error {
				for _, accept := range []string{
					"*/*",
					"application/json",
					"text/html, application/json;q=0.9, */*;q=0.8",
				} {
					r := oracle.RequestOf(c.Scene, oracle.Deletes(e.as, "song"), suite.WithHeader("Accept", accept))
					x, err := c.Do(ctx, r)
					if err != nil {
						return err
					}
					if err := expect.Error(x, e.status); err != nil {
						return err
					}
				}
				return nil
			},
		})
	}
	return append(cases,
		suite.Case{
			Area: deleteTrack, Slug: "trace-ids-are-unique",
			Title:        "Every error has a trace_id of its own",
			Operation:    requirement.DeleteTrack,
			Requirements: []requirement.ID{requirement.ErrorTraceIDUnique},
			Statuses:     []int{401, 403, 404},
			Scene:        sceneStandard,
			Sends:        fmt.Sprintf("%d deletes that are refused, for three reasons in turn.", traceSamples),
			Expects:      "No trace_id twice.",
			Run: func(ctx context.Context, c *suite.Client) error {
				return distinctTraces(ctx, c, traceSamples)
			},
		},
		suite.Case{
			Area: deleteTrack, Slug: "trace-ids-are-unique-on-a-connection",
			Title:        "Errors on one connection have trace_ids of their own",
			Operation:    requirement.DeleteTrack,
			Requirements: []requirement.ID{requirement.ErrorTraceIDUnique},
			Statuses:     []int{401, 403, 404},
			Scene:        sceneStandard,
			Sends: "Deletes that are refused, one after another on one connection, as long as the target " +
				"keeps it open.",
			Expects: "No trace_id twice.",
			Run:     distinctTracesOnConnection,
		},
		suite.Case{
			Area: deleteTrack, Slug: "timestamp-moves",
			Title:        "The timestamp of an error is the time of the response",
			Operation:    requirement.DeleteTrack,
			Requirements: []requirement.ID{requirement.ErrorTimestamp},
			Statuses:     []int{401, 403, 404},
			Slow:         true,
			Scene:        sceneStandard,
			Sends:        "Deletes that get 401, 403 and 404, and the same 1.2 seconds later.",
			Expects: "Timestamps in RFC 3339 and UTC, close to the suite's clock, and later ones the " +
				"second time.",
			Run: timestampsMove,
		},
		suite.Case{
			Area: deleteTrack, Slug: "answered-every-time",
			Title:        "A request that is refused gets the same error every time",
			Operation:    requirement.DeleteTrack,
			Requirements: []requirement.ID{requirement.InputLoad},
			Statuses:     []int{401, 403, 404},
			Scene:        sceneStandard,
			Sends: "Three hundred deletes that are refused, for three reasons in turn; fewer if the target " +
				"is slow.",
			Expects: "401, 403 and 404 in turn, without exception.",
			Run: func(ctx context.Context, c *suite.Client) error {
				requests := refusedByTurns(c.Scene)
				start := time.Now()
				for i := range 300 {
					if i >= 30 && time.Since(start) > 2*time.Second {
						return nil
					}
					x, err := c.Do(ctx, requests[i%3])
					if err != nil {
						return err
					}
					if err := expect.Error(x, []int{401, 403, 404}[i%3]); err != nil {
						return err
					}
				}
				return nil
			},
		},
	)
}

// refusedByTurns are deletes of the same track that get 401, 403 and 404.
func refusedByTurns(s *provision.Scene) []wire.Request {
	return []wire.Request{
		oracle.RequestOf(s, oracle.Deletes("", "song")),
		oracle.RequestOf(s, oracle.Deletes("saver", "song")),
		oracle.RequestOf(s, oracle.Deletes("member", "song")),
	}
}

// distinctTraces sends n requests that are refused, or fewer to a slow target.
func distinctTraces(ctx context.Context, c *suite.Client, n int) error {
	seen := map[string]*wire.Exchange{}
	requests := refusedByTurns(c.Scene)
	start := time.Now()
	for i := range n {
		if i >= 12 && time.Since(start) > 2*time.Second {
			return nil
		}
		x, err := c.Do(ctx, requests[i%len(requests)])
		if err != nil {
			return err
		}
		if err := expect.NewTrace(seen, x); err != nil {
			return err
		}
	}
	return nil
}

func timestampsMove(ctx context.Context, c *suite.Client) error {
	stamps := func() ([]time.Time, []*wire.Exchange, error) {
		var times []time.Time
		var exchanges []*wire.Exchange
		for i, r := range refusedByTurns(c.Scene) {
			x, err := c.Do(ctx, r)
			if err != nil {
				return nil, nil, err
			}
			if err := expect.Error(x, []int{401, 403, 404}[i]); err != nil {
				return nil, nil, err
			}
			e, _ := expect.EnvelopeError(x)
			at, err := expect.Instant(e["timestamp"].(string))
			if err != nil {
				return nil, nil, err
			}
			times, exchanges = append(times, at), append(exchanges, x)
		}
		return times, exchanges, nil
	}
	before, first, err := stamps()
	if err != nil {
		return err
	}
	if err := oracle.Pause(ctx, 1200*time.Millisecond); err != nil {
		return err
	}
	after, second, err := stamps()
	if err != nil {
		return err
	}
	for i := range before {
		if !after[i].After(before[i]) {
			return suite.Fail("a later timestamp in an error of 1.2 seconds later",
				after[i].Format(time.RFC3339Nano), first[i], second[i])
		}
	}
	return nil
}
