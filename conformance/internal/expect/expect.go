package expect

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/seed-5ec2a705/mtrack/conformance/internal/excerpt"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/suite"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/wire"
)

// ClockTolerance is how far the target's clock may be from the suite's.
const ClockTolerance = 120 * time.Second

// Status checks the status alone: for answers whose body the contract leaves open.
func Status(x *wire.Exchange, allowed ...int) error {
	for _, status := range allowed {
		if x.Status == status {
			return nil
		}
	}
	return suite.Fail("status "+StatusList(allowed), Describe(x), x)
}

func StatusList(statuses []int) string {
	texts := make([]string, len(statuses))
	for i, status := range statuses {
		texts[i] = fmt.Sprint(status)
	}
	return strings.Join(texts, " or ")
}

// Describe names a response in a line: its status, and the code and the system message of an error.
func Describe(x *wire.Exchange) string {
	text := fmt.Sprintf("%d to %s", x.Status, x.Summary())
	if e, ok := EnvelopeError(x); ok && x.Status >= 400 {
		text += fmt.Sprintf(" (%v: %v)", e["code"], e["system_message"])
	}
	return text
}

// Acknowledged checks the acknowledgement of a delete or an unsave of the track with that id.
func Acknowledged(x *wire.Exchange, track string) error {
	if err := Status(x, 200); err != nil {
		return err
	}
	var ack map[string]any
	if err := JSON(x, &ack); err != nil {
		return err
	}
	if ack["success"] != true {
		return suite.Fail("success true", fmt.Sprintf("%v", ack["success"]), x)
	}
	if ack["id"] != track {
		return suite.Fail(fmt.Sprintf("id %q, the track that was named", track), fmt.Sprintf("%v", ack["id"]), x)
	}
	if _, ok := ack["detail"].(string); !ok {
		return suite.Fail("a text as detail", fmt.Sprintf("%v", ack["detail"]), x)
	}
	return nil
}

// machineFields are the documented code and types of each status. No page names a type for 405 and 422.
var machineFields = map[int]struct {
	code  string
	types []string
}{
	401: {"AUTHENTICATION_REQUIRED", []string{"authentication_error"}},
	403: {"INSUFFICIENT_PERMISSIONS", []string{"authorization_error"}},
	404: {"RESOURCE_NOT_FOUND", []string{"client_error"}},
	422: {"VALIDATION_ERROR", nil},
}

// Error checks that a response is an error of that status, and everything that is documented of its envelope.
func Error(x *wire.Exchange, status int) error {
	if err := Status(x, status); err != nil {
		return err
	}
	var envelope map[string]any
	if err := JSON(x, &envelope); err != nil {
		return err
	}
	if envelope["success"] != false {
		return suite.Fail("success false in an error", fmt.Sprintf("%v", envelope["success"]), x)
	}
	e, ok := envelope["error"].(map[string]any)
	if !ok {
		return suite.Fail("an object error in the envelope", string(excerpt.Of(x.Body, 200)), x)
	}
	for _, name := range []string{"code", "message", "system_message", "type", "trace_id", "timestamp"} {
		if _, ok := e[name].(string); !ok {
			return suite.Fail("a text as error."+name, fmt.Sprintf("%v", e[name]), x)
		}
	}
	if e["status"] != float64(status) {
		return suite.Fail(fmt.Sprintf("error.status %d", status), fmt.Sprintf("%v", e["status"]), x)
	}
	if fixed, ok := machineFields[status]; ok {
		if e["code"] != fixed.code {
			return suite.Fail("error.code "+fixed.code, fmt.Sprintf("%v", e["code"]), x)
		}
		if len(fixed.types) > 0 && e["type"] != fixed.types[0] {
			return suite.Fail("error.type "+fixed.types[0], fmt.Sprintf("%v", e["type"]), x)
		}
	}
	details, ok := e["details"].(map[string]any)
	if !ok {
		return suite.Fail("an object as error.details", fmt.Sprintf("%v", e["details"]), x)
	}
	for _, check := range []error{
		trackInDetails(x, details), traceID(x, e["trace_id"].(string)),
		now(x, "error.timestamp", e["timestamp"].(string)), noInternals(x, e),
	} {
		if check != nil {
			return check
		}
	}
	return nil
}

// EnvelopeError returns the error object of an envelope.
func EnvelopeError(x *wire.Exchange) (map[string]any, bool) {
	var envelope struct{ Error map[string]any }
	if json.Unmarshal(x.Body, &envelope) != nil {
		return nil, false
	}
	return envelope.Error, envelope.Error != nil
}

// trackInDetails checks that details name the track that was sent: always in a delete's 403 and 404, elsewhere
// where they name one at all. Only ids that no layer has a reason to touch are compared.
func trackInDetails(x *wire.Exchange, details map[string]any) error {
	sent, ok := trackSent(x.Request)
	if !ok {
		return nil
	}
	named, present := details["track_id"]
	required := !x.Request.Unchecked && x.Request.Method == "DELETE" && !strings.HasSuffix(x.Request.Path, "/save") && (x.Status == 403 || x.Status == 404)
	if (present || required) && named != sent {
		return suite.Fail(fmt.Sprintf("error.details.track_id %q, as it was sent", sent), fmt.Sprintf("%v", named), x)
	}
	return nil
}

var (
	trackInPath = regexp.MustCompile(`^/v1/music/[^/]+/tracks/([^/]+)(/save)?$`)
	cleanID     = regexp.MustCompile(`^[A-Za-z0-9._~-]{1,256}$`)
)

// trackSent is the track id in a request's path, where the path is one of a track and the id is plain.
func trackSent(r wire.Request) (string, bool) {
	match := trackInPath.FindStringSubmatch(r.Path)
	if match == nil {
		return "", false
	}
	id, err := url.PathUnescape(match[1])
	return id, err == nil && cleanID.MatchString(id) && id != "." && id != ".."
}

func traceID(x *wire.Exchange, trace string) error {
	if trace == "" {
		return suite.Fail("an error.trace_id that is not empty", "an empty one", x)
	}
	if sent, ok := x.Header["X-Request-Id"]; ok && (len(sent) != 1 || sent[0] != trace) {
		return suite.Fail("X-Request-Id equal to error.trace_id "+trace, strings.Join(sent, ", "), x)
	}
	return nil
}

// now checks an instant of a response: RFC 3339, in UTC, and now.
func now(x *wire.Exchange, name, text string) error {
	at, err := Instant(text)
	if err != nil {
		return suite.Fail(name+" in RFC 3339 and UTC", fmt.Sprintf("%q (%v)", text, err), x)
	}
	if off := at.Sub(x.Start); off.Abs() > ClockTolerance {
		return suite.Fail(fmt.Sprintf("%s within %v of now, %s", name, ClockTolerance, x.Start.UTC().Format(time.RFC3339)), text, x)
	}
	return nil
}

// Instant reads a time in RFC 3339 and UTC, which may be written Z or +00:00.
func Instant(text string) (time.Time, error) {
	at, err := time.Parse(time.RFC3339Nano, strings.ToUpper(text))
	if err != nil {
		return time.Time{}, err
	}
	if _, offset := at.Zone(); offset != 0 {
		return time.Time{}, fmt.Errorf("the zone is not UTC")
	}
	return at.UTC(), nil
}

// internals are the beginnings of what runtimes and databases say when they fail.
var internals = regexp.MustCompile(`goroutine \d+ \[|\.go:\d+|Traceback \(most recent call last\)|\.py", line \d+|` +
	`(?m:^\s+at \S+.*:\d+)|java\.lang\.|Exception in thread|node_modules/|panic: |SQLSTATE|ORA-\d{5}|` +
	`syntax error at or near|WRONGTYPE Operation|ERR Error running script|psycopg|sqlite3\.`)

func noInternals(x *wire.Exchange, e map[string]any) error {
	for _, name := range []string{"message", "system_message"} {
		if text := e[name].(string); internals.MatchString(text) {
			return suite.Fail("an error."+name+" that tells nothing of the server's inside", excerpt.Of([]byte(text), 300), x)
		}
	}
	return nil
}

// TrackFacts is what is told of a track in every response that shows it.
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

// Difference names the first member in which two tellings of a track differ, or returns "". Times may be told with and
// without fractions of a second.
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

func text[T any](value *T) string {
	if value == nil {
		return "null"
	}
	return fmt.Sprintf("%#v", *value)
}

// Track reads the response to a get, with the addresses to play the track.
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
			return TrackFacts{}, suite.Fail("an address for the stem "+name, "null", x)
		}
		if err := playableURL(x, "stem_urls."+name, *address); err != nil {
			return TrackFacts{}, err
		}
	}
	return track.TrackFacts, createdAt(x, track.CreatedAt)
}

func playableURL(x *wire.Exchange, name, address string) error {
	if u, err := url.Parse(address); err != nil || !u.IsAbs() || u.Host == "" && u.Opaque == "" && u.Path == "" {
		return suite.Fail("an absolute URL as "+name, fmt.Sprintf("%q", address), x)
	}
	return nil
}

func createdAt(x *wire.Exchange, createdAt string) error {
	at, err := Instant(createdAt)
	if err != nil {
		return suite.Fail("created_at in RFC 3339 and UTC", fmt.Sprintf("%q (%v)", createdAt, err), x)
	}
	if at.After(x.Start.Add(ClockTolerance)) {
		return suite.Fail("a created_at that is past", createdAt, x)
	}
	return nil
}

// TrackPage is the response to a list.
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

// Page reads the response to a list.
func Page(x *wire.Exchange) (TrackPage, error) {
	if err := Status(x, 200); err != nil {
		return TrackPage{}, err
	}
	var answer struct {
		Items []struct {
			TrackFacts
			PlaybackURL json.RawMessage `json:"playback_url"`
			StemURLs    json.RawMessage `json:"stem_urls"`
		} `json:"items"`
		Limit  *int `json:"limit"`
		Offset *int `json:"offset"`
	}
	if err := JSON(x, &answer); err != nil {
		return TrackPage{}, err
	}
	page := TrackPage{Limit: answer.Limit, Offset: answer.Offset}
	if answer.Items == nil {
		return page, suite.Fail("an array as items", "none", x)
	}
	if page.Limit == nil || page.Offset == nil {
		return page, suite.Fail("limit and offset as they were applied", string(excerpt.Of(x.Body, 200)), x)
	}
	null := []byte("null")
	for _, item := range answer.Items {
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

func orAbsent(raw json.RawMessage) string {
	if len(raw) == 0 {
		return "absent"
	}
	return string(raw)
}

// JSON decodes the body of a response into v.
func JSON(x *wire.Exchange, v any) error {
	if err := json.Unmarshal(x.Body, v); err != nil {
		return suite.Fail("a JSON body", fmt.Sprintf("%q (%v)", excerpt.Of(x.Body, 200), err), x)
	}
	return nil
}

// NewTrace checks that an error's trace_id was not seen before, and remembers it. One that the caller chose by sending
// X-Request-Id may come again.
func NewTrace(seen map[string]*wire.Exchange, x *wire.Exchange) error {
	e, ok := EnvelopeError(x)
	trace, isText := e["trace_id"].(string)
	if chosen, sent := x.Request.Field("X-Request-Id"); !ok || !isText || sent && chosen == trace {
		return nil
	}
	if before := seen[trace]; before != nil {
		return suite.Fail("a trace_id of its own in each error", trace+" twice", before, x)
	}
	seen[trace] = x
	return nil
}
