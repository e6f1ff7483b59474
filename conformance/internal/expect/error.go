package expect

import (
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/seed-5ec2a705/mtrack/conformance/internal/excerpt"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/suite"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/wire"
)

// machineFields are the documented code and types of each status. The documentation names no type
// for 422, and neither for 405.
var machineFields = map[int]struct {
	code  string
	types []string
}{
	401: {"AUTHENTICATION_REQUIRED", []string{"authentication_error"}},
	403: {"INSUFFICIENT_PERMISSIONS", []string{"authorization_error"}},
	404: {"RESOURCE_NOT_FOUND", []string{"client_error"}},
	422: {"VALIDATION_ERROR", nil},
}

// Error checks that a response is an error of that status, with everything that is documented of
// its envelope.
func Error(x *wire.Exchange, status int) error {
	if err := Status(x, status); err != nil {
		return err
	}
	envelope, err := object(x)
	if err != nil {
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
			return suite.Fail("a string as error."+name, fmt.Sprintf("%v", e[name]), x)
		}
	}
	if !isNumber(e["status"], status) {
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

// EnvelopeError returns the error object of an envelope, and whether there is one.
func EnvelopeError(x *wire.Exchange) (map[string]any, bool) {
	if document, ok := x.Document.(map[string]any); ok {
		e, ok := document["error"].(map[string]any)
		return e, ok
	}
	var envelope struct{ Error map[string]any }
	if json.Unmarshal(x.Body, &envelope) != nil {
		return nil, false
	}
	return envelope.Error, envelope.Error != nil
}

// trackInDetails checks that details has the track id that was sent: always in the 403 and 404 of a
// delete, and elsewhere if it has a track id at all.
func trackInDetails(x *wire.Exchange, details map[string]any) error {
	named, present := details["track_id"]
	sent, ok := trackSent(x.Request)
	if !ok {
		return oddTrackInDetails(x, named, present)
	}
	isDelete := x.Request.Method == "DELETE" && !strings.HasSuffix(x.Request.Path, "/save")
	required := isDelete && !x.Request.Unchecked && (x.Status == 403 || x.Status == 404)
	if (present || required) && named != sent {
		return suite.Fail(fmt.Sprintf("error.details.track_id %q, as it was sent", sent), fmt.Sprintf("%v", named), x)
	}
	return nil
}

// oddTrackInDetails checks the track id of details where the id that was sent is unusual, such
// as with accents or blanks: if it is there at all it is neither cut nor changed. As it stood in
// the path, still percent-encoded, is as good.
func oddTrackInDetails(x *wire.Exchange, named any, present bool) error {
	escaped, ok := trackInPath(x.Request.Path)
	if !ok || !present {
		return nil
	}
	sent, err := url.PathUnescape(escaped)
	text, isText := named.(string)
	ambiguous := !utf8.ValidString(sent) || strings.Trim(sent, ".") == "" || len(sent) > maxOddID ||
		strings.ContainsAny(sent, "%;{}/\\") || strings.ContainsFunc(sent, unicode.IsControl)
	if err != nil || ambiguous || isText && (text == sent || text == escaped) {
		return nil
	}
	return suite.Fail(fmt.Sprintf("error.details.track_id %+q, as it was sent", sent), fmt.Sprintf("%+q", fmt.Sprint(named)), x)
}

// maxOddID is the length of the longest id that is not one for a proxy to refuse.
const maxOddID = 1024

// trackInPath is the track id in a path, as it stands there, if the path is that of a track.
func trackInPath(path string) (string, bool) {
	rest, ok := strings.CutPrefix(path, "/v1/music/")
	organization, rest, ok2 := strings.Cut(rest, "/tracks/")
	track := strings.TrimSuffix(rest, "/save")
	return track, ok && ok2 && organization != "" && track != "" && !strings.Contains(organization+track, "/")
}

// isCleanID reports whether an id has only characters that nothing has a reason to change.
func isCleanID(id string) bool {
	isOdd := func(r rune) bool {
		return !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || strings.ContainsRune("._~-", r))
	}
	return 1 <= len(id) && len(id) <= 256 && !strings.ContainsFunc(id, isOdd)
}

// trackSent is the track id in the path of a request, if the path is that of a track and the id is
// one that nothing between the suite and the target has a reason to change.
func trackSent(r wire.Request) (string, bool) {
	escaped, ok := trackInPath(r.Path)
	if !ok {
		return "", false
	}
	id, err := url.PathUnescape(escaped)
	return id, err == nil && isCleanID(id) && id != "." && id != ".."
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

// internals matches the messages of runtimes and databases that fail.
var internals = regexp.MustCompile(`goroutine \d+ \[|\.go:\d+|Traceback \(most recent call last\)|\.py", line \d+|` +
	`(?m:^\s+at \S+.*:\d+)|java\.lang\.|Exception in thread|node_modules/|panic: |SQLSTATE|ORA-\d{5}|` +
	`syntax error at or near|WRONGTYPE Operation|ERR Error running script|psycopg|sqlite3\.`)

// harmless are texts that reveal nothing: most targets have a few, which they send all the time.
var harmless = struct {
	sync.Mutex
	texts map[string]bool
}{texts: map[string]bool{}}

// revealsInternals reports whether internals matches a text.
func revealsInternals(text string) bool {
	const most, longest = 1000, 1000 // texts, and bytes of one
	harmless.Lock()
	defer harmless.Unlock()
	if harmless.texts[text] {
		return false
	}
	if internals.MatchString(text) {
		return true
	}
	if len(harmless.texts) < most && len(text) <= longest {
		harmless.texts[strings.Clone(text)] = true
	}
	return false
}

func noInternals(x *wire.Exchange, e map[string]any) error {
	for _, name := range []string{"message", "system_message"} {
		if text := e[name].(string); revealsInternals(text) {
			expected := "an error." + name + " that reveals nothing of how the server works"
			return suite.Fail(expected, excerpt.Of(text, 300), x)
		}
	}
	return nil
}

// NewTrace checks that the trace_id of an error is not in seen, and adds it. One that the caller
// chose, by sending X-Request-Id, may come again.
func NewTrace(seen map[string]*wire.Exchange, x *wire.Exchange) error {
	e, ok := EnvelopeError(x)
	trace, isText := e["trace_id"].(string)
	if chosen, sent := x.Request.Field("X-Request-Id"); !ok || !isText || sent && chosen == trace {
		return nil
	}
	if before := seen[trace]; before != nil {
		return suite.Fail("a trace_id of its own in each error", trace+" twice", before, x)
	}
	seen[trace] = x.Excerpt()
	return nil
}
