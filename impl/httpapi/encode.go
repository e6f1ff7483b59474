package httpapi

import (
	"encoding/json"
	"math"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/seed-5ec2a705/mtrack/impl/track"
)

// The bodies of responses are written as package encoding/json would write the
// generated types, byte for byte, but without reflection and without a map for
// each value that may be null. Tests compare the two.

// bodies are buffers for one response each.
var bodies = sync.Pool{New: func() any { return new(make([]byte, 0, 4<<10)) }}

// unbuffered is the length from which on net/http does not find out by itself how
// long a body is, and would send chunks.
const unbuffered = 2 << 10

// bodyMost is the capacity up to which a buffer is kept.
const bodyMost = 64 << 10

// send writes a response whose body is what fill appends, in one write, followed
// by a line feed as json.Encoder has it.
func send(w http.ResponseWriter, status int, fill func([]byte) ([]byte, error)) error {
	buffer := bodies.Get().(*[]byte)
	body, err := fill((*buffer)[:0])
	if err == nil {
		body = append(body, '\n')
		header := w.Header()
		header["Content-Type"] = contentType
		if len(body) >= unbuffered {
			header["Content-Length"] = []string{strconv.Itoa(len(body))}
		}
		w.WriteHeader(status)
		_, err = w.Write(body)
	}
	if cap(body) <= bodyMost {
		*buffer = body
		bodies.Put(buffer)
	}
	return err
}

// contentType is shared by all responses: nobody changes a value in place.
var contentType = []string{"application/json"}

// appendAcknowledgement appends a music.Acknowledgement.
func appendAcknowledgement(b []byte, id, detail string) []byte {
	b = append(b, `{"detail":`...)
	b = appendString(b, detail, true)
	b = append(b, `,"id":`...)
	b = appendString(b, id, true)
	return append(b, `,"success":true}`...)
}

// appendTrack appends a music.Track with URLs to play it. The & of the playback
// URL stays: \u0026 is the same to a program, but not to somebody who copies the
// URL from a terminal. What may be null is escaped all the same, as its type does.
func appendTrack(b []byte, t *track.Track, urls URLSigner) ([]byte, error) {
	b, err := appendFacts(b, t, false)
	b = append(b, `,"playback_url":`...)
	b = appendString(b, urls.Sign(string(t.Organization), string(t.ID), "mix"), false)
	if len(t.Stems) > 0 {
		b = append(b, `,"stem_urls":{`...)
		names := slices.Compact(slices.Sorted(slices.Values(t.Stems)))
		for i, name := range names {
			if i > 0 {
				b = append(b, ',')
			}
			b = appendString(b, name, true)
			b = append(b, ':')
			b = appendString(b, urls.Sign(string(t.Organization), string(t.ID), "stems", name), true)
		}
		b = append(b, '}')
	}
	b = appendTitle(b, t)
	return append(b, '}'), err
}

// appendPage appends a music.TrackPage.
func appendPage(b []byte, saved []track.Track, filter track.Filter) ([]byte, error) {
	b = append(b, `{"items":[`...)
	var err error
	for i := range saved {
		if i > 0 {
			b = append(b, ',')
		}
		if b, err = appendFacts(b, &saved[i], true); err != nil {
			return b, err
		}
		b = append(b, `,"playback_url":null,"stem_urls":null`...)
		b = appendTitle(b, &saved[i])
		b = append(b, '}')
	}
	b = append(b, `],"limit":`...)
	b = strconv.AppendInt(b, int64(filter.Limit), 10)
	b = append(b, `,"offset":`...)
	b = strconv.AppendInt(b, int64(filter.Offset), 10)
	return append(b, '}'), nil
}

// appendFacts appends what stands in a track before its URLs.
func appendFacts(b []byte, t *track.Track, html bool) (_ []byte, err error) {
	b = append(b, `{"created_at":`...)
	if b, err = appendTime(b, t.CreatedAt.UTC()); err != nil {
		return b, err
	}
	b = append(b, `,"engine":`...)
	b = appendString(b, t.Engine, html)
	b = append(b, `,"id":`...)
	b = appendString(b, string(t.ID), html)
	b = append(b, `,"instrumental":`...)
	b = strconv.AppendBool(b, t.Instrumental)
	b = append(b, `,"licence_class":`...)
	b = appendString(b, string(t.Licence), html)
	b = append(b, `,"measured_duration_seconds":`...)
	if t.Duration == nil {
		b = append(b, "null"...)
	} else if b, err = appendNumber(b, *t.Duration); err != nil {
		return b, err
	}
	b = append(b, `,"mode":`...)
	return appendString(b, string(t.Mode), html), nil
}

// appendTitle appends a track's title, its last member.
func appendTitle(b []byte, t *track.Track) []byte {
	b = append(b, `,"title":`...)
	if t.Title == nil {
		return append(b, "null"...)
	}
	return appendString(b, *t.Title, true)
}

// appendEnvelope appends the error envelope.
func appendEnvelope(b []byte, f *facts) ([]byte, error) {
	b = append(b, `{"success":false,"error":{"code":`...)
	b = appendString(b, f.code, true)
	b = append(b, `,"message":`...)
	b = appendString(b, f.message, true)
	b = append(b, `,"system_message":`...)
	b = appendString(b, f.systemMessage, true)
	b = append(b, `,"type":`...)
	b = appendString(b, f.kind, true)
	b = append(b, `,"status":`...)
	b = strconv.AppendInt(b, int64(f.status), 10)
	b = append(b, `,"details":{`...)
	if f.detail != "" {
		b = appendString(b, f.detail, true)
		b = append(b, ':')
		b = appendString(b, f.value, true)
	}
	b = append(b, `},"trace_id":`...)
	b = appendString(b, f.traceID, true)
	b = append(b, `,"timestamp":`...)
	b, err := appendTime(b, f.timestamp)
	return append(b, "}}"...), err
}

// appendTime appends a time in RFC 3339.
func appendTime(b []byte, t time.Time) ([]byte, error) {
	if y := t.Year(); y < 0 || y > 9999 {
		_, err := t.MarshalJSON() // which says what is wrong
		return b, err
	}
	b = append(b, '"')
	b = t.AppendFormat(b, time.RFC3339Nano)
	return append(b, '"'), nil
}

// appendNumber appends a number.
func appendNumber(b []byte, f float64) ([]byte, error) {
	if size := math.Abs(f); size == 0 || size >= 1e-6 && size < 1e21 {
		return strconv.AppendFloat(b, f, 'f', -1, 64), nil
	}
	text, err := json.Marshal(f)
	return append(b, text...), err
}

const hexDigits = "0123456789abcdef"

// appendString appends a string as JSON. With html also <, > and & are escaped.
func appendString(b []byte, s string, html bool) []byte {
	b = append(b, '"')
	done := 0 // up to here it is appended
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			if c >= ' ' && c != '"' && c != '\\' && !(html && (c == '<' || c == '>' || c == '&')) {
				i++
				continue
			}
			b = append(b, s[done:i]...)
			b = append(b, '\\')
			switch c {
			case '"', '\\':
				b = append(b, c)
			case '\b':
				b = append(b, 'b')
			case '\f':
				b = append(b, 'f')
			case '\n':
				b = append(b, 'n')
			case '\r':
				b = append(b, 'r')
			case '\t':
				b = append(b, 't')
			default:
				b = append(b, 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
			}
			i++
			done = i
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			b = append(b, s[done:i]...)
			b = append(b, `\ufffd`...)
			done = i + size
		case r == '\u2028', r == '\u2029': // line ends in JavaScript
			b = append(b, s[done:i]...)
			b = append(b, `\u202`...)
			b = append(b, hexDigits[r&15])
			done = i + size
		}
		i += size
	}
	b = append(b, s[done:]...)
	return append(b, '"')
}
