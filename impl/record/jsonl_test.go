package record_test

import (
	"bytes"
	"errors"
	"io"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"
	"time"
	"unicode/utf8"

	"github.com/seed-5ec2a705/mtrack/impl/record"
	"github.com/seed-5ec2a705/mtrack/impl/track"
)

const goodLine = `{"organization":{"id":"org_1","name":"One"}}`

// readAll returns the names of the organizations that were read, and the
// errors, in order.
func readAll(t *testing.T, source io.Reader) []string {
	t.Helper()
	reader := record.NewReader(source)
	var got []string
	for {
		r, err := reader.Next()
		switch bad, ok := errors.AsType[*record.LineError](err); {
		case err == io.EOF:
			return got
		case ok:
			got = append(got, bad.Error())
		case err != nil:
			return append(got, err.Error())
		default:
			got = append(got, string(r.Organization.ID))
		}
	}
}

func TestReader(t *testing.T) {
	t.Parallel()
	long := `{"organization":{"id":"org_1","name":"` + strings.Repeat("x", record.MaxLineBytes) + `"}}`
	for _, row := range []struct {
		what, text string
		want       []string
	}{
		{"nothing", "", nil},
		{"empty lines", "\n \r\n\t\n", nil},
		{"one line", goodLine + "\n", []string{"org_1"}},
		{"no newline at the end", goodLine, []string{"org_1"}},
		{"byte order mark, CRLF", "\ufeff" + goodLine + "\r\n" + goodLine + "\r\n", []string{"org_1", "org_1"}},
		{"bad between good", goodLine + "\n\n{]\n" + goodLine, []string{"org_1", "line 3: is not a record: not JSON: invalid character ']' at offset 1", "org_1"}},
		{"cut off", `{"organization":{"id"`, []string{"line 1: is not a record: an incomplete document"}},
		{"two objects", goodLine + goodLine, []string{`line 1: is not a record: more behind the document, at offset 44: ` + strconv.Quote(goodLine)}},
		{"garbage behind", goodLine + " x", []string{`line 1: is not a record: more behind the document, at offset 44: "x"`}},
		{"unknown field", `{"organization":{"id":"o","nmae":"x"}}`, []string{`line 1: is not a record: unknown field "organization.nmae"`}},
		{"wrong type", `{"track":{"id":7}}`, []string{"line 1: is not a record: track.id is a number, and has to be a string"}},
		{"no object", `[]`, []string{"line 1: is not a record: the document is an array, and has to be an object"}},
		{"invalid UTF-8", "{\"organization\":{\"id\":\"\xff\"}}", []string{"line 1: is not a record: bytes that are not UTF-8 at offset 23"}},
		{"too long, then good", long + "\n" + goodLine, []string{"line 1: is longer than 1048576 bytes", "org_1"}},
		{"too long at the end", goodLine + "\n" + long, []string{"org_1", "line 2: is longer than 1048576 bytes"}},
		{"bad time", `{"track":{"created_at":"yesterday"}}`, []string{`line 1: is not a record: track.created_at is "yesterday", and not a time such as "2026-06-28T10:30:00Z" (RFC 3339)`}},
		{"time as a number", `{"track":{"created_at":1709251199000}}`, []string{`line 1: is not a record: track.created_at is 1709251199000, and not a time such as "2026-06-28T10:30:00Z" (RFC 3339)`}},
		{"time with a comma", `{"track":{"created_at":"2024-02-29T23:59:59,5Z"}}`, []string{`line 1: is not a record: track.created_at is "2024-02-29T23:59:59,5Z", and not a time such as "2026-06-28T10:30:00Z" (RFC 3339)`}},
		{"field in other case", `{"user":{"id":"alice","member_of":["org_a"],"ID":"mallory"}}`, []string{`line 1: is not a record: unknown field "user.ID": it is spelt "id"`}},
		{"record in other case", `{"Track":{"id":"mtrack_1"}}`, []string{`line 1: is not a record: unknown field "Track": it is spelt "track"`}},
		{"Kelvin sign", "{\"user\":{\"id\":\"carol\",\"\u212aeys\":[]}}", []string{"line 1: is not a record: unknown field \"user.\u212aeys\": it is spelt \"keys\""}},
		{"field twice", `{"track":{"id":"mtrack_dk","id":"mtrack_dk2"}}`, []string{`line 1: is not a record: the name "track.id" twice in one object`}},
		{"record twice", `{"track":{"id":"mtrack_dk"},"track":{"id":"mtrack_dk2"}}`, []string{`line 1: is not a record: the name "track" twice in one object`}},
		{"half a character", `{"organization":{"id":"org_\ud800"}}`, []string{`line 1: is not a record: half of a surrogate pair in organization.id at offset 21`}},
		{"halves in the wrong order", `{"user":{"keys":[{"label":"\udfff\ud800"}]}}`, []string{`line 1: is not a record: half of a surrogate pair in user.keys[0].label at offset 25`}},
		{"a whole pair", `{"organization":{"id":"org_\ud83d\ude00"}}`, []string{"org_😀"}},
	} {
		if got := readAll(t, strings.NewReader(row.text)); !reflect.DeepEqual(got, row.want) {
			t.Errorf("%s: got %.200q, want %q", row.what, got, row.want)
		}
		if got := readAll(t, iotest.HalfReader(strings.NewReader(row.text))); !reflect.DeepEqual(got, row.want) {
			t.Errorf("%s, in pieces: got %.200q, want %q", row.what, got, row.want)
		}
	}
}

func TestReaderFails(t *testing.T) {
	t.Parallel()
	broken := io.MultiReader(strings.NewReader(goodLine+"\n{\"org"), iotest.ErrReader(io.ErrClosedPipe))
	if got := readAll(t, broken); !reflect.DeepEqual(got, []string{"org_1", io.ErrClosedPipe.Error()}) {
		t.Errorf("got %q", got)
	}
	reader := record.NewReader(strings.NewReader("\n" + goodLine + "\n"))
	if _, err := reader.Next(); err != nil || reader.Line() != 2 || reader.Bytes() != int64(len(goodLine)+2) {
		t.Errorf("line %d, %d bytes, %v", reader.Line(), reader.Bytes(), err)
	}
}

// FuzzReader: whatever the file, every line is either a record that is
// written and read back as the same, or told of with its number.
func FuzzReader(f *testing.F) {
	at := time.Date(2026, 1, 2, 3, 4, 5, 6000, time.UTC)
	var all bytes.Buffer
	w := record.NewWriter(&all)
	for _, r := range []record.Record{
		{Organization: &record.Organization{ID: "o"}},
		{User: &record.User{ID: "u", MemberOf: []track.OrganizationID{"o"}, Keys: []record.Key{{Secret: "<&>", RevokedAt: &at}}}},
		{Track: &record.Track{ID: "mtrack_1", Title: new("ü"), Duration: new(1.5), CreatedAt: at, Stems: []string{"a"}, DeletedAt: &at}},
		{Save: &record.Save{User: "u", SavedAt: at}},
		{Event: &record.Event{Seq: 1, Type: track.EventBilled, Amount: "0.10"}},
	} {
		if err := w.Write(r); err != nil {
			f.Fatal(err)
		}
	}
	f.Add(all.Bytes())
	f.Add([]byte(goodLine + "\n{}\nnull\n[]\n\"\"\n" + goodLine))
	f.Add([]byte("\ufeff\n{\"track\":{\"id\":7}}\r\n\xff"))
	f.Fuzz(func(t *testing.T, text []byte) {
		reader := record.NewReader(bytes.NewReader(text))
		for last := 0; ; {
			r, err := reader.Next()
			if err == io.EOF {
				break
			}
			if reader.Line() <= last {
				t.Fatalf("line %d after line %d", reader.Line(), last)
			}
			last = reader.Line()
			if bad, ok := errors.AsType[*record.LineError](err); ok {
				if bad.Line != last || bad.Reason == "" || !utf8.ValidString(bad.Reason) {
					t.Fatalf("error %+v at line %d", bad, last)
				}
				continue
			}
			if err != nil {
				t.Fatal(err)
			}
			if r.Validate() != nil {
				continue
			}
			var line bytes.Buffer
			if err := record.NewWriter(&line).Write(r); err != nil {
				t.Fatalf("a valid record cannot be written: %v", err)
			}
			again, err := record.NewReader(bytes.NewReader(line.Bytes())).Next()
			if err != nil {
				t.Fatalf("%s cannot be read back: %v", line.Bytes(), err)
			}
			var second bytes.Buffer
			if err := record.NewWriter(&second).Write(again); err != nil || second.String() != line.String() {
				t.Fatalf("%s was read back as %s, %v", line.Bytes(), second.Bytes(), err)
			}
		}
		if reader.Line() > bytes.Count(text, []byte("\n"))+1 || reader.Bytes() != int64(len(text)) {
			t.Fatalf("%d lines and %d bytes of %d", reader.Line(), reader.Bytes(), len(text))
		}
	})
}
