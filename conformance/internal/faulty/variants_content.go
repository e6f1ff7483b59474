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

// headerVariants are free in the headers of responses.
func headerVariants() []Variant {
	header := func(set func(c *call, resp *response)) func(*behaviour) {
		return onResponse("", 0, set)
	}
	return []Variant{
		strict("changing-headers",
			"Sends headers that differ from response to response.",
			func(b *behaviour) {
				var remaining atomic.Int64
				remaining.Store(1_000_000)
				header(func(c *call, resp *response) {
					resp.header.Set("X-RateLimit-Limit-Requests", "1000000")
					resp.header.Set("X-RateLimit-Remaining-Requests", strconv.FormatInt(remaining.Add(-1), 10))
					resp.header.Set("X-RateLimit-Reset-Requests", strconv.Itoa(rand.IntN(60)))
					resp.header.Set("Freddy-Processing-Ms", strconv.Itoa(rand.IntN(9)))
					resp.header.Set("Server-Timing", fmt.Sprintf("app;dur=%.3f", rand.Float64()*4))
					resp.header.Set("Set-Cookie", "visit="+randomText(lettersAndDigits, 12)+"; HttpOnly")
					resp.header.Set("ETag", `W/"`+randomText(lettersAndDigits, 8)+`"`)
				})(b)
			}),
		strict("headers-by-chance",
			"Sends a header with some responses, by chance.",
			header(func(_ *call, resp *response) {
				if rand.IntN(2) == 0 {
					resp.header.Set("X-Cache", "MISS")
				}
			})),
		strict("many-headers",
			"Sends the headers that careful servers send.",
			header(func(c *call, resp *response) {
				resp.header.Set("Cache-Control", "no-store")
				resp.header.Set("Vary", "Origin, Accept-Encoding")
				resp.header.Set("X-Content-Type-Options", "nosniff")
				resp.header.Set("Strict-Transport-Security", "max-age=31536000")
				resp.header.Set("Aitronos-Organization", c.organization)
				resp.header.Set("Freddy-Api-Version", "2026-06-28")
				if resp.status == http.StatusUnauthorized {
					resp.header.Set("WWW-Authenticate", `Bearer realm="music"`)
				}
			})),
		strict("no-request-id",
			"Sends no X-Request-Id.",
			header(func(_ *call, resp *response) { resp.header["X-Request-Id"] = nil })),
		strict("request-id-with-errors",
			"Sends X-Request-Id with errors only.",
			header(func(_ *call, resp *response) {
				if resp.status < 400 {
					resp.header["X-Request-Id"] = nil
				}
			})),
		strict("adopts-request-id",
			"Takes the caller's X-Request-Id for its own.",
			header(func(c *call, resp *response) {
				if sent := c.request.Header.Get("X-Request-Id"); sent != "" {
					c.traceID = sent
					resp.err().set("trace_id", sent)
				}
			})),
		strict("charset",
			"Sends application/json with a charset, in other letters.",
			header(func(_ *call, resp *response) {
				resp.header.Set("Content-Type", `Application/JSON;charset="UTF-8"`)
			})),
		strict("gzip",
			"Compresses answers for who accepts it.",
			func(b *behaviour) {
				usual := b.write
				b.write = func(c *call, resp *response) {
					if strings.Contains(c.request.Header.Get("Accept-Encoding"), "gzip") && resp.body != nil {
						var packed bytes.Buffer
						w := gzip.NewWriter(&packed)
						w.Write(orBytes(resp.raw, func() []byte { return b.encode(c, resp.body) }))
						w.Close()
						resp.raw = packed.Bytes()
						resp.header.Set("Content-Encoding", "gzip")
						resp.header.Set("Vary", "Accept-Encoding")
					}
					usual(c, resp)
				}
			}),
	}
}

// bodyVariants are free in what bodies look like and in what they say to people.
func bodyVariants() []Variant {
	onEveryResponse := func(edit func(c *call, resp *response)) func(*behaviour) {
		return onResponse("", 0, edit)
	}
	// say sets all that is for people to read in a response.
	say := func(resp *response, text string) {
		if len(resp.err().members) > 0 {
			resp.err().set("message", text)
			resp.err().set("system_message", text)
		}
		if resp.body != nil && resp.body.get("detail") != nil {
			resp.body.set("detail", text)
		}
	}
	timesLike := func(layout string) func(*behaviour) {
		return func(b *behaviour) {
			b.timestamp = func(t time.Time) string { return t.UTC().Format(layout) }
		}
	}
	traces := func(trace func() string) func(*behaviour) {
		return func(b *behaviour) { b.trace = trace }
	}
	changeTrack := func(change func(o *object, t *track, listed bool)) func(*behaviour) {
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
		strict("echoing-texts",
			"Puts the ids of the request, the caller, the trace id and the time into its texts.",
			onEveryResponse(func(c *call, resp *response) {
				caller := "nobody"
				if c.user != nil {
					caller = c.user.id
				}
				say(resp, fmt.Sprintf("%s asked for track %q (%d characters) of %q at %s, see %s.",
					caller, c.track, len(c.track), c.organization,
					c.server.behaviour.timestamp(c.received), c.traceID))
			})),
		strict("echoing-paths",
			"Puts the path as it came into the texts of errors.",
			onEveryResponse(func(c *call, resp *response) {
				if resp.status >= 400 {
					say(resp, "Cannot "+c.request.Method+" "+c.request.URL.EscapedPath())
				}
			})),
		strict("other-texts",
			"Says everything in other words, that are not ASCII.",
			onEveryResponse(func(_ *call, resp *response) {
				if resp.status == http.StatusOK {
					say(resp, "Erledigt – gelöscht ✓")
				} else {
					say(resp, "Das geht nicht: “nein” <b>\u2028")
				}
			})),
		strict("long-texts",
			"Explains itself at length.",
			onEveryResponse(func(_ *call, resp *response) {
				say(resp, strings.Repeat("Please read the documentation. ", 80))
			})),
		strict("changing-texts",
			"Never says the same twice.",
			onEveryResponse(func(_ *call, resp *response) {
				say(resp, "Hint: "+randomText(lettersAndDigits, 5+rand.IntN(20)))
			})),
		strict("further-members",
			"Has further members in every object.",
			func(b *behaviour) {
				onEveryResponse(func(c *call, resp *response) {
					for _, o := range objects(resp) {
						o.add("documentation", "https://docs.example/")
						o.add("links", []*object{newObject("rel", "help")})
					}
				})(b)
			}),
		strict("changing-members",
			"Has further members whose values differ from response to response.",
			func(b *behaviour) {
				onEveryResponse(func(c *call, resp *response) {
					for _, o := range objects(resp) {
						o.add("served_by", "node-"+randomText("0123456789", 4))
						o.add("took", rand.Float64())
					}
				})(b)
			}),
		strict("details-of-caller",
			"Names the organization and the method in all details.",
			onEveryResponse(func(c *call, resp *response) {
				if details, ok := resp.err().get("details").(*object); ok {
					details.add("organization_id", c.organization)
					details.add("method", c.request.Method)
				}
			})),
		strict("details-for-delete-only",
			"Names the track in details of deletes only.",
			onEveryResponse(func(c *call, resp *response) {
				if c.operation != opDelete && len(resp.err().members) > 0 {
					resp.err().set("details", newObject())
				}
			})),
		strict("details-as-in-path",
			"Echoes track ids as they stand in the path, still percent-encoded.",
			onEveryResponse(func(c *call, resp *response) {
				segments := strings.Split(c.request.URL.EscapedPath(), "/")
				if c.track != "" && len(segments) > 5 && resp.status >= 400 && c.user != nil {
					resp.err().set("details", newObject("track_id", segments[5]))
				}
			})),
		strict("malformed-id-texts",
			"Says that what is not a track id is not one.",
			onEveryResponse(func(c *call, resp *response) {
				if c.track != "" && resp.status == http.StatusNotFound && !strings.HasPrefix(c.track, "mtrack_") {
					say(resp, "A track's id begins with mtrack_.")
				}
			})),
		strict("details-always",
			"Names the track of the path in details of a 401 too.",
			onEveryResponse(func(c *call, resp *response) {
				if resp.status == http.StatusUnauthorized && c.track != "" {
					resp.err().set("details", newObject("track_id", c.track))
				}
			})),
		strict("indented-json",
			"Indents its JSON.",
			func(b *behaviour) {
				b.encode = func(_ *call, body *object) []byte {
					var buf bytes.Buffer
					if err := json.Indent(&buf, body.compact(), "  ", "    "); err != nil {
						panic(err)
					}
					return append([]byte("\r\n\t "), append(buf.Bytes(), '\n')...)
				}
			}),
		strict("shuffled-json",
			"Writes the members of objects in another order each time.",
			func(b *behaviour) {
				onEveryResponse(func(_ *call, resp *response) {
					for _, o := range objects(resp) {
						rand.Shuffle(len(o.members), func(i, j int) {
							o.members[i], o.members[j] = o.members[j], o.members[i]
						})
					}
				})(b)
			}),
		strict("escaped-json",
			"Escapes every character of its JSON texts that it may.",
			func(b *behaviour) {
				b.encode = func(_ *call, body *object) []byte { return escapeStrings(body.compact()) }
			}),
		strict("milliseconds",
			"Writes times with milliseconds.",
			timesLike("2006-01-02T15:04:05.000Z")),
		strict("nanoseconds",
			"Writes times with nanoseconds.",
			timesLike("2006-01-02T15:04:05.000000000Z")),
		strict("ragged-fractions",
			"Writes times with as many digits as there are.",
			timesLike("2006-01-02T15:04:05.999999Z")),
		strict("numeric-zone",
			"Writes +00:00 instead of Z.",
			timesLike("2006-01-02T15:04:05.000000+00:00")),
		strict("clock-2s-ahead",
			"Has a clock that is 2s ahead.",
			func(b *behaviour) {
				usual := b.timestamp
				b.timestamp = func(t time.Time) string { return usual(t.Add(2 * time.Second)) }
			}),
		strict("trace-ids-uuid",
			"Has UUIDs for trace ids.",
			traces(uuid)),
		strict("trace-ids-counted",
			"Counts its trace ids.",
			func(b *behaviour) {
				var n atomic.Int64
				b.trace = func() string { return strconv.FormatInt(n.Add(1), 10) }
			}),
		strict("trace-ids-of-changing-length",
			"Has trace ids of changing length.",
			traces(func() string { return "trace=" + randomText(lettersAndDigits, 12+rand.IntN(60)) })),
		strict("validation-error-type",
			"Has the type validation_error with 422.",
			onResponse(opList, 422, func(_ *call, resp *response) {
				resp.err().set("type", "validation_error")
			})),
		lenient("playback-urls-of-a-minute",
			"Mints the same playback_url for all gets of a minute, and not for each.",
			changeTrack(func(o *object, t *track, listed bool) {
				if !listed {
					expires := time.Now().Truncate(time.Minute).Add(2 * time.Minute).Unix()
					o.set("playback_url", fmt.Sprintf("https://media.example/%s.mp3?expires=%d",
						url.PathEscape(t.id), expires))
				}
			})),
		strict("stems",
			"Has stems for every track.",
			changeTrack(func(o *object, t *track, listed bool) {
				if !listed {
					o.set("stem_urls", newObject(
						"drums", "https://media.example/drums?s="+randomText(lettersAndDigits, 8),
						"voice", "https://media.example/voice?s="+randomText(lettersAndDigits, 8),
					))
				}
			})),
		strict("no-stem-urls",
			"Leaves stem_urls out where a track has none.",
			changeTrack(func(o *object, _ *track, listed bool) {
				if !listed {
					o.remove("stem_urls")
				}
			})),
		strict("other-facts",
			"Has tracks that were not measured, are instrumental, and of unclear licence.",
			changeTrack(func(o *object, _ *track, _ bool) {
				o.set("measured_duration_seconds", nil)
				o.set("instrumental", true)
				o.set("licence_class", "unclear")
			})),
		strict("whole-seconds",
			"Has durations of whole seconds.",
			changeTrack(func(o *object, _ *track, _ bool) { o.set("measured_duration_seconds", 3) })),
	}
}

// objects are all objects of a response, from the outside in.
func objects(resp *response) []*object {
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
	walk(resp.body)
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
