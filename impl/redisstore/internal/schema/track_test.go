package schema

import (
	"reflect"
	"testing"
	"time"

	"github.com/seed-5ec2a705/mtrack/impl/record"
	"github.com/seed-5ec2a705/mtrack/impl/track"
)

// TestTexts pins how tracks and events are stored: what is stored outlives the program.
func TestTexts(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 6, 28, 10, 30, 0, 123456000, time.UTC)
	for _, row := range []struct {
		what string
		r    record.Track
		want string
	}{
		{"the least", record.Track{Creator: "user_1", Mode: "creation", Engine: "studio", Licence: "unclear", CreatedAt: at},
			"*user_1 creation studio unclear 1782642600123456   "},
		{"an empty title", record.Track{Creator: "user_1", Mode: "focus", Engine: "studio", Licence: "unclear", CreatedAt: at, Title: new("")},
			"*user_1 focus studio unclear 1782642600123456    "},
		{"everything", record.Track{Creator: "user 1", Mode: "creation", Engine: "a,b !", Licence: "unclear", CreatedAt: at, Title: new("! Song  No. 1 "),
			Duration: new(192.25), Instrumental: true, Stems: []string{"drums", "a, b"}, DeletedAt: &at, DeletedBy: "req 1"},
			"!1782642600123456 req%201  user%201 creation a%2Cb%20%21 unclear 1782642600123456 192.25 1 drums,a%2C%20b ! Song  No. 1 "},
		{"deleted by nobody knows whom", record.Track{Creator: "user_1", Mode: "creation", Engine: "studio", Licence: "unclear", CreatedAt: at, DeletedAt: &at},
			"!1782642600123456   user_1 creation studio unclear 1782642600123456   "},
	} {
		text := NewTrack(&row.r).Text()
		if text != row.want {
			t.Errorf("%s: %q, want %q", row.what, text, row.want)
		}
		stored, err := ParseTrack("mtrack_1", text)
		if err != nil || stored.Text() != text || stored.IsDeleted() != (row.r.DeletedAt != nil) {
			t.Errorf("%s: read as %+v, %v", row.what, stored, err)
		}
		row.r.ID, row.r.Organization = "mtrack_1", "org_1"
		if back, err := DecodeRecord("org_1", "mtrack_1", stored); err != nil || !reflect.DeepEqual(*back, row.r) {
			t.Errorf("%s: became %+v, %v", row.what, back, err)
		}
	}
	// As delete.lua writes it.
	for mark, unsaved := range map[string]bool{"": false, UnsavedMark: true} {
		text := "!5 r1 user_2 " + mark + "user_1 creation studio unclear 4   "
		stored, err := ParseTrack("mtrack_1", text)
		if want := (Track{Creator: "user_1", Mode: "creation", Engine: "studio", Licence: "unclear", CreatedAt: "4", Unsaved: unsaved,
			DeletedAt: "5", DeletedBy: "r1", DeletedActor: "user_2"}); err != nil || stored != want || stored.Text() != text {
			t.Errorf("%q was read as %+v, %v", text, stored, err)
		}
	}
	for _, damaged := range []string{"", "x", "!", "!5 r1 user_1 ", "user_1 creation studio unclear 4  ", " creation studio unclear 4   ", "* creation studio unclear 4   ", "! r1 u user_1 creation studio unclear 4   "} {
		if stored, err := ParseTrack("mtrack_1", damaged); err == nil {
			t.Errorf("%q was read as %+v", damaged, stored)
		}
	}

	for _, row := range []struct {
		r    record.Event
		want string
	}{
		{record.Event{Type: track.EventCreated, At: at, Actor: "user_1"}, "track.created 1782642600123456 user_1"},
		{record.Event{Type: "a b", At: at, Actor: "user 1", Request: "req 1"}, "a%20b 1782642600123456 user%201 req%201"},
		{record.Event{Type: track.EventBilled, At: at, Actor: "user_1", Amount: "0.10", Currency: "CHF"}, "track.billed 1782642600123456 user_1  0.10 CHF"},
		{record.Event{Type: track.EventBilled, At: at, Actor: "user_1", Amount: "1", Currency: "CHF", Request: "r"}, "track.billed 1782642600123456 user_1 r 1 CHF"},
	} {
		text := EncodeEvent(&row.r)
		if text != row.want {
			t.Errorf("%q, want %q", text, row.want)
		}
		want := track.Event{Type: row.r.Type, At: at, Actor: row.r.Actor, Amount: row.r.Amount, Currency: row.r.Currency, Request: row.r.Request}
		if got, err := DecodeEvent(text); err != nil || got != want {
			t.Errorf("%q was read as %+v, %v", text, got, err)
		}
	}
	for _, damaged := range []string{"", "track.created", "track.created x user_1", "track.created 5", "track.billed 5 user_1 r 0.10", `{"type":"track.created"}`} {
		if e, err := DecodeEvent(damaged); err == nil {
			t.Errorf("%q was read as %+v", damaged, e)
		}
	}
}
