package conformance

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"time"
)

// clockTolerance is how far the target's clock may be from the suite's.
const clockTolerance = 120 * time.Second

// expectStatus checks the status alone: for answers whose body the contract leaves open.
func expectStatus(x *Exchange, allowed ...int) error {
	for _, status := range allowed {
		if x.Status == status {
			return nil
		}
	}
	return Fail("status "+statusList(allowed), got(x), x)
}

func statusList(statuses []int) string {
	texts := make([]string, len(statuses))
	for i, status := range statuses {
		texts[i] = fmt.Sprint(status)
	}
	return strings.Join(texts, " or ")
}

// got names an answer in a line: its status, and the code and the system message of an error.
func got(x *Exchange) string {
	text := fmt.Sprintf("%d to %s", x.Status, x.summary())
	if e, ok := envelopeError(x); ok && x.Status >= 400 {
		text += fmt.Sprintf(" (%v: %v)", e["code"], e["system_message"])
	}
	return text
}

// expectAcknowledged checks the acknowledgement of a delete or an unsave of the track with that id.
func expectAcknowledged(x *Exchange, track string) error {
	if err := expectStatus(x, 200); err != nil {
		return err
	}
	var ack map[string]any
	if err := decodeJSON(x, &ack); err != nil {
		return err
	}
	if ack["success"] != true {
		return Fail("success true", fmt.Sprintf("%v", ack["success"]), x)
	}
	if ack["id"] != track {
		return Fail(fmt.Sprintf("id %q, the track that was named", track), fmt.Sprintf("%v", ack["id"]), x)
	}
	if _, ok := ack["detail"].(string); !ok {
		return Fail("a text as detail", fmt.Sprintf("%v", ack["detail"]), x)
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

// expectError checks that an answer is an error of that status, and everything that is documented of its envelope.
func expectError(x *Exchange, status int) error {
	if err := expectStatus(x, status); err != nil {
		return err
	}
	var envelope map[string]any
	if err := decodeJSON(x, &envelope); err != nil {
		return err
	}
	if envelope["success"] != false {
		return Fail("success false in an error", fmt.Sprintf("%v", envelope["success"]), x)
	}
	e, ok := envelope["error"].(map[string]any)
	if !ok {
		return Fail("an object error in the envelope", string(excerpt(x.Body, 200)), x)
	}
	for _, name := range []string{"code", "message", "system_message", "type", "trace_id", "timestamp"} {
		if _, ok := e[name].(string); !ok {
			return Fail("a text as error."+name, fmt.Sprintf("%v", e[name]), x)
		}
	}
	if e["status"] != float64(status) {
		return Fail(fmt.Sprintf("error.status %d", status), fmt.Sprintf("%v", e["status"]), x)
	}
	if fixed, ok := machineFields[status]; ok {
		if e["code"] != fixed.code {
			return Fail("error.code "+fixed.code, fmt.Sprintf("%v", e["code"]), x)
		}
		if len(fixed.types) > 0 && e["type"] != fixed.types[0] {
			return Fail("error.type "+fixed.types[0], fmt.Sprintf("%v", e["type"]), x)
		}
	}
	details, ok := e["details"].(map[string]any)
	if !ok {
		return Fail("an object as error.details", fmt.Sprintf("%v", e["details"]), x)
	}
	for _, check := range []error{
		expectTrackInDetails(x, details), expectTraceID(x, e["trace_id"].(string)),
		expectNow(x, "error.timestamp", e["timestamp"].(string)), expectNoInternals(x, e),
	} {
		if check != nil {
			return check
		}
	}
	return nil
}

// envelopeError returns the error object of an envelope.
func envelopeError(x *Exchange) (map[string]any, bool) {
	var envelope struct{ Error map[string]any }
	if json.Unmarshal(x.Body, &envelope) != nil {
		return nil, false
	}
	return envelope.Error, envelope.Error != nil
}

// expectTrackInDetails checks that details name the track that was sent: always in a delete's 403 and 404, elsewhere
// where they name one at all. Only ids that no layer has a reason to touch are compared.
func expectTrackInDetails(x *Exchange, details map[string]any) error {
	sent, ok := trackSent(x.Request)
	if !ok {
		return nil
	}
	named, present := details["track_id"]
	required := !x.Request.Unchecked && x.Request.Method == "DELETE" && !strings.HasSuffix(x.Request.Path, "/save") && (x.Status == 403 || x.Status == 404)
	if (present || required) && named != sent {
		return Fail(fmt.Sprintf("error.details.track_id %q, as it was sent", sent), fmt.Sprintf("%v", named), x)
	}
	return nil
}

var (
	trackInPath = regexp.MustCompile(`^/v1/music/[^/]+/tracks/([^/]+)(/save)?$`)
	cleanID     = regexp.MustCompile(`^[A-Za-z0-9._~-]{1,256}$`)
)

// trackSent is the track id in a request's path, where the path is one of a track and the id is plain.
func trackSent(r Request) (string, bool) {
	match := trackInPath.FindStringSubmatch(r.Path)
	if match == nil {
		return "", false
	}
	id, err := url.PathUnescape(match[1])
	return id, err == nil && cleanID.MatchString(id) && id != "." && id != ".."
}

func expectTraceID(x *Exchange, trace string) error {
	if trace == "" {
		return Fail("an error.trace_id that is not empty", "an empty one", x)
	}
	if sent, ok := x.Header["X-Request-Id"]; ok && (len(sent) != 1 || sent[0] != trace) {
		return Fail("X-Request-Id equal to error.trace_id "+trace, strings.Join(sent, ", "), x)
	}
	return nil
}

// expectNow checks an instant of an answer: RFC 3339, in UTC, and now.
func expectNow(x *Exchange, name, text string) error {
	at, err := instant(text)
	if err != nil {
		return Fail(name+" in RFC 3339 and UTC", fmt.Sprintf("%q (%v)", text, err), x)
	}
	if off := at.Sub(x.Start); off.Abs() > clockTolerance {
		return Fail(fmt.Sprintf("%s within %v of now, %s", name, clockTolerance, x.Start.UTC().Format(time.RFC3339)), text, x)
	}
	return nil
}

// instant reads a time in RFC 3339 and UTC, which may be written Z or +00:00.
func instant(text string) (time.Time, error) {
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

func expectNoInternals(x *Exchange, e map[string]any) error {
	for _, name := range []string{"message", "system_message"} {
		if text := e[name].(string); internals.MatchString(text) {
			return Fail("an error."+name+" that tells nothing of the server's inside", excerpt([]byte(text), 300), x)
		}
	}
	return nil
}

// trackFacts is what is told of a track in every answer that shows it.
type trackFacts struct {
	ID           string   `json:"id"`
	Title        *string  `json:"title"`
	Engine       string   `json:"engine"`
	Mode         string   `json:"mode"`
	Duration     *float64 `json:"measured_duration_seconds"`
	Instrumental bool     `json:"instrumental"`
	LicenceClass string   `json:"licence_class"`
	CreatedAt    string   `json:"created_at"`
}

// differs names the first member in which two tellings of a track differ, or returns "". Times may be told with and
// without fractions of a second.
func (f trackFacts) differs(other trackFacts) string {
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
	a, errA := instant(f.CreatedAt)
	b, errB := instant(other.CreatedAt)
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

// expectTrack reads the answer to a get, with the addresses to play the track.
func expectTrack(x *Exchange, id string) (trackFacts, error) {
	if err := expectStatus(x, 200); err != nil {
		return trackFacts{}, err
	}
	var track struct {
		trackFacts
		PlaybackURL string             `json:"playback_url"`
		StemURLs    map[string]*string `json:"stem_urls"`
	}
	if err := decodeJSON(x, &track); err != nil {
		return trackFacts{}, err
	}
	if track.ID != id {
		return trackFacts{}, Fail("the track with id "+id, "one with id "+track.ID, x)
	}
	if err := expectURL(x, "playback_url", track.PlaybackURL); err != nil {
		return trackFacts{}, err
	}
	for name, address := range track.StemURLs {
		if address == nil {
			return trackFacts{}, Fail("an address for the stem "+name, "null", x)
		}
		if err := expectURL(x, "stem_urls."+name, *address); err != nil {
			return trackFacts{}, err
		}
	}
	return track.trackFacts, expectCreated(x, track.CreatedAt)
}

func expectURL(x *Exchange, name, address string) error {
	if u, err := url.Parse(address); err != nil || !u.IsAbs() || u.Host == "" && u.Opaque == "" && u.Path == "" {
		return Fail("an absolute URL as "+name, fmt.Sprintf("%q", address), x)
	}
	return nil
}

func expectCreated(x *Exchange, createdAt string) error {
	at, err := instant(createdAt)
	if err != nil {
		return Fail("created_at in RFC 3339 and UTC", fmt.Sprintf("%q (%v)", createdAt, err), x)
	}
	if at.After(x.Start.Add(clockTolerance)) {
		return Fail("a created_at that is past", createdAt, x)
	}
	return nil
}

// trackPage is the answer to a list.
type trackPage struct {
	Items  []trackFacts
	Limit  *int
	Offset *int
}

// ids returns the ids of the items in their order.
func (p trackPage) ids() []string {
	ids := make([]string, len(p.Items))
	for i, item := range p.Items {
		ids[i] = item.ID
	}
	return ids
}

// expectPage reads the answer to a list.
func expectPage(x *Exchange) (trackPage, error) {
	if err := expectStatus(x, 200); err != nil {
		return trackPage{}, err
	}
	var answer struct {
		Items []struct {
			trackFacts
			PlaybackURL json.RawMessage `json:"playback_url"`
			StemURLs    json.RawMessage `json:"stem_urls"`
		} `json:"items"`
		Limit  *int `json:"limit"`
		Offset *int `json:"offset"`
	}
	if err := decodeJSON(x, &answer); err != nil {
		return trackPage{}, err
	}
	page := trackPage{Limit: answer.Limit, Offset: answer.Offset}
	if answer.Items == nil {
		return page, Fail("an array as items", "none", x)
	}
	if page.Limit == nil || page.Offset == nil {
		return page, Fail("limit and offset as they were applied", string(excerpt(x.Body, 200)), x)
	}
	null := []byte("null")
	for _, item := range answer.Items {
		if !bytes.Equal(item.PlaybackURL, null) || !bytes.Equal(item.StemURLs, null) {
			return page, Fail("playback_url and stem_urls null in a list",
				fmt.Sprintf("%s and %s", orAbsent(item.PlaybackURL), orAbsent(item.StemURLs)), x)
		}
		if err := expectCreated(x, item.CreatedAt); err != nil {
			return page, err
		}
		page.Items = append(page.Items, item.trackFacts)
	}
	return page, nil
}

func orAbsent(raw json.RawMessage) string {
	if len(raw) == 0 {
		return "absent"
	}
	return string(raw)
}

// decodeJSON decodes the body of a response into v.
func decodeJSON(x *Exchange, v any) error {
	if err := json.Unmarshal(x.Body, v); err != nil {
		return Fail("a JSON body", fmt.Sprintf("%q (%v)", excerpt(x.Body, 200), err), x)
	}
	return nil
}

// expectNewTrace checks that an error's trace_id was not seen before, and remembers it. One that the caller chose by sending
// X-Request-Id may come again.
func expectNewTrace(seen map[string]*Exchange, x *Exchange) error {
	e, ok := envelopeError(x)
	trace, isText := e["trace_id"].(string)
	if chosen, sent := x.Request.field("X-Request-Id"); !ok || !isText || sent && chosen == trace {
		return nil
	}
	if before := seen[trace]; before != nil {
		return Fail("a trace_id of its own in each error", trace+" twice", before, x)
	}
	seen[trace] = x
	return nil
}
