package schema

import (
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/seed-5ec2a705/mtrack/impl/record"
	"github.com/seed-5ec2a705/mtrack/impl/track"
)

// FieldName is the field of the name in the hash of an organization or a user.
const FieldName = "name"

// The fields of a track's hash. A field that would be empty is absent.
// Creator, engine and mode are encoded ids, as they appear in keys; times are
// microseconds since 1970; stems are a JSON array.
const (
	FieldCreator      = "creator"
	FieldTitle        = "title"
	FieldEngine       = "engine"
	FieldMode         = "mode"
	FieldDuration     = "duration"
	FieldInstrumental = "instrumental"
	FieldLicence      = "licence"
	FieldCreatedAt    = "created_at"
	FieldStems        = "stems"
	FieldDeletedAt    = "deleted_at"
	FieldDeletedBy    = "deleted_by"
	// FieldDeletedActor is who deleted the track, where the server did. It stands for the event,
	// which the history then need not hold (see DecodeHistory).
	FieldDeletedActor = "deleted_actor"
)

// TrackFields are the fields in the order in which get.lua and list.lua return
// them and DecodeTrack reads them.
var TrackFields = []any{
	FieldDeletedAt, FieldCreator, FieldTitle, FieldEngine, FieldMode, FieldDuration,
	FieldInstrumental, FieldLicence, FieldCreatedAt, FieldStems,
}

// EncodeTrack returns the fields of a track's hash, alternating with their
// values. Equal tracks have equal fields.
func EncodeTrack(r *record.Track) []string {
	fields := []string{
		FieldCreator, string(Encode(r.Creator)),
		FieldEngine, string(Encode(r.Engine)),
		FieldMode, string(Encode(r.Mode)),
		FieldLicence, string(r.Licence),
		FieldCreatedAt, FormatTime(r.CreatedAt),
	}
	if r.Title != nil {
		fields = append(fields, FieldTitle, *r.Title)
	}
	if r.Duration != nil {
		fields = append(fields, FieldDuration, strconv.FormatFloat(*r.Duration, 'g', -1, 64))
	}
	if r.Instrumental {
		fields = append(fields, FieldInstrumental, "1")
	}
	if len(r.Stems) > 0 {
		stems, err := json.Marshal(r.Stems)
		if err != nil {
			panic(err) // strings always marshal
		}
		fields = append(fields, FieldStems, string(stems))
	}
	if r.DeletedAt != nil {
		fields = append(fields, FieldDeletedAt, FormatTime(*r.DeletedAt))
	}
	if r.DeletedBy != "" {
		fields = append(fields, FieldDeletedBy, string(Encode(r.DeletedBy)))
	}
	return fields
}

// DecodeRecord reads the fields of a track's hash.
func DecodeRecord(organization track.OrganizationID, t EncodedID, fields map[string]string) (*record.Track, error) {
	d := Decoder{What: "track " + string(t)}
	r := &record.Track{
		ID:           DecodeID[track.ID](&d, string(t)),
		Organization: organization,
		Creator:      DecodeID[track.UserID](&d, fields[FieldCreator]),
		Engine:       DecodeID[string](&d, fields[FieldEngine]),
		Mode:         DecodeID[track.Mode](&d, fields[FieldMode]),
		Licence:      track.LicenceClass(fields[FieldLicence]),
		CreatedAt:    d.Time(fields[FieldCreatedAt]),
		Instrumental: fields[FieldInstrumental] == "1",
	}
	if title, ok := fields[FieldTitle]; ok {
		r.Title = &title
	}
	if s, ok := fields[FieldDuration]; ok {
		seconds, err := strconv.ParseFloat(s, 64)
		d.Note(err)
		r.Duration = &seconds
	}
	if s, ok := fields[FieldStems]; ok {
		d.Note(json.Unmarshal([]byte(s), &r.Stems))
	}
	if s, ok := fields[FieldDeletedAt]; ok {
		at := d.Time(s)
		r.DeletedAt = &at
	}
	if s, ok := fields[FieldDeletedBy]; ok {
		r.DeletedBy = DecodeID[string](&d, s)
	}
	return r, d.Err
}

// DecodeTrack reads the values of TrackFields as a script returned them.
func DecodeTrack(organization track.OrganizationID, t EncodedID, values any) (track.Track, error) {
	list, ok := values.([]any)
	if !ok || len(list) != len(TrackFields) {
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
		fields[TrackFields[i].(string)] = s
	}
	r, err := DecodeRecord(organization, t, fields)
	if err != nil {
		return track.Track{}, err
	}
	return track.Track{
		ID: r.ID, Organization: r.Organization, Creator: r.Creator, Title: r.Title,
		Engine: r.Engine, Mode: r.Mode, Duration: r.Duration, Instrumental: r.Instrumental,
		Licence: r.Licence, CreatedAt: r.CreatedAt, Stems: r.Stems,
	}, nil
}
