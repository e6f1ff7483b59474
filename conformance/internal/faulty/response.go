package faulty

import (
	"bytes"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// object is a JSON object that keeps the order of its members, and may hold a name twice.
type object struct{ members []member }

type member struct {
	name  string
	value any
}

// newObject takes names and values by turns.
func newObject(namesAndValues ...any) *object {
	o := &object{}
	for i := 0; i < len(namesAndValues); i += 2 {
		o.add(namesAndValues[i].(string), namesAndValues[i+1])
	}
	return o
}

func (o *object) add(name string, value any) { o.members = append(o.members, member{name, value}) }

// set changes the member of that name, or adds it.
func (o *object) set(name string, value any) {
	for i := range o.members {
		if o.members[i].name == name {
			o.members[i].value = value
			return
		}
	}
	o.add(name, value)
}

func (o *object) get(name string) any {
	for _, m := range o.members {
		if m.name == name {
			return m.value
		}
	}
	return nil
}

func (o *object) remove(name string) {
	var kept []member
	for _, m := range o.members {
		if m.name != name {
			kept = append(kept, m)
		}
	}
	o.members = kept
}

// MarshalJSON writes the members in their order.
func (o *object) MarshalJSON() ([]byte, error) {
	var buf bytes.Buffer
	buf.WriteByte('{')
	for i, m := range o.members {
		if i > 0 {
			buf.WriteByte(',')
		}
		name, err := json.Marshal(m.name)
		if err != nil {
			return nil, err
		}
		value, err := json.Marshal(m.value)
		if err != nil {
			return nil, err
		}
		buf.Write(name)
		buf.WriteByte(':')
		buf.Write(value)
	}
	buf.WriteByte('}')
	return buf.Bytes(), nil
}

// compact is the object's JSON. Everything that is put into an object here can be marshalled.
func (o *object) compact() []byte {
	data, err := json.Marshal(o)
	if err != nil {
		panic(err)
	}
	return data
}

// response is what the server sends, before it is written.
type response struct {
	status int
	header http.Header
	body   *object // nil: no body
	raw    []byte  // instead of body, where not nil
}

func newResponse(status int, body *object) *response {
	header := http.Header{}
	header.Set("Content-Type", "application/json")
	return &response{status: status, header: header, body: body}
}

// err is the error object of an envelope, or an empty object to write into where the response has
// none.
func (resp *response) err() *object {
	if resp.body != nil {
		if e, ok := resp.body.get("error").(*object); ok {
			return e
		}
	}
	return &object{}
}

// problem is one kind of error: what is fixed for its status, and default texts.
type problem struct {
	status  int
	code    string
	kind    string // the envelope's type
	message string
	system  string
}

var (
	unauthenticated = problem{401, "AUTHENTICATION_REQUIRED", "authentication_error",
		"Authentication required. Please provide a valid API key.", "Missing or invalid authorization header"}
	forbidden = problem{403, "INSUFFICIENT_PERMISSIONS", "authorization_error",
		"You do not have permission to access this resource.", "Only the track creator may delete it"}
	notFound = problem{404, "RESOURCE_NOT_FOUND", "client_error",
		"The requested resource could not be found.", "Music track not found"}
	methodNotAllowed = problem{405, "METHOD_NOT_ALLOWED", "client_error",
		"This method is not supported here.", "Method not allowed"}
	invalid = problem{422, "VALIDATION_ERROR", "client_error",
		"The request is not valid.", "A query parameter is out of range"}
)

// refuse writes the envelope. Details name the track where the path names one and the key was
// right.
func refuse(c *call, p problem) *response {
	details := newObject()
	if c.user != nil && c.track != "" {
		details.add("track_id", c.track)
	}
	resp := newResponse(p.status, newObject(
		"success", false,
		"error", newObject(
			"code", p.code,
			"message", p.message,
			"system_message", p.system,
			"type", p.kind,
			"status", p.status,
			"details", details,
			"trace_id", c.traceID,
			"timestamp", c.server.behaviour.timestamp(c.received),
		),
	))
	if p.status == http.StatusMethodNotAllowed {
		resp.header.Set("Allow", c.allow)
	}
	return resp
}

func acknowledge(c *call) *response {
	detail := "Track deleted."
	if c.operation == opUnsave {
		detail = "Track removed from your library."
	}
	return newResponse(http.StatusOK, newObject("success", true, "id", c.target.id, "detail", detail))
}

// write sends a response with its length, and the call's trace id as X-Request-Id.
func write(c *call, resp *response) {
	body := resp.raw
	if body == nil && resp.body != nil {
		body = c.server.behaviour.encode(c, resp.body)
	}
	header := c.writer.Header()
	header.Set("X-Request-Id", c.traceID)
	for name, values := range resp.header {
		header[name] = values
	}
	if resp.status != http.StatusNoContent && header.Get("Content-Length") == "" {
		header.Set("Content-Length", strconv.Itoa(len(body)))
	}
	c.writer.WriteHeader(resp.status)
	c.writer.Write(body)
}

// swapCase turns ASCII letters round.
func swapCase(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case 'a' <= r && r <= 'z':
			return r - 'a' + 'A'
		case 'A' <= r && r <= 'Z':
			return r - 'A' + 'a'
		}
		return r
	}, text)
}

// clone copies a response with all that is in it, so that the copy can be changed.
func (resp *response) clone() *response {
	copied := &response{status: resp.status, header: resp.header.Clone(), raw: resp.raw}
	if resp.body != nil {
		copied.body = resp.body.clone()
	}
	return copied
}

// sentTo is a copy of a response that was made for another call. It is this call's own in what is
// never the same for two calls, and still the other's in all that a caller may be wronged by.
func (resp *response) sentTo(c *call) *response {
	copied := resp.clone()
	if len(copied.err().members) > 0 {
		copied.err().set("trace_id", c.traceID)
		copied.err().set("timestamp", c.server.behaviour.timestamp(c.received))
	}
	return copied
}

func (o *object) clone() *object {
	copied := &object{members: slices.Clone(o.members)}
	for i, m := range copied.members {
		switch value := m.value.(type) {
		case *object:
			if value != nil {
				copied.members[i].value = value.clone()
			}
		case []*object:
			items := make([]*object, len(value))
			for j, item := range value {
				items[j] = item.clone()
			}
			copied.members[i].value = items
		}
	}
	return copied
}
