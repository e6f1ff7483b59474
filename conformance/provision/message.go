package provision

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"

	"github.com/seed-5ec2a705/mtrack/conformance/internal/excerpt"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/secret"
	"github.com/seed-5ec2a705/mtrack/openapi/strictjson"
)

const (
	// protocol is the version of the provisioning protocol that this package speaks.
	protocol = 1
	// maxResponse is the largest response of a provisioner that is read, in bytes.
	maxResponse = 8 << 20
	// maxShown is how much of a message an error quotes, in bytes.
	maxShown = 4 << 10
)

// message is a request to a provisioner and the response to it, whatever the transport.
type message struct {
	provisioner string
	request     string
	response    []byte
}

// wrong returns the error that quotes the message.
func (m message) wrong(reason string, err error) *Error {
	response := strings.TrimSpace(strings.ToValidUTF8(string(m.response), "�"))
	wrong := &Error{
		Provisioner: m.provisioner,
		Request:     excerpt.Of(m.redact(m.request), maxShown),
		Response:    excerpt.Of(m.redact(response), maxShown),
		Reason:      m.redact(reason),
	}
	if err != nil {
		wrong.Err = &redactedError{m.redact(err.Error()), err}
	}
	return wrong
}

// redact removes the keys of the message from a text.
func (m message) redact(text string) string { return redact(text, m.request, string(m.response)) }

// redactedError is an error whose text is shown without keys.
type redactedError struct {
	text  string
	cause error
}

// Error is the text.
func (e *redactedError) Error() string { return e.text }

// Unwrap returns the cause.
func (e *redactedError) Unwrap() error { return e.cause }

// tooLong is the error for a response of more than maxResponse bytes.
func (m message) tooLong() *Error {
	return m.wrong(fmt.Sprintf("its response is longer than %d MiB", maxResponse>>20), nil)
}

// decode parses the response as one JSON document of the shape of v.
func (m message) decode(v any) error {
	if err := strictjson.Check(m.response); err != nil {
		return m.wrong("its response is not one JSON document", err)
	}
	if err := strictjson.Unmarshal(m.response, v, strictjson.Open); err != nil {
		return m.wrong("its response has the wrong shape", err)
	}
	return nil
}

// capabilities reads the response to the question what is offered.
func (m message) capabilities() ([]Feature, error) {
	var c struct {
		Protocol int       `json:"protocol"`
		Features []Feature `json:"features"`
	}
	if err := m.decode(&c); err != nil {
		return nil, err
	}
	if c.Protocol != protocol {
		return nil, m.wrong(fmt.Sprintf("it speaks protocol %d, and this suite %d", c.Protocol, protocol), nil)
	}
	return c.Features, nil
}

// scene reads a scene, which may be incomplete.
func (m message) scene() (*Scene, error) {
	var s Scene
	if err := m.decode(&s); err != nil {
		return nil, err
	}
	return &s, nil
}

// history reads the events of a track.
func (m message) history() ([]Event, error) {
	var history struct {
		Events *[]Event `json:"events"`
	}
	if err := m.decode(&history); err != nil {
		return nil, err
	}
	if history.Events == nil {
		return nil, m.wrong("its response lacks events", nil)
	}
	return *history.Events, nil
}

// histories reads the events of that many tracks, which are nil for a track that there never was.
func (m message) histories(tracks int) ([][]Event, error) {
	var response struct {
		Histories []*struct {
			Events *[]Event `json:"events"`
		} `json:"histories"`
	}
	if err := m.decode(&response); err != nil {
		return nil, err
	}
	if len(response.Histories) != tracks {
		return nil, m.wrong(fmt.Sprintf("its response has %d histories for %d tracks", len(response.Histories), tracks), nil)
	}
	histories := make([][]Event, tracks)
	for i, h := range response.Histories {
		switch {
		case h == nil:
		case h.Events == nil:
			return nil, m.wrong(fmt.Sprintf("histories[%d] lacks events", i), nil)
		default:
			histories[i] = append([]Event{}, *h.Events...) // never nil, also without events
		}
	}
	return histories, nil
}

// done reads the response to a message that there is nothing to tell about.
func (m message) done() error {
	var nothing struct{}
	return m.decode(&nothing)
}

// The messages of the optional parts, which HTTP sends as bodies and exec beside the operation.
type (
	historiesRequest struct {
		Tracks []TrackReference `json:"tracks"`
	}
	revocation struct {
		APIKey string `json:"api_key"`
	}
	departure struct {
		OrganizationID string `json:"organization_id"`
		UserID         string `json:"user_id"`
	}
)

// refusal is the response of a provisioner that cannot do what it was asked. The status is for
// transports that have none of their own.
type refusal struct {
	Error  string `json:"error"`
	Status int    `json:"status"`
}

// keyMember finds keys in a text that need not be correct JSON.
var keyMember = regexp.MustCompile(`"api_key"\s*:\s*"((?:[^"\\]|\\.)*)"`)

// redacted is what is shown in place of a key.
const redacted = "[redacted]"

// redact removes from a text the keys that the messages to and from a provisioner hold, in whatever
// form the text has them.
func redact(text string, messages ...string) string {
	var keys secret.Finder
	text = keyMember.ReplaceAllString(text, `"api_key":"`+redacted+`"`)
	for _, message := range messages {
		for _, found := range keyMember.FindAllStringSubmatch(message, -1) {
			var key string
			if json.Unmarshal([]byte(`"`+found[1]+`"`), &key) != nil {
				key = found[1]
			}
			keys.Add(key, redacted)
		}
	}
	return keys.Replace(text)
}
