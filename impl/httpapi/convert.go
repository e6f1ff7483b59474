package httpapi

import (
	"fmt"
	"net/url"
	"strconv"
	"unicode/utf8"

	"github.com/seed-5ec2a705/mtrack/gen/music"
	"github.com/seed-5ec2a705/mtrack/impl/track"
)

// maxFilter is the length in characters of the filters that are strings, as the
// contract has it.
const maxFilter = 256

// window reads the query of a list. Raw is the query as it was sent, params
// what the generated code made of it. The error is an [track.InvalidArgument].
func window(raw string, params music.ListSavedTracksParams) (track.Filter, error) {
	filter := track.Filter{Limit: track.DefaultLimit}
	query, err := url.ParseQuery(raw)
	if err != nil {
		return filter, &track.Error{Code: track.InvalidArgument, Param: "query"} // err quotes what was sent
	}
	invalid := func(name string) error {
		return &track.Error{Code: track.InvalidArgument, Param: name}
	}
	if params.Mode != nil {
		if !params.Mode.Valid() {
			return filter, invalid("mode")
		}
		filter.Mode = new(track.Mode(*params.Mode))
	}
	if params.Engine != nil {
		if !validFilter(*params.Engine) {
			return filter, invalid("engine")
		}
		filter.Engine = params.Engine
	}
	if params.CollectionID != nil {
		if !validFilter(*params.CollectionID) {
			return filter, invalid("collection_id")
		}
		filter.Collection = params.CollectionID
	}
	if params.Limit != nil {
		filter.Limit = int(*params.Limit)
		if !decimal(query.Get("limit"), filter.Limit, track.MinLimit, track.MaxLimit) {
			return filter, invalid("limit")
		}
	}
	if params.Offset != nil {
		filter.Offset = int(*params.Offset)
		if !decimal(query.Get("offset"), filter.Offset, 0, track.MaxOffset) {
			return filter, invalid("offset")
		}
	}
	return filter, nil
}

// decimal reports whether n is from low to high and was sent as the one way to
// write it: the generated code also takes "+5" and "007".
func decimal(sent string, n, low, high int) bool {
	return n >= low && n <= high && sent == strconv.Itoa(n)
}

// validFilter reports whether the value of a string filter is within the
// contract's bounds.
func validFilter(value string) bool {
	return utf8.ValidString(value) && utf8.RuneCountInString(value) <= maxFilter
}

// expectation says what a parameter must be, for the developer who sent
// something else.
func expectation(parameter string) string {
	switch parameter {
	case "limit":
		return fmt.Sprintf("limit must be one whole number from %d to %d", track.MinLimit, track.MaxLimit)
	case "offset":
		return fmt.Sprintf("offset must be one whole number from 0 to %d", track.MaxOffset)
	case "mode":
		return fmt.Sprintf("mode must be %q or %q, given once", track.ModeCreation, track.ModeFocus)
	case "query":
		return "The query must be pairs joined by & with correct percent-encoding"
	default:
		return fmt.Sprintf("%s must be at most %d characters of UTF-8, given once", parameter, maxFilter)
	}
}
