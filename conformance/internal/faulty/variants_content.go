package faulty

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
	"unicode/utf8"
)

// headerVariants are free in the headers of answers.
func headerVariants() []Variant {
	header := func(set func(c *call, a *answer)) func(*behaviour) {
		return func(b *behaviour) { b.onAnswer("", 0, set) }
	}
	return []Variant{
		strict("changing-headers", "Sends headers that differ from answer to answer.", func(b *behaviour) {
			var remaining atomic.Int64
			remaining.Store(1_000_000)
			header(func(c *call, a *answer) {
				a.header.Set("X-RateLimit-Limit-Requests", "1000000")
				a.header.Set("X-RateLimit-Remaining-Requests", strconv.FormatInt(remaining.Add(-1), 10))
				a.header.Set("X-RateLimit-Reset-Requests", strconv.Itoa(rand.IntN(60)))
				a.header.Set("Freddy-Processing-Ms", strconv.Itoa(rand.IntN(9)))
				a.header.Set("Server-Timing", fmt.Sprintf("app;dur=%.3f", rand.Float64()*4))
				a.header.Set("Set-Cookie", "visit="+randomText(lettersAndDigits, 12)+"; HttpOnly")
				a.header.Set("ETag", `W/"`+randomText(lettersAndDigits, 8)+`"`)
			})(b)
		}),
		strict("headers-by-chance", "Sends a header with some answers, by chance.", header(func(_ *call, a *answer) {
			if rand.IntN(2) == 0 {
				a.header.Set("X-Cache", "MISS")
			}
		})),
		strict("many-headers", "Sends the headers that careful servers send.", header(func(c *call, a *answer) {
			a.header.Set("Cache-Control", "no-store")
			a.header.Set("Vary", "Origin, Accept-Encoding")
			a.header.Set("X-Content-Type-Options", "nosniff")
			a.header.Set("Strict-Transport-Security", "max-age=31536000")
			a.header.Set("Aitronos-Organization", c.organization)
			a.header.Set("Freddy-Api-Version", "2026-06-28")
			if a.status == http.StatusUnauthorized {
				a.header.Set("WWW-Authenticate", `Bearer realm="music"`)
			}
		})),
		strict("no-request-id", "Sends no X-Request-Id.", header(func(_ *call, a *answer) { a.header["X-Request-Id"] = nil })),
		strict("request-id-with-errors", "Sends X-Request-Id with errors only.", header(func(_ *call, a *answer) {
			if a.status < 400 {
				a.header["X-Request-Id"] = nil
			}
		})),
		strict("adopts-request-id", "Takes the caller's X-Request-Id for its own.", header(func(c *call, a *answer) {
			if sent := c.request.Header.Get("X-Request-Id"); sent != "" {
				c.traceID = sent
				a.err().set("trace_id", sent)
			}
		})),
		strict("charset", "Sends application/json with a charset, in other letters.", header(func(_ *call, a *answer) {
			a.header.Set("Content-Type", `Application/JSON;charset="UTF-8"`)
		})),
		strict("gzip", "Compresses answers for who accepts it.", func(b *behaviour) {
			usual := b.write
			b.write = func(c *call, a *answer) {
				if strings.Contains(c.request.Header.Get("Accept-Encoding"), "gzip") && a.body != nil {
					var packed bytes.Buffer
					w := gzip.NewWriter(&packed)
					w.Write(orBytes(a.raw, func() []byte { return b.encode(c, a.body) }))
					w.Close()
					a.raw = packed.Bytes()
					a.header.Set("Content-Encoding", "gzip")
					a.header.Set("Vary", "Accept-Encoding")
				}
				usual(c, a)
			}
		}),
	}
}

// bodyVariants are free in what bodies look like and in what they say to people.
func bodyVariants() []Variant {
	said := func(edit func(c *call, a *answer)) func(*behaviour) {
		return func(b *behaviour) { b.onAnswer("", 0, edit) }
	}
	// say sets all that is for people to read in an answer.
	say := func(a *answer, text string) {
		if len(a.err().members) > 0 {
			a.err().set("message", text)
			a.err().set("system_message", text)
		}
		if a.body != nil && a.body.get("detail") != nil {
			a.body.set("detail", text)
		}
	}
	times := func(layout string) func(*behaviour) {
		return func(b *behaviour) { b.timestamp = func(t time.Time) string { return t.UTC().Format(layout) } }
	}
	traces := func(trace func() string) func(*behaviour) { return func(b *behaviour) { b.trace = trace } }
	described := func(change func(o *object, t *track, listed bool)) func(*behaviour) {
		return func(b *behaviour) {
			usual := b.describe
			b.describe = func(c *call, t *track, listed bool) *object {
				o := usual(c, t, listed)
				change(o, t, listed)
				return o
			}
		}
	}
	return []Variant{
		strict("echoing-texts", "Puts the ids of the request, the caller, the trace id and the time into its texts.", said(func(c *call, a *answer) {
			caller := "nobody"
			if c.user != nil {
				caller = c.user.id
			}
			say(a, fmt.Sprintf("%s asked for track %q (%d characters) of %q at %s, see %s.", caller, c.track, len(c.track), c.organization,
				c.server.behaviour.timestamp(c.received), c.traceID))
		})),
		strict("echoing-paths", "Puts the path as it came into the texts of errors.", said(func(c *call, a *answer) {
			if a.status >= 400 {
				say(a, "Cannot "+c.request.Method+" "+c.request.URL.EscapedPath())
			}
		})),
		strict("other-texts", "Says everything in other words, that are not ASCII.", said(func(_ *call, a *answer) {
			say(a, map[bool]string{true: "Erledigt – gelöscht ✓", false: "Das geht nicht: “nein” <b>\u2028"}[a.status == http.StatusOK])
		})),
		strict("long-texts", "Explains itself at length.", said(func(_ *call, a *answer) { say(a, strings.Repeat("Please read the documentation. ", 80)) })),
		strict("changing-texts", "Never says the same twice.", said(func(_ *call, a *answer) { say(a, "Hint: "+randomText(lettersAndDigits, 5+rand.IntN(20))) })),
		strict("further-members", "Has further members in every object.", func(b *behaviour) {
			said(func(c *call, a *answer) {
				for _, o := range objects(a) {
					o.add("documentation", "https://docs.example/")
					o.add("links", []*object{newObject("rel", "help")})
				}
			})(b)
		}),
		strict("changing-members", "Has further members whose values differ from answer to answer.", func(b *behaviour) {
			said(func(c *call, a *answer) {
				for _, o := range objects(a) {
					o.add("served_by", "node-"+randomText("0123456789", 4))
					o.add("took", rand.Float64())
				}
			})(b)
		}),
		strict("details-of-caller", "Names the organization and the method in all details.", said(func(c *call, a *answer) {
			if details, ok := a.err().get("details").(*object); ok {
				details.add("organization_id", c.organization)
				details.add("method", c.request.Method)
			}
		})),
		strict("details-for-delete-only", "Names the track in details of deletes only.", said(func(c *call, a *answer) {
			if c.operation != opDelete && len(a.err().members) > 0 {
				a.err().set("details", newObject())
			}
		})),
		strict("details-as-in-path", "Echoes track ids as they stand in the path, still percent-encoded.", said(func(c *call, a *answer) {
			if segments := strings.Split(c.request.URL.EscapedPath(), "/"); c.track != "" && len(segments) > 5 && a.status >= 400 && c.user != nil {
				a.err().set("details", newObject("track_id", segments[5]))
			}
		})),
		strict("malformed-id-texts", "Says of what is no track id that it is none.", said(func(c *call, a *answer) {
			if c.track != "" && a.status == http.StatusNotFound && !strings.HasPrefix(c.track, "mtrack_") {
				say(a, "A track's id begins with mtrack_.")
			}
		})),
		strict("details-always", "Names the track of the path in details of a 401 too.", said(func(c *call, a *answer) {
			if a.status == http.StatusUnauthorized && c.track != "" {
				a.err().set("details", newObject("track_id", c.track))
			}
		})),
		strict("indented-json", "Indents its JSON.", func(b *behaviour) {
			b.encode = func(_ *call, body *object) []byte {
				var buf bytes.Buffer
				if err := json.Indent(&buf, body.compact(), "  ", "    "); err != nil {
					panic(err)
				}
				return append([]byte("\r\n\t "), append(buf.Bytes(), '\n')...)
			}
		}),
		strict("shuffled-json", "Writes the members of objects in another order each time.", func(b *behaviour) {
			said(func(_ *call, a *answer) {
				for _, o := range objects(a) {
					rand.Shuffle(len(o.members), func(i, j int) { o.members[i], o.members[j] = o.members[j], o.members[i] })
				}
			})(b)
		}),
		strict("escaped-json", "Escapes every character of its JSON texts that it may.", func(b *behaviour) {
			b.encode = func(_ *call, body *object) []byte { return escapeStrings(body.compact()) }
		}),
		strict("milliseconds", "Writes times with milliseconds.", times("2006-01-02T15:04:05.000Z")),
		strict("nanoseconds", "Writes times with nanoseconds.", times("2006-01-02T15:04:05.000000000Z")),
		strict("ragged-fractions", "Writes times with as many digits as there are.", times("2006-01-02T15:04:05.999999Z")),
		strict("numeric-zone", "Writes +00:00 instead of Z.", times("2006-01-02T15:04:05.000000+00:00")),
		strict("clock-2s-ahead", "Has a clock that is 2s ahead.", func(b *behaviour) {
			usual := b.timestamp
			b.timestamp = func(t time.Time) string { return usual(t.Add(2 * time.Second)) }
		}),
		strict("trace-ids-uuid", "Has UUIDs for trace ids.", traces(uuid)),
		strict("trace-ids-counted", "Counts its trace ids.", func(b *behaviour) {
			var n atomic.Int64
			b.trace = func() string { return strconv.FormatInt(n.Add(1), 10) }
		}),
		strict("trace-ids-of-changing-length", "Has trace ids of changing length.", traces(func() string { return "trace=" + randomText(lettersAndDigits, 12+rand.IntN(60)) })),
		strict("validation-error-type", "Has the type validation_error with 422.", func(b *behaviour) {
			b.onAnswer(opList, 422, func(_ *call, a *answer) { a.err().set("type", "validation_error") })
		}),
		strict("playback-urls-of-a-minute", "Mints the same playback_url for all gets of a minute.", described(func(o *object, t *track, listed bool) {
			if !listed {
				o.set("playback_url", fmt.Sprintf("https://media.example/%s.mp3?expires=%d", url.PathEscape(t.id), time.Now().Truncate(time.Minute).Add(2*time.Minute).Unix()))
			}
		})),
		strict("stems", "Has stems for every track.", described(func(o *object, t *track, listed bool) {
			if !listed {
				o.set("stem_urls", newObject("drums", "https://media.example/drums?s="+randomText(lettersAndDigits, 8), "voice", "https://media.example/voice?s="+randomText(lettersAndDigits, 8)))
			}
		})),
		strict("no-stem-urls", "Leaves stem_urls out where a track has none.", described(func(o *object, _ *track, listed bool) {
			if !listed {
				o.remove("stem_urls")
			}
		})),
		strict("other-facts", "Has tracks that were not measured, are instrumental, and of unclear licence.", described(func(o *object, _ *track, _ bool) {
			o.set("measured_duration_seconds", nil)
			o.set("instrumental", true)
			o.set("licence_class", "unclear")
		})),
		strict("whole-seconds", "Has durations of whole seconds.", described(func(o *object, _ *track, _ bool) { o.set("measured_duration_seconds", 3) })),
	}
}

// objects are all objects of an answer, from the outside in.
func objects(a *answer) []*object {
	var found []*object
	var walk func(value any)
	walk = func(value any) {
		switch v := value.(type) {
		case *object:
			if v != nil {
				found = append(found, v)
				for _, m := range v.members {
					walk(m.value)
				}
			}
		case []*object:
			for _, o := range v {
				walk(o)
			}
		}
	}
	walk(a.body)
	return found
}

// escapeStrings writes the characters of JSON strings as \uXXXX, where they stand for themselves.
func escapeStrings(data []byte) []byte {
	var escaped []byte
	inside := false
	for i := 0; i < len(data); {
		r, size := utf8.DecodeRune(data[i:])
		switch {
		case r == '"':
			inside = !inside
			escaped = append(escaped, '"')
		case inside && r == '\\':
			if size = 2; data[i+1] == 'u' {
				size = 6
			}
			escaped = append(escaped, data[i:i+size]...)
		case inside && r < 0x10000:
			escaped = fmt.Appendf(escaped, `\u%04x`, r)
		default:
			escaped = append(escaped, data[i:i+size]...)
		}
		i += size
	}
	return escaped
}

func orBytes(data []byte, otherwise func() []byte) []byte {
	if data != nil {
		return data
	}
	return otherwise()
}

func uuid() string {
	hex := randomText("0123456789abcdef", 32)
	return hex[:8] + "-" + hex[8:12] + "-4" + hex[13:16] + "-a" + hex[17:20] + "-" + hex[20:]
}
