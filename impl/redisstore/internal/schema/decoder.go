package schema

import (
	"fmt"
	"strconv"
	"time"
)

// FormatTime returns a time as it is stored, in microseconds since 1970.
func FormatTime(t time.Time) string { return strconv.FormatInt(t.UnixMicro(), 10) }

// FormatOptionalTime returns a time that may be missing as it is stored.
func FormatOptionalTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return FormatTime(t)
}

// Decoder collects the first thing that is wrong with stored data.
type Decoder struct {
	What string // is being read
	Err  error
}

// Note keeps an error, if it is the first.
func (d *Decoder) Note(err error) {
	if err != nil && d.Err == nil {
		d.Err = fmt.Errorf("stored %s is damaged: %w", d.What, err)
	}
}

// Time reads what [FormatTime] wrote.
func (d *Decoder) Time(s string) time.Time {
	micros, err := strconv.ParseInt(s, 10, 64)
	d.Note(err)
	return time.UnixMicro(micros).UTC()
}

// OptionalTime reads what [FormatOptionalTime] wrote.
func (d *Decoder) OptionalTime(s string) time.Time {
	if s == "" {
		return time.Time{}
	}
	return d.Time(s)
}

// DecodeID reads an encoded id.
func DecodeID[T ~string](d *Decoder, s string) T {
	id, err := Decode[T](EncodedID(s))
	d.Note(err)
	return id
}
