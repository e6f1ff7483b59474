package schema

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/seed-5ec2a705/mtrack/impl/record"
	"github.com/seed-5ec2a705/mtrack/impl/track"
)

// FieldName is the field of the name in the hash of an organization or a user.
const FieldName = "name"

// The marks with which the text of a track begins. No encoded id holds them.
const (
	DeletedMark = "!" // it was deleted
	UnsavedMark = "*" // nobody has ever saved it
)

// Track is a track as its key holds it: a text of fields with a space between
// them, which costs Redis less memory, and a script less time, than a hash.
//
//	CREATOR MODE ENGINE LICENCE CREATED_AT DURATION INSTRUMENTAL STEMS [TITLE]
//
// Creator, mode and engine are encoded ids, as they appear in keys; times are
// microseconds since 1970; stems are encoded names with commas between. What is
// missing is empty, but for the title, which is left out with the space before
// it. It comes last as it is the only one that may hold spaces.
//
// Before the creator stands "*" as long as nobody has saved the track: whoever
// deletes it need not look for savers. Without it somebody may have. A deleted
// track begins with "!DELETED_AT DELETED_BY DELETED_ACTOR ", whatever follows.
type Track struct {
	Creator, Mode, Engine EncodedID
	Licence, CreatedAt    string
	Duration              string // in seconds
	Instrumental          string // "1" or empty
	Stems                 string
	Title                 string
	Titled                bool // it has a title, if only an empty one
	Unsaved               bool // nobody has ever saved it, as far as is known

	DeletedAt string
	DeletedBy EncodedID // the request
	// DeletedActor is who deleted the track, where the server did. It stands for the event,
	// which the history then need not hold (see DecodeHistory).
	DeletedActor EncodedID
}

// NewTrack returns a record as it is stored when it is new.
func NewTrack(r *record.Track) Track {
	t := Track{
		Creator: Encode(r.Creator), Mode: Encode(r.Mode), Engine: Encode(r.Engine),
		Licence: string(r.Licence), CreatedAt: FormatTime(r.CreatedAt), Unsaved: r.DeletedAt == nil,
	}
	if r.Title != nil {
		t.Title, t.Titled = *r.Title, true
	}
	if r.Duration != nil {
		t.Duration = strconv.FormatFloat(*r.Duration, 'g', -1, 64)
	}
	if r.Instrumental {
		t.Instrumental = "1"
	}
	if len(r.Stems) > 0 {
		stems := make([]string, len(r.Stems))
		for i, s := range r.Stems {
			stems[i] = string(Encode(s))
		}
		t.Stems = strings.Join(stems, ",")
	}
	if r.DeletedAt != nil {
		t.DeletedAt = FormatTime(*r.DeletedAt)
	}
	if r.DeletedBy != "" {
		t.DeletedBy = Encode(r.DeletedBy)
	}
	return t
}

// Text returns what the key of the track holds. Equal tracks have equal texts.
func (t Track) Text() string {
	var text string
	if t.DeletedAt != "" {
		text = DeletedMark + t.DeletedAt + " " + string(t.DeletedBy) + " " + string(t.DeletedActor) + " "
	}
	if t.Unsaved {
		text += UnsavedMark
	}
	text += string(t.Creator) + " " + string(t.Mode) + " " + string(t.Engine) + " " + t.Licence + " " +
		t.CreatedAt + " " + t.Duration + " " + t.Instrumental + " " + t.Stems
	if t.Titled {
		text += " " + t.Title
	}
	return text
}

// ParseTrack reads the text of the track with that id.
func ParseTrack(id EncodedID, text string) (Track, error) {
	var t Track
	short := false // of fields
	next := func() (field string) {
		var more bool
		field, text, more = strings.Cut(text, " ")
		short = short || !more
		return field
	}
	rest, deleted := strings.CutPrefix(text, DeletedMark)
	if deleted {
		text = rest
		t.DeletedAt, t.DeletedBy, t.DeletedActor = next(), EncodedID(next()), EncodedID(next())
	}
	text, t.Unsaved = strings.CutPrefix(text, UnsavedMark)
	t.Creator, t.Mode, t.Engine = EncodedID(next()), EncodedID(next()), EncodedID(next())
	t.Licence, t.CreatedAt, t.Duration, t.Instrumental = next(), next(), next(), next()
	t.Stems, t.Title, t.Titled = strings.Cut(text, " ")
	if short || t.Creator == "" || deleted && t.DeletedAt == "" {
		return Track{}, fmt.Errorf("stored track %s is damaged: it has too few fields", id)
	}
	return t, nil
}

// IsDeleted reports whether the track was deleted.
func (t Track) IsDeleted() bool { return t.DeletedAt != "" }

// DecodeRecord returns the record that a stored track stands for.
func DecodeRecord(organization track.OrganizationID, id EncodedID, t Track) (*record.Track, error) {
	d := Decoder{What: "track " + string(id)}
	r := &record.Track{
		ID:           DecodeID[track.ID](&d, string(id)),
		Organization: organization,
		Creator:      DecodeID[track.UserID](&d, string(t.Creator)),
		Engine:       DecodeID[string](&d, string(t.Engine)),
		Mode:         DecodeID[track.Mode](&d, string(t.Mode)),
		Licence:      track.LicenceClass(t.Licence),
		CreatedAt:    d.Time(t.CreatedAt),
		Instrumental: t.Instrumental == "1",
	}
	if t.Titled {
		r.Title = &t.Title
	}
	if t.Duration != "" {
		seconds, err := strconv.ParseFloat(t.Duration, 64)
		d.Note(err)
		r.Duration = &seconds
	}
	if t.Stems != "" {
		for stem := range strings.SplitSeq(t.Stems, ",") {
			r.Stems = append(r.Stems, DecodeID[string](&d, stem))
		}
	}
	if t.DeletedAt != "" {
		at := d.Time(t.DeletedAt)
		r.DeletedAt = &at
	}
	if t.DeletedBy != "" {
		r.DeletedBy = DecodeID[string](&d, string(t.DeletedBy))
	}
	return r, d.Err
}

// DecodeTrack reads the text of a track as a script returned it.
func DecodeTrack(organization track.OrganizationID, id EncodedID, value any) (track.Track, error) {
	text, ok := value.(string)
	if !ok {
		return track.Track{}, fmt.Errorf("track %s: unexpected value %T", id, value)
	}
	t, err := ParseTrack(id, text)
	if err != nil {
		return track.Track{}, err
	}
	r, err := DecodeRecord(organization, id, t)
	if err != nil {
		return track.Track{}, err
	}
	return track.Track{
		ID: r.ID, Organization: r.Organization, Creator: r.Creator, Title: r.Title,
		Engine: r.Engine, Mode: r.Mode, Duration: r.Duration, Instrumental: r.Instrumental,
		Licence: r.Licence, CreatedAt: r.CreatedAt, Stems: r.Stems,
	}, nil
}
