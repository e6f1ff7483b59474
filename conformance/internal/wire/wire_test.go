package wire

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"
)

// read reads a raw response to a request of a method.
func read(method, raw string) (*Exchange, error) {
	e := &Exchange{Start: time.Now()}
	return e, ReadResponse(bufio.NewReader(strings.NewReader(raw)), Request{Method: method}, e)
}

func gzipped(text string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	io.WriteString(w, text)
	w.Close()
	return b.String()
}

func deflated(text string) string {
	var b bytes.Buffer
	w := zlib.NewWriter(&b)
	io.WriteString(w, text)
	w.Close()
	return b.String()
}

func withLength(header, body string) string {
	return fmt.Sprintf("HTTP/1.1 200 OK\r\n%sContent-Length: %d\r\n\r\n%s", header, len(body), body)
}

// What a correct implementation is free to do is read.
func TestReadResponse(t *testing.T) {
	for name, tc := range map[string]struct {
		method, raw string
		status      int
		body        string
		wantClosed  bool
		wantFields  []HeaderField
	}{
		"length":              {raw: withLength("", "{}"), status: 200, body: "{}"},
		"length twice alike":  {raw: "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\n{}", status: 200, body: "{}"},
		"length zero":         {raw: withLength("", ""), status: 200},
		"chunks":              {raw: "HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n1;x=y\r\n}\r\n0\r\n\r\n", status: 404, body: "{}"},
		"chunks and trailer":  {raw: "HTTP/1.1 404 Not Found\r\nTransfer-Encoding: Chunked\r\n\r\n2\r\n{}\r\n0\r\nX-T: 1\r\n\r\n", status: 404, body: "{}"},
		"until closed":        {raw: "HTTP/1.1 200 OK\r\n\r\n{}", status: 200, body: "{}", wantClosed: true},
		"HTTP/1.0":            {raw: "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\n{}", status: 200, body: "{}", wantClosed: true},
		"HTTP/1.0 keep-alive": {raw: "HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 2\r\n\r\n{}", status: 200, body: "{}"},
		"says close":          {raw: withLength("Connection: close\r\n", "{}"), status: 200, body: "{}", wantClosed: true},
		"no reason":           {raw: "HTTP/1.1 200 \r\nContent-Length: 2\r\n\r\n{}", status: 200, body: "{}"},
		"no space either":     {raw: "HTTP/1.1 200\r\nContent-Length: 2\r\n\r\n{}", status: 200, body: "{}"},
		"bare line feeds":     {raw: "HTTP/1.1 200 OK\nContent-Length: 2\n\n{}", status: 200, body: "{}"},
		"interim":             {raw: "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" + withLength("", "{}"), status: 200, body: "{}"},
		"HEAD":                {method: "HEAD", raw: "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n", status: 200},
		"204":                 {raw: "HTTP/1.1 204 No Content\r\n\r\n", status: 204},
		"gzip":                {raw: withLength("Content-Encoding: gzip\r\n", gzipped("{}")), status: 200, body: "{}"},
		"deflate":             {raw: withLength("Content-Encoding: deflate\r\n", deflated("{}")), status: 200, body: "{}"},
		"fields in order": {raw: "HTTP/1.1 200 OK\r\nx-b:  2 \r\nX-A:1\r\nX-B: 3\r\nContent-Length: 0\r\n\r\n", status: 200,
			wantFields: []HeaderField{{"x-b", "2"}, {"X-A", "1"}, {"X-B", "3"}, {"Content-Length", "0"}}},
	} {
		t.Run(name, func(t *testing.T) {
			if tc.method == "" {
				tc.method = "DELETE"
			}
			e, err := read(tc.method, tc.raw)
			if err != nil {
				t.Fatal(err)
			}
			if e.Status != tc.status || string(e.Body) != tc.body || e.Closed != tc.wantClosed {
				t.Errorf("%d %q closed %v; want %d %q closed %v", e.Status, e.Body, e.Closed, tc.status, tc.body, tc.wantClosed)
			}
			if tc.wantFields != nil && fmt.Sprint(e.Fields) != fmt.Sprint(tc.wantFields) {
				t.Errorf("fields %v, want %v", e.Fields, tc.wantFields)
			}
		})
	}
}

// What is no HTTP is the target's fault, and said so in a sentence; what breaks off is told apart.
func TestReadResponseRefuses(t *testing.T) {
	large := strings.Repeat("x", MaxBody+1)
	for name, tc := range map[string]struct {
		raw    string
		broken bool   // the connection's, not the response's
		want   string // in the message
	}{
		"nothing":                   {raw: "", broken: true},
		"breaks off in the status":  {raw: "HTT", broken: true},
		"breaks off in the header":  {raw: "HTTP/1.1 200 OK\r\nContent-Le", broken: true},
		"breaks off in the body":    {raw: "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n{}", broken: true},
		"breaks off in a chunk":     {raw: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{}", broken: true},
		"another protocol":          {raw: "SSH-2.0-OpenSSH_9\r\n", want: "SSH-2.0-OpenSSH_9"},
		"another without line end":  {raw: "+PONG", want: "+PONG"},
		"HTTP/2":                    {raw: "HTTP/2 200\r\n\r\n", want: "HTTP/2 200"},
		"status in words":           {raw: "HTTP/1.1 OK\r\n\r\n", want: "HTTP/1.1 OK"},
		"status of two digits":      {raw: "HTTP/1.1 20 OK\r\n\r\n", want: "HTTP/1.1 20"},
		"header without colon":      {raw: "HTTP/1.1 200 OK\r\nnonsense\r\n\r\n", want: "nonsense"},
		"space before the colon":    {raw: "HTTP/1.1 200 OK\r\nContent-Length : 2\r\n\r\n{}", want: "Content-Length :"},
		"two lengths":               {raw: "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}", want: "[\"2\" \"3\"]"},
		"negative length":           {raw: "HTTP/1.1 200 OK\r\nContent-Length: -2\r\n\r\n{}", want: "-2"},
		"unknown transfer coding":   {raw: "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n{}", want: "Transfer-Encoding: gzip"},
		"broken chunk":              {raw: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n", want: "chunk"},
		"unknown content coding":    {raw: withLength("Content-Encoding: br\r\n", "{}"), want: "Content-Encoding: br"},
		"no gzip in gzip":           {raw: withLength("Content-Encoding: gzip\r\n", "{}"), want: "EOF"},
		"body too large":            {raw: withLength("", large), want: "a longer one"},
		"endless body":              {raw: "HTTP/1.1 200 OK\r\n\r\n" + large, want: "a longer one"},
		"gzip bomb":                 {raw: withLength("Content-Encoding: gzip\r\n", gzipped(large)), want: "behind gzip"},
		"header too large":          {raw: "HTTP/1.1 200 OK\r\nX: " + strings.Repeat("x", maxHead) + "\r\n\r\n", want: "a longer one"},
		"endless line":              {raw: "HTTP/1.1 " + strings.Repeat("x", maxHead), want: "a longer one"},
		"endless interim responses": {raw: strings.Repeat("HTTP/1.1 100 Continue\r\n\r\n", maxInterim+1), want: "interim"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := read("GET", tc.raw)
			var bad *Malformed
			switch {
			case tc.broken:
				if !IsConnectionError(err) || errors.As(err, &bad) {
					t.Errorf("got %v, want an error of the connection", err)
				}
			case !errors.As(err, &bad):
				t.Errorf("got %v, want a malformed response", err)
			case !strings.Contains(bad.Actual, tc.want) || bad.Expected == "":
				t.Errorf("expected %q got %q; want %q in it", bad.Expected, bad.Actual, tc.want)
			}
		})
	}
}

func FuzzReadResponse(f *testing.F) {
	f.Add("GET", withLength("", "{}"))
	f.Add("HEAD", "HTTP/1.0 404 Not Found\r\n\r\n")
	f.Add("DELETE", "HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n")
	f.Add("GET", withLength("Content-Encoding: gzip\r\n", gzipped("{}")))
	f.Fuzz(func(t *testing.T, method, raw string) {
		e, err := read(method, raw)
		var bad *Malformed
		if err != nil && !errors.As(err, &bad) && !IsConnectionError(err) {
			t.Errorf("an error of neither kind: %v", err)
		}
		if err == nil && (e.Status < 100 || e.Status > 999) || len(e.Body) > MaxBody {
			t.Errorf("status %d, body of %d bytes", e.Status, len(e.Body))
		}
	})
}

// A request is on the wire what the case wrote, byte for byte.
func TestRequestOnTheWire(t *testing.T) {
	own := "User-Agent: mtrack-conformance/test" + "\r\nAccept: application/json\r\nAccept-Encoding: identity\r\n"
	for name, tc := range map[string]struct {
		request   Request
		keepAlive bool
		want      string
	}{
		"plain": {Request{Method: "DELETE", Path: "/v1/a%2Fb//x"}, false,
			"DELETE /p/v1/a%2Fb//x HTTP/1.1\r\nHost: h:1\r\n" + own + "Connection: close\r\n\r\n"},
		"keep-alive": {Request{Method: "GET", Path: "/v1"}, true, "GET /p/v1 HTTP/1.1\r\nHost: h:1\r\n" + own + "\r\n"},
		"query":      {Request{Method: "GET", Path: "/v1", RawQuery: "a=%zz&a"}, true, "GET /p/v1?a=%zz&a HTTP/1.1\r\nHost: h:1\r\n" + own + "\r\n"},
		"bare mark":  {Request{Method: "GET", Path: "/v1", ForceQuery: true}, true, "GET /p/v1? HTTP/1.1\r\nHost: h:1\r\n" + own + "\r\n"},
		"duplicates": {Request{Method: "GET", Path: "/v1", Header: []HeaderField{{"x-api-key", "1"}, {"X-API-Key", ""}}}, true,
			"GET /p/v1 HTTP/1.1\r\nHost: h:1\r\n" + own + "x-api-key: 1\r\nX-API-Key: \r\n\r\n"},
		"own host": {Request{Method: "GET", Path: "/v1", Header: []HeaderField{{"host", "other"}}}, true,
			"GET /p/v1 HTTP/1.1\r\n" + own + "host: other\r\n\r\n"},
		"body": {Request{Method: "DELETE", Path: "/v1", Body: []byte("abc")}, true,
			"DELETE /p/v1 HTTP/1.1\r\nHost: h:1\r\n" + own + "Content-Length: 3\r\n\r\nabc"},
		"own length": {Request{Method: "DELETE", Path: "/v1", Body: []byte("abc"), Header: []HeaderField{{"Content-Length", "2"}}}, true,
			"DELETE /p/v1 HTTP/1.1\r\nHost: h:1\r\n" + own + "Content-Length: 2\r\n\r\nabc"},
		"chunked": {Request{Method: "DELETE", Path: "/v1", Body: bytes.Repeat([]byte("x"), chunkSize+1), Chunked: true}, true,
			"DELETE /p/v1 HTTP/1.1\r\nHost: h:1\r\n" + own + "Transfer-Encoding: chunked\r\n\r\n1000\r\n" + strings.Repeat("x", chunkSize) + "\r\n1\r\nx\r\n0\r\n\r\n"},
		"HTTP/1.0": {Request{Method: "GET", Path: "/v1", Proto: "HTTP/1.0"}, true, "GET /p/v1 HTTP/1.0\r\nHost: h:1\r\n" + own + "\r\n"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := string(tc.request.Complete(&Endpoint{Host: "h:1", UserAgent: "mtrack-conformance/test"}, tc.keepAlive).Bytes("/p")); got != tc.want {
				t.Errorf("got\n%q\nwant\n%q", got, tc.want)
			}
		})
	}
}

// A case cannot smuggle a second request by accident.
func TestRequestRefusesLineBreaks(t *testing.T) {
	for _, r := range []Request{
		{Method: "GET", Path: "/v1\r\nX: y"}, {Method: "G\nET", Path: "/"}, {Method: "GET", Path: "/", RawQuery: "\n"},
		{Method: "GET", Path: "/", Header: []HeaderField{{"X", "a\r\nb"}}}, {Method: "GET", Path: "/", Header: []HeaderField{{"X\n", "a"}}},
	} {
		if r.CheckLines() == nil {
			t.Errorf("%+v would be written", r)
		}
	}
}
