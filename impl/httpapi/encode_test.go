package httpapi

import (
	"bytes"
	"encoding/json"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/oapi-codegen/nullable"

	"github.com/seed-5ec2a705/mtrack/gen/music"
	"github.com/seed-5ec2a705/mtrack/impl/track"
)

// fixedURLs signs nothing.
type fixedURLs struct{}

func (fixedURLs) Sign(segments ...string) string {
	return "https://media.example.com/" + strings.Join(segments, "/") + "?a=1&b=<2>"
}

// orNull returns the value, or the JSON null for nil.
func orNull[T any](value *T) nullable.Nullable[T] {
	if value == nil {
		return nullable.NewNullNullable[T]()
	}
	return nullable.NewNullableWithValue(*value)
}

// generatedTrack is what a track is as the generated type.
func generatedTrack(t track.Track) music.Track {
	shown := music.Track{
		ID: string(t.ID), Title: orNull(t.Title), Engine: t.Engine, Mode: music.Mode(t.Mode),
		MeasuredDurationSeconds: orNull(t.Duration), Instrumental: t.Instrumental,
		LicenceClass: music.LicenceClass(t.Licence), CreatedAt: t.CreatedAt.UTC(),
		PlaybackURL: fixedURLs{}.Sign(string(t.Organization), string(t.ID), "mix"),
	}
	if len(t.Stems) > 0 {
		stems := make(map[string]string, len(t.Stems))
		for _, name := range t.Stems {
			stems[name] = fixedURLs{}.Sign(string(t.Organization), string(t.ID), "stems", name)
		}
		shown.StemUrls = nullable.NewNullableWithValue(stems)
	}
	return shown
}

// generatedPage is what a window of a library is as the generated type.
func generatedPage(saved []track.Track, filter track.Filter) music.TrackPage {
	items := make([]music.SavedTrack, 0, len(saved))
	for _, t := range saved {
		items = append(items, music.SavedTrack{
			ID: string(t.ID), Title: orNull(t.Title), Engine: t.Engine, Mode: music.Mode(t.Mode),
			MeasuredDurationSeconds: orNull(t.Duration), Instrumental: t.Instrumental,
			LicenceClass: music.LicenceClass(t.Licence), CreatedAt: t.CreatedAt.UTC(),
			PlaybackURL: nullable.NewNullNullable[string](), StemUrls: nullable.NewNullNullable[map[string]string](),
		})
	}
	return music.TrackPage{Items: items, Limit: int32(filter.Limit), Offset: int32(filter.Offset)}
}

// generatedEnvelope is the error envelope as the most general generated type.
func generatedEnvelope(f facts) any {
	details := map[string]any{}
	if f.detail != "" {
		details[f.detail] = f.value
	}
	return struct {
		Success bool `json:"success"`
		Error   any  `json:"error"`
	}{false, struct {
		Code          string         `json:"code"`
		Message       string         `json:"message"`
		SystemMessage string         `json:"system_message"`
		Type          string         `json:"type"`
		Status        int            `json:"status"`
		Details       map[string]any `json:"details"`
		TraceID       string         `json:"trace_id"`
		Timestamp     time.Time      `json:"timestamp"`
	}{f.code, f.message, f.systemMessage, f.kind, f.status, details, f.traceID, f.timestamp}}
}

// likeJSON compares what was appended with what encoding/json makes of a value.
func likeJSON(t *testing.T, got []byte, err error, value any, html bool) {
	t.Helper()
	var want bytes.Buffer
	encoder := json.NewEncoder(&want)
	encoder.SetEscapeHTML(html)
	wrong := encoder.Encode(value)
	switch {
	case (err == nil) != (wrong == nil):
		t.Errorf("error %v, that of encoding/json %v", err, wrong)
	case err == nil && string(got)+"\n" != want.String():
		t.Errorf("got\n%s\nwant\n%s", got, &want)
	}
}

// compare encodes everything that holds these values.
func compare(t *testing.T, text, other string, seconds float64, instrumental bool, at time.Time) {
	t.Helper()
	full := track.Track{
		ID: track.ID(text), Organization: track.OrganizationID(other), Title: &text, Engine: other, Mode: track.Mode(text),
		Duration: &seconds, Instrumental: instrumental, Licence: track.LicenceClass(other), CreatedAt: at,
		Stems: []string{text, other, "a", text},
	}
	// Names that encoding/json writes alike are no stems: what Redis holds is UTF-8.
	if strings.ToValidUTF8(text, "\ufffd") != text || strings.ToValidUTF8(other, "\ufffd") != other {
		full.Stems = full.Stems[2:3]
	}
	bare := track.Track{Engine: text, CreatedAt: at}
	for _, shown := range []track.Track{full, bare} {
		got, err := appendTrack(nil, &shown, fixedURLs{})
		likeJSON(t, got, err, generatedTrack(shown), false)
	}
	for _, saved := range [][]track.Track{nil, {full}, {bare, full, bare}} {
		filter := track.Filter{Limit: len(text), Offset: 1_000_000_000}
		got, err := appendPage(nil, saved, filter)
		likeJSON(t, got, err, generatedPage(saved, filter), true)
	}
	likeJSON(t, appendAcknowledgement(nil, text, other), nil, music.Acknowledgement{Success: music.SucceededTrue, ID: text, Detail: other}, true)
	for _, f := range []facts{
		{text, other, text, other, 404, "track_id", text, other, at},
		{code: other, status: 401, timestamp: at},
	} {
		got, err := appendEnvelope(nil, &f)
		likeJSON(t, got, err, generatedEnvelope(f), true)
	}
}

func TestEncode(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 6, 28, 10, 30, 0, 0, time.UTC)
	all := make([]byte, 256)
	for i := range all {
		all[i] = byte(i)
	}
	for _, text := range []string{"", "mtrack_1", "Grüße, 夜のドライブ \U0001f3b5", "<a href=\"x\">&amp;</a>", "\u2028\u2029\u007f\u0080\ufffd", "a\xffb\xe2\x80", string(all)} {
		compare(t, text, text, 215.5, true, at)
		compare(t, text, "studio", 0, false, at.Add(123456*time.Microsecond))
	}
	for _, seconds := range []float64{0, -1, 1e-7, 1e-6, 123456789, 1e20, 1e21, 1e-300, math.MaxFloat64, math.NaN(), math.Inf(1)} {
		compare(t, "x", "y", seconds, true, at)
	}
	for _, year := range []int{-1, 0, 9999, 10000} {
		compare(t, "x", "y", 1, true, time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC))
	}
}

func FuzzEncode(f *testing.F) {
	f.Add("mtrack_1", "studio", 215.5, true, int64(1782642600))
	f.Add("\u2028\xff<&>\"\\\x00", "\ufffd", 1e-9, false, int64(-1))
	f.Fuzz(func(t *testing.T, text, other string, seconds float64, instrumental bool, at int64) {
		compare(t, text, other, seconds, instrumental, time.Unix(at%(1<<38), at%1e9).UTC())
	})
}

func BenchmarkEncodePage(b *testing.B) {
	title := "Night drive"
	saved := make([]track.Track, 20)
	for i := range saved {
		saved[i] = track.Track{ID: "mtrack_000000000001", Title: &title, Engine: "studio", Mode: track.ModeCreation,
			Licence: track.LicenceUnclear, CreatedAt: time.Date(2026, 6, 28, 10, 30, 0, 0, time.UTC)}
	}
	b.Run("ours", func(b *testing.B) {
		b.ReportAllocs()
		var body []byte
		for b.Loop() {
			body, _ = appendPage(body[:0], saved, track.Filter{Limit: 20})
		}
	})
	b.Run("generated", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			json.Marshal(generatedPage(saved, track.Filter{Limit: 20}))
		}
	})
}
