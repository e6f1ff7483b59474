package wire

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"strconv"
	"strings"
	"time"

	"github.com/seed-5ec2a705/mtrack/conformance/internal/excerpt"
)

const (
	// MaxBody is the largest body that is read, in bytes. No correct response comes near it.
	MaxBody = 8 << 20
	// maxHead is the largest status line and header together, in bytes.
	maxHead = 256 << 10
	// usualFields is how many fields most headers have at most.
	usualFields = 8
	// smallBody is the largest body for which memory is taken before it is read.
	smallBody = 64 << 10
	// maxInterim is how many 1xx responses may precede the final one.
	maxInterim = 20
)

// Malformed is the error for bytes that are not an HTTP response, or not one that can be read to
// its end. It is the target's fault.
type Malformed struct {
	Expected, Actual string
}

func (m *Malformed) Error() string { return m.Actual }

// ReadResponse reads the response to r into e: status, header, body. It sets what it has read also
// when it returns an error, which is a [*Malformed] or an error of the connection.
func ReadResponse(b *bufio.Reader, r Request, e *Exchange) error {
	for range maxInterim {
		if err := readHead(b, e); err != nil {
			return err
		}
		if e.Status < 100 || e.Status > 199 || e.Status == http.StatusSwitchingProtocols {
			return readBody(b, r, e)
		}
	}
	return &Malformed{"a response", fmt.Sprintf("%d interim responses and no final one", maxInterim)}
}

// readHead reads a status line and a header.
func readHead(b *bufio.Reader, e *Exchange) error {
	if _, err := b.Peek(1); err != nil {
		return err
	}
	e.TimeToFirstByte = time.Since(e.Start)
	budget := maxHead
	line, err := readLine(b, &budget)
	brokeOff := errors.Is(err, io.ErrUnexpectedEOF)
	if err != nil && !(brokeOff && !strings.HasPrefix("HTTP/", line[:min(len(line), 5)])) {
		return err
	}
	// A line that broke off and does not begin like HTTP is another protocol: parseStatusLine says
	// so.
	if err := parseStatusLine(line, e); err != nil {
		return err
	}
	e.Fields, e.Header = make([]HeaderField, 0, usualFields), make(http.Header, usualFields)
	for {
		line, err := readLine(b, &budget)
		if err != nil {
			return err
		}
		if line == "" {
			return nil
		}
		name, value, ok := strings.Cut(line, ":")
		if !ok || name == "" || strings.ContainsAny(name, " \t") {
			return &Malformed{`header lines of the form "Name: value"`, fmt.Sprintf("%q", excerpt.Of(line, 100))}
		}
		field := HeaderField{name, strings.Trim(value, " \t")}
		e.Fields = append(e.Fields, field)
		e.Header.Add(field.Name, field.Value)
	}
}

// parseStatusLine parses "HTTP/1.1 200 OK". The reason phrase, and the space before it, may be
// missing.
func parseStatusLine(line string, e *Exchange) error {
	proto, rest, _ := strings.Cut(line, " ")
	code, reason, _ := strings.Cut(rest, " ")
	status, err := strconv.Atoi(code)
	if !strings.HasPrefix(proto, "HTTP/1.") || len(code) != 3 || err != nil || status < 100 {
		return &Malformed{"an HTTP/1 response", fmt.Sprintf("%q", excerpt.Of(line, 100))}
	}
	e.Proto, e.Status, e.Reason = proto, status, reason
	return nil
}

// readLine reads a line, returns it without its end, and subtracts its length from budget. A line
// that breaks off is returned with io.ErrUnexpectedEOF.
func readLine(b *bufio.Reader, budget *int) (string, error) {
	var line []byte
	for {
		part, err := b.ReadSlice('\n')
		if *budget -= len(part); *budget < 0 {
			return "", &Malformed{fmt.Sprintf("a header of at most %d KiB", maxHead>>10), "a longer one"}
		}
		if err == nil && line == nil {
			line = part // the usual case, without a copy
		} else {
			line = append(line, part...)
		}
		switch {
		case err == nil:
			line = bytes.TrimSuffix(bytes.TrimSuffix(line, []byte("\n")), []byte("\r"))
			return string(line), nil
		case errors.Is(err, bufio.ErrBufferFull):
		case errors.Is(err, io.EOF):
			return string(line), io.ErrUnexpectedEOF
		default:
			return "", err
		}
	}
}

// readBody reads the body by the rules of RFC 9112, section 6.3, and decodes it.
func readBody(b *bufio.Reader, r Request, e *Exchange) error {
	e.Closed = closes(e)
	if bodyless(r, e.Status) || e.Status < 200 {
		return nil
	}
	limited := func(in io.Reader) ([]byte, error) {
		body, err := io.ReadAll(io.LimitReader(in, MaxBody+1))
		if len(body) > MaxBody {
			return body[:MaxBody], &Malformed{fmt.Sprintf("a body of at most %d MiB", MaxBody>>20), "a longer one"}
		}
		return body, err
	}
	var err error
	switch coding := strings.ToLower(strings.Join(e.Header.Values("Transfer-Encoding"), ",")); {
	case coding == "chunked":
		e.Body, err = limited(httputil.NewChunkedReader(b))
		if err == nil {
			err = skipTrailer(b)
		}
		if err != nil && !isMalformed(err) && !IsConnectionError(err) {
			err = &Malformed{"a well-formed chunked body", err.Error()}
		}
	case coding != "":
		return &Malformed{"no transfer coding but chunked", fmt.Sprintf("Transfer-Encoding: %s", coding)}
	case len(e.Header.Values("Content-Length")) > 0:
		var length int64
		if length, err = contentLength(e.Header.Values("Content-Length")); err != nil {
			return err
		}
		if length <= smallBody {
			e.Body = make([]byte, length)
			var n int
			n, err = io.ReadFull(b, e.Body)
			e.Body = e.Body[:n]
			if errors.Is(err, io.EOF) {
				err = io.ErrUnexpectedEOF
			}
			break
		}
		e.Body, err = limited(io.LimitReader(b, length))
		if err == nil && int64(len(e.Body)) < length {
			err = io.ErrUnexpectedEOF
		}
	default:
		e.Closed = true
		e.Body, err = limited(b)
	}
	if err != nil {
		return err
	}
	return decodeContent(e)
}

// contentLength parses Content-Length, which may be repeated with the same value.
func contentLength(values []string) (int64, error) {
	for _, v := range values[1:] {
		if v != values[0] {
			return 0, &Malformed{"one Content-Length", fmt.Sprintf("%q", values)}
		}
	}
	n, err := strconv.ParseUint(values[0], 10, 63)
	if err != nil {
		return 0, &Malformed{"a number as Content-Length", fmt.Sprintf("%q", values[0])}
	}
	return int64(n), nil
}

// skipTrailer reads what follows the last chunk.
func skipTrailer(b *bufio.Reader) error {
	for budget := maxHead; ; {
		line, err := readLine(b, &budget)
		if err != nil || line == "" {
			return err
		}
	}
}

// closes reports whether the connection ends with the response, by its header.
func closes(e *Exchange) bool {
	connection := strings.ToLower(strings.Join(e.Header.Values("Connection"), ","))
	if e.Proto == "HTTP/1.0" {
		return !strings.Contains(connection, "keep-alive")
	}
	return strings.Contains(connection, "close")
}

// decodeContent decodes gzip and deflate.
func decodeContent(e *Exchange) error {
	if len(e.Body) == 0 {
		return nil
	}
	var in io.Reader
	var err error
	coding := strings.ToLower(strings.Join(e.Header.Values("Content-Encoding"), ","))
	switch coding {
	case "", "identity":
		return nil
	case "gzip", "x-gzip":
		in, err = gzip.NewReader(bytes.NewReader(e.Body))
	case "deflate":
		in, err = zlib.NewReader(bytes.NewReader(e.Body))
	default:
		return &Malformed{"a content coding that was offered", fmt.Sprintf("Content-Encoding: %s", coding)}
	}
	var decoded []byte
	if err == nil {
		decoded, err = io.ReadAll(io.LimitReader(in, MaxBody+1))
	}
	switch {
	case err != nil:
		return &Malformed{"a body in the coding " + coding, err.Error()}
	case len(decoded) > MaxBody:
		return &Malformed{fmt.Sprintf("a body of at most %d MiB", MaxBody>>20), "a longer one behind " + coding}
	}
	e.Body = decoded
	return nil
}

func isMalformed(err error) bool {
	var m *Malformed
	return errors.As(err, &m)
}

// bodyless reports whether the response to r has no body, whatever its header says.
func bodyless(r Request, status int) bool {
	return r.Method == http.MethodHead || status == http.StatusNoContent || status == http.StatusNotModified
}

// trailingWait is how long [TrailingBytes] waits for a body that must not come. It costs nothing
// with targets that close the connection at once.
const trailingWait = 100 * time.Millisecond

// TrailingBytes returns a [*Malformed] if bytes follow the response on a connection that carries
// only this one: a body where there must be none, or one that is longer than its header says.
func TrailingBytes(conn net.Conn, reader *bufio.Reader, e *Exchange) error {
	none := bodyless(e.Request, e.Status)
	if none {
		conn.SetReadDeadline(time.Now().Add(trailingWait))
		reader.Peek(1)
	}
	rest, _ := reader.Peek(reader.Buffered())
	for len(rest) > 0 && (rest[0] == '\r' || rest[0] == '\n') {
		rest = rest[1:]
	}
	if len(rest) == 0 {
		return nil
	}
	expected := "nothing after the end of the body"
	if none {
		expected = fmt.Sprintf("no body in the response %s to %s", StatusText(e), e.Request.Method)
	}
	return &Malformed{expected, fmt.Sprintf("%q", excerpt.Of(rest, 100))}
}
