package redisstore

import (
	"context"
	"fmt"
	"strconv"

	"github.com/seed-5ec2a705/mtrack/impl/track"
)

const (
	// deadBorne is how many dead tracks of an organization a reader bears:
	// with so many not yet swept a list is still one round trip, and the
	// script looks at so many more members.
	deadBorne = 256
	// skimMax is how many dead tracks a reader takes out of the part of the
	// library that it reads, in one step, where there are more.
	skimMax = 1000
)

// ListSaved implements [track.Store]. It is one round trip while no more than
// 256 deleted tracks of the organization await the worker, and one more for
// each further thousand.
func (s *Store) ListSaved(ctx context.Context, caller track.Caller, organization track.OrganizationID, filter track.Filter) ([]track.Track, error) {
	suffix, possible := filterSuffix(filter)
	if !possible {
		return []track.Track{}, s.Authorize(ctx, caller, organization)
	}
	o := organizationSegment(organization)
	swept := "0"
	for {
		run := invocation{
			listScript,
			[]string{s.keys.ring(o), s.keys.dead(o)},
			append([]any{
				ringField(caller.Key.Hash()), s.keys.libraryPrefix(o), suffix, s.keys.trackPrefix(o),
				filter.Offset, filter.Limit, swept, deadBorne,
			}, trackFields...),
		}
		got, err := s.decide(ctx, caller, run)
		if err != nil {
			return nil, err
		}
		if got.code == codeOK {
			return decodeWindow(organization, got.rest)
		}
		if len(got.rest) != 1 {
			return nil, run.unexpected(got)
		}
		// The dead tracks up to the number swept are out of what is read, and
		// never come back: the next look needs to mind the later ones only.
		// Each step gets ahead of the deletions by a thousand; the context
		// bounds the chase.
		swept, err = s.skim(ctx, s.keys.dead(o), s.keys.libraryPrefix(o)+fmt.Sprint(got.rest[0])+suffix, swept)
		if err != nil {
			return nil, err
		}
	}
}

// skim takes the next dead tracks after a deletion out of a part of a library
// and returns the number of the last one.
func (s *Store) skim(ctx context.Context, dead, library, after string) (string, error) {
	run := invocation{skimScript, []string{dead, library}, []any{after, skimMax}}
	got, err := s.run(ctx, run)
	if err != nil {
		return "", err
	}
	if got.code != codeOK || len(got.rest) != 1 {
		return "", run.unexpected(got)
	}
	last, ok := got.rest[0].(string)
	if !ok {
		return "", run.unexpected(got)
	}
	if _, err := strconv.ParseFloat(last, 64); err != nil {
		return "", run.unexpected(got)
	}
	return last, nil
}

// filterSuffix returns which part of a library the filter selects, and false
// where it cannot select anything.
func filterSuffix(filter track.Filter) (string, bool) {
	if filter.Collection != nil {
		return "", false
	}
	var mode, engine segment
	if filter.Mode != nil {
		if filter.Mode.Validate() != nil {
			return "", false
		}
		mode = segmentOf(*filter.Mode)
	}
	if filter.Engine != nil {
		if track.ValidateName(*filter.Engine) != nil {
			return "", false
		}
		engine = segmentOf(*filter.Engine)
	}
	return librarySuffix(mode, engine), true
}

// decodeWindow reads the pairs of segment and fields that list.lua returns.
func decodeWindow(organization track.OrganizationID, pairs []any) ([]track.Track, error) {
	tracks := make([]track.Track, 0, len(pairs))
	for _, p := range pairs {
		pair, ok := p.([]any)
		if !ok || len(pair) != 2 {
			return nil, fmt.Errorf("script %s: unexpected row %T", listScript.name, p)
		}
		id, ok := pair[0].(string)
		if !ok {
			return nil, fmt.Errorf("script %s: unexpected track %T", listScript.name, pair[0])
		}
		t, err := decodeTrack(organization, segment(id), pair[1])
		if err != nil {
			return nil, err
		}
		tracks = append(tracks, t)
	}
	return tracks, nil
}
