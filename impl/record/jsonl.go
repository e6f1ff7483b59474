package record

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/seed-5ec2a705/mtrack/openapi/strictjson"
)

// MaxLineBytes bounds a line of an import. The longest valid record is far
// below it.
const MaxLineBytes = 1 << 20

// LineError says which line of an import cannot be a record, and why.
type LineError struct {
	Line   int    // from 1
	Reason string // for the person who wrote the line
}

// Error implements error.
func (e *LineError) Error() string { return fmt.Sprintf("line %d: %s", e.Line, e.Reason) }

// Reader reads records, one JSON object a line. Empty lines are passed
// over. It is for one goroutine.
type Reader struct {
	source *bufio.Reader
	line   int
	bytes  int64
}

// NewReader returns a reader of r.
func NewReader(r io.Reader) *Reader {
	return &Reader{source: bufio.NewReaderSize(r, 64<<10)}
}

// Line returns the number of the last line that was read, from 1.
func (r *Reader) Line() int { return r.line }

// Bytes returns how many bytes were read.
func (r *Reader) Bytes() int64 { return r.bytes }

// Next returns the next record, and io.EOF after the last. A *[LineError]
// concerns one line only: the reader may be used on. A record is well-formed,
// but [Record.Validate] has not seen it.
func (r *Reader) Next() (Record, error) {
	for {
		line, tooLong, err := r.readLine()
		if err != nil {
			return Record{}, err
		}
		if tooLong {
			return Record{}, r.bad(fmt.Sprintf("is longer than %d bytes", MaxLineBytes))
		}
		if r.line == 1 {
			line = bytes.TrimPrefix(line, []byte("\ufeff"))
		}
		line = bytes.TrimSpace(line)
		if len(line) == 0 {
			continue
		}
		record, err := decodeLine(line)
		if err != nil {
			return Record{}, r.bad(err.Error())
		}
		return record, nil
	}
}

func (r *Reader) bad(reason string) error { return &LineError{Line: r.line, Reason: reason} }

// readLine returns the next line; of one that is too long it returns nothing
// and reads past it.
func (r *Reader) readLine() (line []byte, tooLong bool, err error) {
	for begun := false; ; begun = true {
		piece, err := r.source.ReadSlice('\n')
		r.bytes += int64(len(piece))
		if !begun && (err == nil || len(piece) > 0) {
			r.line++
		}
		if len(line)+len(piece) > MaxLineBytes {
			tooLong, line = true, nil
		}
		if !tooLong {
			line = append(line, piece...)
		}
		switch {
		case err == nil:
			return line, tooLong, nil
		case errors.Is(err, bufio.ErrBufferFull):
		case err == io.EOF && (begun || len(piece) > 0):
			return line, tooLong, nil // the last line needs no newline
		default:
			return nil, false, err
		}
	}
}

func decodeLine(line []byte) (Record, error) {
	if record, ok := readPlain(string(line)); ok {
		return record, nil
	}
	var record Record
	if err := strictjson.Unmarshal(line, &record, strictjson.Closed); err != nil {
		return Record{}, fmt.Errorf("is not a record: %w", err)
	}
	return record, nil
}

// Writer writes records as Reader reads them. It is for one
// goroutine. Writes are as small as a line: give it something buffered.
type Writer struct{ encoder *json.Encoder }

// NewWriter returns a writer to w.
func NewWriter(w io.Writer) *Writer {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false) // the lines are for people too
	return &Writer{encoder}
}

// Write writes one record as one line.
func (w *Writer) Write(r Record) error { return w.encoder.Encode(r) }
