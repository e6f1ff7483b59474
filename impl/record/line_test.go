package record

import (
	"bytes"
	"reflect"
	"testing"
	"time"

	"github.com/seed-5ec2a705/mtrack/openapi/strictjson"
)

// lines are some that are read without strictjson, and some that are not.
var lines = map[string]bool{
	`{"track":{"id":"mtrack_1","organization_id":"org_1","creator":"user_1","title":"Song – 1","engine":"studio","mode":"creation",` +
		`"measured_duration_seconds":192.25,"instrumental":true,"licence_class":"unclear","created_at":"2024-02-29T10:30:00.5Z","stems":["a","b"],` +
		`"deleted_at":"2026-06-28T10:30:00Z","deleted_by_request":"req_1"}}`: true,
	` { "save" : { "user" : "u" , "organization_id":"o", "track_id":"t", "saved_at":"2026-06-28T23:59:59.123456789Z" } } `:                                                true,
	`{"event":{"organization_id":"o","track_id":"t","seq":12,"type":"track.billed","at":"0001-01-01T00:00:00Z","actor":"u","amount":"1","currency":"CHF","request":"r"}}`: true,
	`{"track":{"measured_duration_seconds":0}}`:            true,
	`{"track":{"measured_duration_seconds":-0.5}}`:         false,
	`{"track":{"measured_duration_seconds":1e3}}`:          false,
	`{"track":{"measured_duration_seconds":01}}`:           false,
	`{"track":{"measured_duration_seconds":1.}}`:           false,
	`{"track":{"measured_duration_seconds":1x}}`:           false,
	`{"track":{"title":null}}`:                             false,
	`{"track":{"title":"\u00e4"}}`:                         false,
	"{\"track\":{\"title\":\"\xff\"}}":                     false,
	"{\"track\":{\"title\":\"a\tb\"}}":                     false,
	`{"track":{"id":"a","id":"a"}}`:                        false,
	`{"track":{"ID":"a"}}`:                                 false,
	`{"track":{"instrumental":false}}`:                     false,
	`{"track":{"instrumental":truex}}`:                     false,
	`{"track":{"stems":[]}}`:                               false,
	`{"track":{"stems":["a",]}}`:                           false,
	`{"track":{"id":"a",}}`:                                false,
	`{"track":{}}`:                                         false,
	`{"track":{"id":"a"}}x`:                                false,
	`{"track":{"id":"a"}`:                                  false,
	`{"track":{"id":"a"},"save":{"user":"u"}}`:             false,
	`{"track":{"created_at":"2023-02-29T10:30:00Z"}}`:      false,
	`{"track":{"created_at":"2023-02-28T24:00:00Z"}}`:      false,
	`{"track":{"created_at":"2023-02-28T10:30:60Z"}}`:      false,
	`{"track":{"created_at":"2023-13-28T10:30:00Z"}}`:      false,
	`{"track":{"created_at":"2023-02-00T10:30:00Z"}}`:      false,
	`{"track":{"created_at":"2023-02-28T10:30:00.Z"}}`:     false,
	`{"track":{"created_at":"2023-02-28T10:30:00,5Z"}}`:    false,
	`{"track":{"created_at":"2023-02-28T10:30:00+01:00"}}`: false,
	`{"track":{"created_at":"2023-02-28t10:30:00Z"}}`:      false,
	`{"event":{"seq":0}}`:                                  false,
	`{"event":{"seq":1.0}}`:                                false,
	`{"event":{"seq":9999999999}}`:                         false,
	`{"user":{"id":"u"}}`:                                  false,
	`[]`:                                                   false,
	``:                                                     false,
}

func TestReadPlain(t *testing.T) {
	t.Parallel()
	for line, plain := range lines {
		if got, ok := readPlain(line); ok != plain {
			t.Errorf("%s: read without strictjson: %v, as %+v", line, ok, got)
		}
		agree(t, line)
	}
	// What Writer writes is read quickly.
	var written bytes.Buffer
	at := time.Date(2026, 6, 28, 10, 30, 0, 123456000, time.UTC)
	record := Record{Track: &Track{ID: "mtrack_1", Title: new("Zoë & <Söhne>"), Duration: new(0.25), Instrumental: true, CreatedAt: at, DeletedAt: &at, Stems: []string{"a"}}}
	if err := NewWriter(&written).Write(record); err != nil {
		t.Fatal(err)
	}
	if got, ok := readPlain(written.String()); !ok || !reflect.DeepEqual(got, record) {
		t.Errorf("%s was read as %+v, %v", written.String(), got, ok)
	}
}

// agree fails where a line is read otherwise than by strictjson.
func agree(t *testing.T, line string) {
	t.Helper()
	got, ok := readPlain(line)
	if !ok {
		return
	}
	var want Record
	if err := strictjson.Unmarshal([]byte(line), &want, strictjson.Closed); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%q was read as %+v; strictjson says %+v, %v", line, got, want, err)
	}
}

func FuzzReadPlain(f *testing.F) {
	for line := range lines {
		f.Add(line)
	}
	f.Fuzz(agree)
}

func BenchmarkReader(b *testing.B) {
	line := []byte(`{"event":{"organization_id":"org_1","track_id":"mtrack_1","seq":1,"type":"track.created","at":"2026-06-28T10:30:00Z","actor":"user_1"}}`)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := decodeLine(line); err != nil {
			b.Fatal(err)
		}
	}
}
