package journal

import (
	"context"
	"io"
	"log/slog"
	"math"
	"strconv"
	"strings"
	"time"
)

// Handler is the handler of a log in the form of [slog.TextHandler] or
// [slog.JSONHandler], byte for byte. Lines from the level of warnings on are
// flushed, with all that waits; others may wait in the buffer.
type Handler struct {
	slog.Handler // of slog, for what is not simple
	buffer       *Buffer
	json         bool
	simple       bool // neither attributes nor groups stand before those of a record
}

// NewHandler returns a handler that writes to the buffer, from a level on.
// Careful is how lines go there that may hold text of others: it leads to the
// buffer, and writes whole lines.
func NewHandler(buffer *Buffer, careful io.Writer, json bool, level slog.Level) *Handler {
	options := &slog.HandlerOptions{Level: level}
	h := &Handler{buffer: buffer, json: json, simple: true}
	if json {
		h.Handler = slog.NewJSONHandler(careful, options)
	} else {
		h.Handler = slog.NewTextHandler(careful, options)
	}
	buffer.missing = func(lines int) []byte {
		if level > slog.LevelWarn {
			return nil
		}
		r := slog.NewRecord(time.Now(), slog.LevelWarn, "lines of the log are missing here: they could not be written", 0)
		r.AddAttrs(slog.Int("lines", lines))
		line, _ := h.line(nil, r) // is simple
		return line
	}
	return h
}

// Handle implements [slog.Handler].
func (h *Handler) Handle(ctx context.Context, r slog.Record) error {
	var space [512]byte
	var err error
	if line, ok := h.line(space[:0], r); ok {
		_, err = h.buffer.Write(line)
	} else {
		err = h.Handler.Handle(ctx, r)
	}
	if r.Level >= slog.LevelWarn {
		err = h.buffer.Flush()
	}
	return err
}

// WithAttrs implements [slog.Handler].
func (h *Handler) WithAttrs(attributes []slog.Attr) slog.Handler {
	return &Handler{Handler: h.Handler.WithAttrs(attributes), buffer: h.buffer}
}

// WithGroup implements [slog.Handler].
func (h *Handler) WithGroup(name string) slog.Handler {
	return &Handler{Handler: h.Handler.WithGroup(name), buffer: h.buffer}
}

// line appends the line of a record, and reports false for one that takes more
// than to put numbers and plain words behind one another.
func (h *Handler) line(b []byte, r slog.Record) ([]byte, bool) {
	if !h.simple || r.Time.IsZero() || h.json && r.Time.Year() > 9999 {
		return nil, false
	}
	level := r.Level.String()
	if !isPlain(level) || !isWords(r.Message) {
		return nil, false
	}
	at := r.Time.Round(0)
	if h.json {
		b = append(b, `{"time":"`...)
		b = at.AppendFormat(b, time.RFC3339Nano)
		b = append(b, `","level":"`...)
		b = append(b, level...)
		b = append(b, `","msg":"`...)
		b = append(b, r.Message...)
		b = append(b, '"')
	} else {
		b = append(b, "time="...)
		b = appendMilliseconds(b, at)
		b = append(b, " level="...)
		b = append(b, level...)
		b = append(b, " msg="...)
		if isPlain(r.Message) {
			b = append(b, r.Message...)
		} else {
			b = strconv.AppendQuote(b, r.Message)
		}
	}
	ok := true
	r.Attrs(func(a slog.Attr) bool {
		b, ok = h.attribute(b, a)
		return ok
	})
	if h.json {
		b = append(b, '}')
	}
	return append(b, '\n'), ok
}

// attribute appends an attribute.
func (h *Handler) attribute(b []byte, a slog.Attr) ([]byte, bool) {
	if !isPlain(a.Key) {
		return b, false
	}
	if h.json {
		b = append(b, ',', '"')
		b = append(b, a.Key...)
		b = append(b, '"', ':')
	} else {
		b = append(b, ' ')
		b = append(b, a.Key...)
		b = append(b, '=')
	}
	switch a.Value.Kind() {
	case slog.KindString:
		s := a.Value.String()
		if !isPlain(s) {
			return b, false
		}
		if h.json {
			b = append(b, '"')
		}
		b = append(b, s...)
		if h.json {
			b = append(b, '"')
		}
	case slog.KindInt64:
		b = strconv.AppendInt(b, a.Value.Int64(), 10)
	case slog.KindFloat64:
		f, format := a.Value.Float64(), byte('f')
		if !h.json {
			format = 'g'
		} else if size := math.Abs(f); size != 0 && !(size >= 1e-4 && size < 1e15) {
			return b, false // where JSON has a way of its own
		}
		b = strconv.AppendFloat(b, f, format, -1, 64)
	default:
		return b, false
	}
	return b, true
}

// appendMilliseconds appends a time as slog's text has it: RFC 3339 with exactly
// three digits behind the second.
func appendMilliseconds(b []byte, t time.Time) []byte {
	const end = len("2006-01-02T15:04:05.000")
	n := len(b)
	// The fourth digit keeps zeros before it from being left out, and goes.
	b = t.Truncate(time.Millisecond).Add(time.Millisecond/10).AppendFormat(b, time.RFC3339Nano)
	return append(b[:n+end], b[n+end+1:]...)
}

// plain are the characters of text that can stand in a line as it is, in both forms.
// A number sign may begin a command to a CI system.
var plain = func() (is [256]bool) {
	for c := '!'; c <= '~'; c++ {
		is[c] = !strings.ContainsRune(`"\=#`, c)
	}
	return is
}()

// isPlain reports whether a text can stand in a line as it is.
func isPlain(s string) bool {
	for i := range len(s) {
		if !plain[s[i]] {
			return false
		}
	}
	return s != ""
}

// isWords is isPlain for text that may hold spaces.
func isWords(s string) bool {
	for i := range len(s) {
		if c := s[i]; c != ' ' && !plain[c] {
			return false
		}
	}
	return s != ""
}
