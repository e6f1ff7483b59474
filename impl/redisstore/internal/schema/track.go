package redisstore

import (
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/seed-5ec2a705/mtrack/impl/track"
)

// The fields of a track's hash. A field that would be empty is absent.
// Creator, engine and mode are segments, as they appear in keys; times are
// microseconds since 1970; stems are a JSON array.
const (
	fieldCreator      = "creator"
	fieldTitle        = "title"
	fieldEngine       = "engine"
	fieldMode         = "mode"
	fieldDuration     = "duration"
	fieldInstrumental = "instrumental"
	fieldLicence      = "licence"
	fieldCreatedAt    = "created_at"
	fieldStems        = "stems"
	fieldDeletedAt    = "deleted_at"
	fieldDeletedBy    = "deleted_by"
)

// trackFields are the fields in the order in which get.lua and list.lua return
// them and decodeTrack reads them.
var trackFields = []any{
	fieldDeletedAt, fieldCreator, fieldTitle, fieldEngine, fieldMode, fieldDuration,
	fieldInstrumental, fieldLicence, fieldCreatedAt, fieldStems,
}

// encodeTrack returns the fields of a track's hash, alternating with their
// values. Equal tracks have equal fields.
func encodeTrack(r *track.TrackRecord) []string {
	fields := []string{
		fieldCreator, string(segmentOf(r.Creator)),
		fieldEngine, string(segmentOf(r.Engine)),
		fieldMode, string(segmentOf(r.Mode)),
		fieldLicence, string(r.Licence),
		fieldCreatedAt, formatTime(r.CreatedAt),
	}
	if r.Title != nil {
		fields = append(fields, fieldTitle, *r.Title)
	}
	if r.Duration != nil {
		fields = append(fields, fieldDuration, strconv.FormatFloat(*r.Duration, 'g', -1, 64))
	}
	if r.Instrumental {
		fields = append(fields, fieldInstrumental, "1")
	}
	if len(r.Stems) > 0 {
		stems, err := json.Marshal(r.Stems)
		if err != nil {
			panic(err) // strings always marshal
		}
		fields = append(fields, fieldStems, string(stems))
	}
	if r.DeletedAt != nil {
		fields = append(fields, fieldDeletedAt, formatTime(*r.DeletedAt))
	}
	if r.DeletedBy != "" {
		fields = append(fields, fieldDeletedBy, string(segmentOf(r.DeletedBy)))
	}
	return fields
}

// decodeRecord reads the fields of a track's hash.
func decodeRecord(organization track.OrganizationID, t segment, fields map[string]string) (*track.TrackRecord, error) {
	d := decoder{what: "track " + string(t)}
	r := &track.TrackRecord{
		ID:           decodeID[track.ID](&d, string(t)),
		Organization: organization,
		Creator:      decodeID[track.UserID](&d, fields[fieldCreator]),
		Engine:       decodeID[string](&d, fields[fieldEngine]),
		Mode:         decodeID[track.Mode](&d, fields[fieldMode]),
		Licence:      track.LicenceClass(fields[fieldLicence]),
		CreatedAt:    d.time(fields[fieldCreatedAt]),
		Instrumental: fields[fieldInstrumental] == "1",
	}
	if title, ok := fields[fieldTitle]; ok {
		r.Title = &title
	}
	if s, ok := fields[fieldDuration]; ok {
		seconds, err := strconv.ParseFloat(s, 64)
		d.note(err)
		r.Duration = &seconds
	}
	if s, ok := fields[fieldStems]; ok {
		d.note(json.Unmarshal([]byte(s), &r.Stems))
	}
	if s, ok := fields[fieldDeletedAt]; ok {
		at := d.time(s)
		r.DeletedAt = &at
	}
	if s, ok := fields[fieldDeletedBy]; ok {
		r.DeletedBy = decodeID[string](&d, s)
	}
	return r, d.err
}

// decodeTrack reads the values of trackFields as a script returned them.
func decodeTrack(organization track.OrganizationID, t segment, values any) (track.Track, error) {
	list, ok := values.([]any)
	if !ok || len(list) != len(trackFields) {
		return track.Track{}, fmt.Errorf("track %s: unexpected fields %T", t, values)
	}
	fields := make(map[string]string, len(list))
	for i, v := range list {
		if v == nil {
			continue
		}
		s, ok := v.(string)
		if !ok {
			return track.Track{}, fmt.Errorf("track %s: unexpected value %T", t, v)
		}
		fields[trackFields[i].(string)] = s
	}
	r, err := decodeRecord(organization, t, fields)
	if err != nil {
		return track.Track{}, err
	}
	return track.Track{
		ID: r.ID, Organization: r.Organization, Creator: r.Creator, Title: r.Title,
		Engine: r.Engine, Mode: r.Mode, Duration: r.Duration, Instrumental: r.Instrumental,
		Licence: r.Licence, CreatedAt: r.CreatedAt, Stems: r.Stems,
	}, nil
}

// storedEvent is an entry of a history. Actor and request are segments, so
// that delete.lua can write one without escaping.
type storedEvent struct {
	Type     track.EventType `json:"type"`
	At       int64           `json:"at"` // microseconds since 1970
	Actor    segment         `json:"actor"`
	Amount   string          `json:"amount,omitempty"`
	Currency string          `json:"currency,omitempty"`
	Request  segment         `json:"request,omitempty"`
}

func encodeEvent(r *track.EventRecord) string {
	e := storedEvent{
		Type: r.Type, At: r.At.UnixMicro(), Actor: segmentOf(r.Actor), Amount: r.Amount, Currency: r.Currency,
	}
	if r.Request != "" {
		e.Request = segmentOf(r.Request)
	}
	text, err := json.Marshal(e)
	if err != nil {
		panic(err) // strings and numbers always marshal
	}
	return string(text)
}

func decodeEvent(text string) (track.Event, error) {
	d := decoder{what: "event " + text}
	var e storedEvent
	d.note(json.Unmarshal([]byte(text), &e))
	event := track.Event{
		Type: e.Type, At: time.UnixMicro(e.At).UTC(), Actor: decodeID[track.UserID](&d, string(e.Actor)),
		Amount: e.Amount, Currency: e.Currency,
	}
	if e.Request != "" {
		event.Request = decodeID[string](&d, string(e.Request))
	}
	return event, d.err
}

func formatTime(t time.Time) string { return strconv.FormatInt(t.UnixMicro(), 10) }

// decoder collects the first thing that is wrong with stored data.
type decoder struct {
	what string
	err  error
}

func (d *decoder) note(err error) {
	if err != nil && d.err == nil {
		d.err = fmt.Errorf("stored %s is damaged: %w", d.what, err)
	}
}

func (d *decoder) time(s string) time.Time {
	micros, err := strconv.ParseInt(s, 10, 64)
	d.note(err)
	return time.UnixMicro(micros).UTC()
}

func decodeID[T ~string](d *decoder, s string) T {
	id, err := idOf[T](segment(s))
	d.note(err)
	return id
}
