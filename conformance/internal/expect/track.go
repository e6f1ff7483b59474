package expect

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
	"time"

	"github.com/seed-5ec2a705/mtrack/conformance/internal/excerpt"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/suite"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/wire"
)

// TrackFacts is the part of a track that is the same in every response that shows it.
type TrackFacts struct {
	ID           string   `json:"id"`
	Title        *string  `json:"title"`
	Engine       string   `json:"engine"`
	Mode         string   `json:"mode"`
	Duration     *float64 `json:"measured_duration_seconds"`
	Instrumental bool     `json:"instrumental"`
	LicenceClass string   `json:"licence_class"`
	CreatedAt    string   `json:"created_at"`
}

// Difference names the first member in which other differs, "" if none does. Times may differ by
// the fractions of a second, which one response may have and another not.
func (f TrackFacts) Difference(other TrackFacts) string {
	difference := func(name string, a, b any) string { return fmt.Sprintf("%s %v instead of %v", name, b, a) }
	switch {
	case f.ID != other.ID:
		return difference("id", f.ID, other.ID)
	case text(f.Title) != text(other.Title):
		return difference("title", text(f.Title), text(other.Title))
	case f.Engine != other.Engine:
		return difference("engine", f.Engine, other.Engine)
	case f.Mode != other.Mode:
		return difference("mode", f.Mode, other.Mode)
	case text(f.Duration) != text(other.Duration):
		return difference("measured_duration_seconds", text(f.Duration), text(other.Duration))
	case f.Instrumental != other.Instrumental:
		return difference("instrumental", f.Instrumental, other.Instrumental)
	case f.LicenceClass != other.LicenceClass:
		return difference("licence_class", f.LicenceClass, other.LicenceClass)
	}
	a, errA := Instant(f.CreatedAt)
	b, errB := Instant(other.CreatedAt)
	if f.CreatedAt != other.CreatedAt && (errA != nil || errB != nil || a.Sub(b).Abs() > time.Second) {
		return difference("created_at", f.CreatedAt, other.CreatedAt)
	}
	return ""
}

// text is a value or null, for comparison and for messages.
func text[T any](value *T) string {
	if value == nil {
		return "null"
	}
	return fmt.Sprintf("%#v", *value)
}

// Track reads the response to a get, and checks its URLs and times.
func Track(x *wire.Exchange, id string) (TrackFacts, error) {
	if err := Status(x, 200); err != nil {
		return TrackFacts{}, err
	}
	var track struct {
		TrackFacts
		PlaybackURL string             `json:"playback_url"`
		StemURLs    map[string]*string `json:"stem_urls"`
	}
	if err := JSON(x, &track); err != nil {
		return TrackFacts{}, err
	}
	if track.ID != id {
		return TrackFacts{}, suite.Fail("the track with id "+id, "one with id "+track.ID, x)
	}
	if err := playableURL(x, "playback_url", track.PlaybackURL); err != nil {
		return TrackFacts{}, err
	}
	for name, address := range track.StemURLs {
		if address == nil {
			return TrackFacts{}, suite.Fail("a URL for the stem "+name, "null", x)
		}
		if err := playableURL(x, "stem_urls."+name, *address); err != nil {
			return TrackFacts{}, err
		}
	}
	return track.TrackFacts, createdAt(x, track.CreatedAt)
}

// playableURL checks that a member is an absolute URL.
func playableURL(x *wire.Exchange, name, address string) error {
	if u, err := url.Parse(address); err != nil || !u.IsAbs() || u.Host == "" && u.Opaque == "" && u.Path == "" {
		return suite.Fail("an absolute URL as "+name, fmt.Sprintf("%q", address), x)
	}
	return nil
}

// TrackPage is the body of the response to a list.
type TrackPage struct {
	Items  []TrackFacts
	Limit  *int
	Offset *int
}

// IDs returns the ids of the items in their order.
func (p TrackPage) IDs() []string {
	ids := make([]string, len(p.Items))
	for i, item := range p.Items {
		ids[i] = item.ID
	}
	return ids
}

// Page reads the response to a list, and checks its items.
func Page(x *wire.Exchange) (TrackPage, error) {
	if err := Status(x, 200); err != nil {
		return TrackPage{}, err
	}
	var body struct {
		Items []struct {
			TrackFacts
			PlaybackURL json.RawMessage `json:"playback_url"`
			StemURLs    json.RawMessage `json:"stem_urls"`
		} `json:"items"`
		Limit  *int `json:"limit"`
		Offset *int `json:"offset"`
	}
	if err := JSON(x, &body); err != nil {
		return TrackPage{}, err
	}
	page := TrackPage{Limit: body.Limit, Offset: body.Offset}
	if body.Items == nil {
		return page, suite.Fail("an array as items", "none", x)
	}
	if page.Limit == nil || page.Offset == nil {
		return page, suite.Fail("limit and offset in the response", string(excerpt.Of(x.Body, 200)), x)
	}
	null := []byte("null")
	for _, item := range body.Items {
		if !bytes.Equal(item.PlaybackURL, null) || !bytes.Equal(item.StemURLs, null) {
			return page, suite.Fail("playback_url and stem_urls null in a list",
				fmt.Sprintf("%s and %s", orAbsent(item.PlaybackURL), orAbsent(item.StemURLs)), x)
		}
		if err := createdAt(x, item.CreatedAt); err != nil {
			return page, err
		}
		page.Items = append(page.Items, item.TrackFacts)
	}
	return page, nil
}

// orAbsent is a JSON value as text.
func orAbsent(raw json.RawMessage) string {
	if len(raw) == 0 {
		return "absent"
	}
	return string(raw)
}
