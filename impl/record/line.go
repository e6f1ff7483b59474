package record

import (
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/seed-5ec2a705/mtrack/impl/track"
)

// lineReader reads the lines that nearly all lines of an import are: a track, a
// save or an event, as Writer writes it, each name once, no text with an escape,
// times in UTC. For any other line it says that it cannot, and package
// strictjson decides, which takes six times as long: what is read here is what
// that would have read, and only that says what is wrong with a line.
type lineReader struct {
	text string
	at   int
	wide bool // a text held more than ASCII
}

// readPlain returns the record of a line, and false where it is for strictjson.
func readPlain(line string) (Record, bool) {
	r := lineReader{text: line}
	var record Record
	ok := r.object(func(name string) (place int, ok bool) {
		switch name {
		case "track":
			record.Track = new(Track)
			return 0, r.track(record.Track)
		case "save":
			record.Save = new(Save)
			return 0, r.save(record.Save)
		case "event":
			record.Event = new(Event)
			return 0, r.event(record.Event)
		}
		return 0, false
	})
	r.space()
	if !ok || r.at != len(line) || r.wide && !utf8.ValidString(line) {
		return Record{}, false
	}
	return record, true
}

func (r *lineReader) track(t *Track) bool {
	return r.object(func(name string) (int, bool) {
		switch name {
		case "id":
			return 0, readText(r, &t.ID)
		case "organization_id":
			return 1, readText(r, &t.Organization)
		case "creator":
			return 2, readText(r, &t.Creator)
		case "title":
			t.Title = new(string)
			return 3, readText(r, t.Title)
		case "engine":
			return 4, readText(r, &t.Engine)
		case "mode":
			return 5, readText(r, &t.Mode)
		case "measured_duration_seconds":
			t.Duration = new(float64)
			return 6, r.number(t.Duration)
		case "instrumental":
			t.Instrumental = true
			return 7, r.word("true")
		case "licence_class":
			return 8, readText(r, &t.Licence)
		case "created_at":
			return 9, r.time(&t.CreatedAt)
		case "stems":
			return 10, r.texts(&t.Stems)
		case "deleted_at":
			t.DeletedAt = new(time.Time)
			return 11, r.time(t.DeletedAt)
		case "deleted_by_request":
			return 12, readText(r, &t.DeletedBy)
		}
		return 0, false
	})
}

func (r *lineReader) save(s *Save) bool {
	return r.object(func(name string) (int, bool) {
		switch name {
		case "user":
			return 0, readText(r, &s.User)
		case "organization_id":
			return 1, readText(r, &s.Organization)
		case "track_id":
			return 2, readText(r, &s.Track)
		case "saved_at":
			return 3, r.time(&s.SavedAt)
		}
		return 0, false
	})
}

func (r *lineReader) event(e *Event) bool {
	return r.object(func(name string) (int, bool) {
		switch name {
		case "organization_id":
			return 0, readText(r, &e.Organization)
		case "track_id":
			return 1, readText(r, &e.Track)
		case "seq":
			return 2, r.count(&e.Seq)
		case "type":
			return 3, readText[track.EventType](r, &e.Type)
		case "at":
			return 4, r.time(&e.At)
		case "actor":
			return 5, readText(r, &e.Actor)
		case "amount":
			return 6, readText(r, &e.Amount)
		case "currency":
			return 7, readText(r, &e.Currency)
		case "request":
			return 8, readText(r, &e.Request)
		}
		return 0, false
	})
}

// space skips white space.
func (r *lineReader) space() {
	for r.at < len(r.text) && (r.text[r.at] == ' ' || r.text[r.at] == '\t' || r.text[r.at] == '\r' || r.text[r.at] == '\n') {
		r.at++
	}
}

// next skips white space and then c, and reports whether there was one.
func (r *lineReader) next(c byte) bool {
	r.space()
	if r.at == len(r.text) || r.text[r.at] != c {
		return false
	}
	r.at++
	return true
}

// word skips a literal.
func (r *lineReader) word(literal string) bool {
	r.space()
	if len(r.text)-r.at < len(literal) || r.text[r.at:r.at+len(literal)] != literal {
		return false
	}
	r.at += len(literal)
	return true
}

// object reads an object that is not empty. Value reads the value of a name and
// returns the place of that name among all; each may occur once.
func (r *lineReader) object(value func(name string) (place int, ok bool)) bool {
	if !r.next('{') {
		return false
	}
	var seen uint32
	for {
		name, ok := r.quoted()
		if !ok || !r.next(':') {
			return false
		}
		place, ok := value(name)
		if !ok || seen&(1<<place) != 0 {
			return false
		}
		seen |= 1 << place
		if r.next('}') {
			return true
		}
		if !r.next(',') {
			return false
		}
	}
}

// quoted reads a text without escapes.
func (r *lineReader) quoted() (string, bool) {
	if !r.next('"') {
		return "", false
	}
	for begin := r.at; r.at < len(r.text); r.at++ {
		switch c := r.text[r.at]; {
		case c == '"':
			r.at++
			return r.text[begin : r.at-1], true
		case c == '\\' || c < ' ':
			return "", false
		case c >= utf8.RuneSelf:
			r.wide = true
		}
	}
	return "", false
}

func readText[T ~string](r *lineReader, to *T) bool {
	text, ok := r.quoted()
	*to = T(text)
	return ok
}

// texts reads a list of texts that is not empty.
func (r *lineReader) texts(to *[]string) bool {
	if !r.next('[') {
		return false
	}
	for {
		text, ok := r.quoted()
		if !ok {
			return false
		}
		*to = append(*to, text)
		if r.next(']') {
			return true
		}
		if !r.next(',') {
			return false
		}
	}
}

// digits skips digits and returns them.
func (r *lineReader) digits() string {
	begin := r.at
	for r.at < len(r.text) && '0' <= r.text[r.at] && r.text[r.at] <= '9' {
		r.at++
	}
	return r.text[begin:r.at]
}

// count reads a number from 1 up.
func (r *lineReader) count(to *int) bool {
	r.space()
	digits := r.digits()
	if digits == "" || len(digits) > 9 || digits[0] == '0' || !r.ends() {
		return false
	}
	*to, _ = strconv.Atoi(digits)
	return true
}

// number reads a number without sign and exponent.
func (r *lineReader) number(to *float64) bool {
	r.space()
	begin := r.at
	whole := r.digits()
	if whole == "" || len(whole) > 1 && whole[0] == '0' {
		return false
	}
	if r.at < len(r.text) && r.text[r.at] == '.' {
		if r.at++; r.digits() == "" {
			return false
		}
	}
	var err error
	*to, err = strconv.ParseFloat(r.text[begin:r.at], 64)
	return err == nil && r.ends()
}

// ends reports whether a value may end here.
func (r *lineReader) ends() bool {
	if r.at == len(r.text) {
		return false
	}
	switch r.text[r.at] {
	case ',', '}', ' ':
		return true
	}
	return false
}

// time reads a time of the form 2026-06-28T10:30:00Z, or with a fraction.
func (r *lineReader) time(to *time.Time) bool {
	text, ok := r.quoted()
	if !ok || len(text) < len("2026-06-28T10:30:00Z") || len(text) > len("2026-06-28T10:30:00.123456789Z") || text[4] != '-' || text[7] != '-' ||
		text[10] != 'T' || text[13] != ':' || text[16] != ':' || text[len(text)-1] != 'Z' {
		return false
	}
	good := true
	part := func(from, to int) int {
		n := 0
		for _, c := range []byte(text[from:to]) {
			good = good && '0' <= c && c <= '9'
			n = 10*n + int(c-'0')
		}
		return n
	}
	year, month, day := part(0, 4), part(5, 7), part(8, 10)
	hour, minute, second := part(11, 13), part(14, 16), part(17, 19)
	nanosecond := 0
	if fraction := len(text) - len("2026-06-28T10:30:00.Z"); fraction >= 0 {
		good = good && text[19] == '.' && fraction > 0
		nanosecond = part(20, 20+fraction)
		for ; fraction < 9; fraction++ {
			nanosecond *= 10
		}
	}
	if !good || hour > 23 || minute > 59 || second > 59 || month < 1 || month > 12 || day < 1 || day > 28 && day > daysIn(year, month) {
		return false
	}
	*to = time.Date(year, time.Month(month), day, hour, minute, second, nanosecond, time.UTC)
	return true
}

func daysIn(year, month int) int {
	return time.Date(year, time.Month(month)+1, 0, 0, 0, 0, 0, time.UTC).Day()
}
