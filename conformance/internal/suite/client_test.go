package suite

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/seed-5ec2a705/mtrack/conformance/internal/contract"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/wire"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/wire/wiretest"
	"github.com/seed-5ec2a705/mtrack/conformance/provision"
	"github.com/seed-5ec2a705/mtrack/conformance/requirement"
	"github.com/seed-5ec2a705/mtrack/conformance/testenv"
	"github.com/seed-5ec2a705/mtrack/openapi"
)

// musicContract loads the contract that these tests judge by.
func musicContract(t *testing.T) *contract.Contract {
	t.Helper()
	c, err := contract.Load("openapi/music.yaml", openapi.Music)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

const songPath = "/v1/music/org_a/tracks/mtrack_a"

// clientOf makes a client of a target without a provisioner.
func clientOf(t *testing.T, url string, tlsConfig *tls.Config) *Client {
	t.Helper()
	e, err := wire.ParseEndpoint(url, "mtrack-conformance/test", tlsConfig)
	if err != nil {
		t.Fatal(err)
	}
	return NewClient(&Session{Endpoint: e, Contract: musicContract(t), Profile: requirement.ProfileFull, Timeout: 3 * time.Second,
		OnKey: func(string, string) {}, OnExchange: func(string, *wire.Exchange) {}}, "test/case")
}

// within gives a request a timeout of its own.
func within(timeout time.Duration) RequestOption {
	return func(r *wire.Request) { r.Timeout = timeout }
}

const acknowledgement = `{"success":true,"id":"mtrack_a","detail":"Track deleted."}`

func jsonResponse(status, body string) string {
	return fmt.Sprintf("HTTP/1.1 %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", status, len(body), body)
}

var someone = provision.User{Name: "someone", Key: "ak_someone"}

func TestDoPassesPrefixAndKey(t *testing.T) {
	heads := make(chan string, 1)
	url := wiretest.Serve(t, func(conn net.Conn) {
		_, head := wiretest.ReadHead(conn)
		heads <- head
		io.WriteString(conn, jsonResponse("200 OK", acknowledgement))
	})
	c := clientOf(t, url+"/a%20b/", nil)
	e, err := c.Do(t.Context(), NewRequest("DELETE", requirement.TrackPath("org/1", "mtrack_ü"), someone, WithBearer(), WithQuery("x=1")))
	if err != nil {
		t.Fatal(err)
	}
	head := <-heads
	if !strings.HasPrefix(head, "DELETE /a%20b/v1/music/org%2F1/tracks/mtrack_%C3%BC?x=1 HTTP/1.1\r\nHost: 127.0.0.1:") || !strings.Contains(head, "\r\nAuthorization: Bearer ak_someone\r\n") {
		t.Errorf("sent %q", head)
	}
	if e.Operation != string(requirement.DeleteTrack) || e.Status != 200 || e.TimeToFirstByte <= 0 ||
		e.Duration < e.TimeToFirstByte {
		t.Errorf("%s %d, first byte after %s of %s", e.Operation, e.Status, e.TimeToFirstByte, e.Duration)
	}
}

func TestDoOverTLSAndIPv6(t *testing.T) {
	answer := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ProtoMajor != 1 {
			t.Errorf("spoke %s", r.Proto)
		}
		w.Header().Set("Content-Type", "application/json")
		io.WriteString(w, acknowledgement)
	})
	secure := httptest.NewUnstartedServer(answer)
	secure.EnableHTTP2 = true
	secure.StartTLS()
	defer secure.Close()
	pool := x509.NewCertPool()
	pool.AddCert(secure.Certificate())
	if _, err := clientOf(t, secure.URL, &tls.Config{RootCAs: pool}).Do(t.Context(), NewRequest("DELETE", requirement.TrackPath("o", "t"), someone)); err != nil {
		t.Errorf("TLS: %v", err)
	}
	if _, err := clientOf(t, secure.URL, &tls.Config{InsecureSkipVerify: true}).Do(t.Context(), NewRequest("DELETE", requirement.TrackPath("o", "t"), someone)); err != nil {
		t.Errorf("TLS without verification: %v", err)
	}
	l := testenv.ListenIPv6(t)
	six := &http.Server{Handler: answer}
	go six.Serve(l)
	defer six.Close()
	if _, err := clientOf(t, "http://"+l.Addr().String(), nil).Do(t.Context(), NewRequest("DELETE", requirement.TrackPath("o", "t"), someone)); err != nil {
		t.Errorf("IPv6: %v", err)
	}
}

// A target may respond, and close the connection, before it has read the body.
func TestDoReadsAnAnswerBeforeTheBodyIsWritten(t *testing.T) {
	url := wiretest.Serve(t, func(conn net.Conn) {
		wiretest.ReadHead(conn)
		io.WriteString(conn, jsonResponse("200 OK", acknowledgement))
		conn.(*net.TCPConn).CloseWrite()
		time.Sleep(50 * time.Millisecond)
	})
	c := clientOf(t, url, nil)
	e, err := c.Do(t.Context(), NewRequest("DELETE", requirement.TrackPath("o", "t"), someone, WithBody("text/plain", bytes.Repeat([]byte("x"), 7<<20))))
	if err != nil || e.Status != 200 {
		t.Errorf("%+v, %v", e, err)
	}
}

func TestDoWithoutAnAnswer(t *testing.T) {
	for name, tc := range map[string]struct {
		serve   func(net.Conn)
		body    int
		timeout bool
		unsent  bool
		want    string
	}{
		"closes": {serve: func(c net.Conn) { wiretest.ReadHead(c) }, want: "the target closed the connection"},
		"hangs":  {serve: func(c net.Conn) { wiretest.ReadHead(c); time.Sleep(2 * time.Second) }, timeout: true, want: "no response to DELETE"},
		"hangs later": {serve: func(c net.Conn) {
			wiretest.ReadHead(c)
			io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{")
			time.Sleep(2 * time.Second)
		}, timeout: true, want: "an incomplete response"},
		"breaks off": {serve: func(c net.Conn) {
			wiretest.ReadHead(c)
			io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{")
		}, want: "an incomplete response"},
		"resets amid the body": {serve: func(c net.Conn) { wiretest.ReadHead(c); c.(*net.TCPConn).SetLinger(0) }, body: 7 << 20, unsent: true,
			want: "no response"},
	} {
		t.Run(name, func(t *testing.T) {
			c := clientOf(t, wiretest.Serve(t, tc.serve), nil)
			options := []RequestOption{within(300 * time.Millisecond)}
			if tc.body > 0 {
				options = append(options, WithBody("text/plain", make([]byte, tc.body)), within(3*time.Second))
			}
			_, err := c.Do(t.Context(), NewRequest("DELETE", requirement.TrackPath("o", "t"), someone, options...))
			var silent *wire.NoResponse
			if !errors.As(err, &silent) || silent.Timeout != tc.timeout || silent.Unsent != tc.unsent ||
				!strings.Contains(err.Error(), tc.want) {
				t.Errorf("got %#v: %v", err, err)
			}
		})
	}
}

// What is not a response by HTTP, or not one by the contract, is a failure with the exchange as
// evidence.
func TestDoJudges(t *testing.T) {
	for name, tc := range map[string]struct {
		method, answer, want string
		unchecked            bool
	}{
		"no HTTP":           {answer: "220 smtp.example.com ESMTP\r\n", want: "an HTTP/1 response"},
		"HTML":              {answer: "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 6\r\n\r\n<html>", want: "media type"},
		"redirect":          {answer: "HTTP/1.1 302 Found\r\nLocation: /login\r\nContent-Length: 0\r\n\r\n", want: "302 to /login, no media type, empty body"},
		"100 MB":            {answer: "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 104857600\r\n\r\n" + strings.Repeat(" ", wire.MaxBody+1), want: "at most 8 MiB"},
		"behind the end":    {answer: jsonResponse("200 OK", acknowledgement) + "{}", want: "nothing after the end of the body"},
		"body to HEAD":      {method: "HEAD", answer: jsonResponse("200 OK", acknowledgement), want: "no body in the response 200 OK to HEAD"},
		"body with 204":     {answer: "HTTP/1.1 204 No Content\r\n\r\n{}", want: "no body in the response 204 No Content"},
		"unchecked":         {answer: "HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n", unchecked: true},
		"lines at the end":  {answer: jsonResponse("200 OK", acknowledgement) + "\r\n"},
		"no HTTP unchecked": {answer: "220 smtp.example.com ESMTP\r\n", unchecked: true, want: "an HTTP/1 response"},
	} {
		t.Run(name, func(t *testing.T) {
			c := clientOf(t, wiretest.Serve(t, func(conn net.Conn) { wiretest.ReadHead(conn); io.WriteString(conn, tc.answer) }), nil)
			method := tc.method
			if method == "" {
				method = "DELETE"
			}
			r := NewRequest(method, songPath, someone)
			r.Unchecked = tc.unchecked
			_, err := c.Do(t.Context(), r)
			var failure *Failure
			switch {
			case tc.want == "" && err != nil:
				t.Error(err)
			case tc.want != "" && (!errors.As(err, &failure) || !strings.Contains(err.Error(), tc.want) || len(failure.Exchanges) != 1 || !failure.Contract):
				t.Errorf("got %v, want %q", err, tc.want)
			}
		})
	}
}

func TestDoWaitsOutRateLimits(t *testing.T) {
	const limited = `{"success":false,"error":{"code":"RATE_LIMIT_EXCEEDED"}}`
	var asked atomic.Int32
	url := wiretest.Serve(t, func(conn net.Conn) {
		wiretest.ReadHead(conn)
		if asked.Add(1) <= 2 {
			io.WriteString(conn, strings.Replace(jsonResponse("429 Too Many Requests", limited), "\r\n\r\n", "\r\nRetry-After: 0.05\r\n\r\n", 1))
			return
		}
		io.WriteString(conn, jsonResponse("200 OK", acknowledgement))
	})
	c := clientOf(t, url, nil)
	e, err := c.Do(t.Context(), NewRequest("DELETE", requirement.TrackPath("o", "t"), someone))
	if err != nil || e.Status != 200 || e.Retries != 2 || c.Log.retries != 2 {
		t.Errorf("%+v %v, %d retries", e, err, c.Log.retries)
	}

	always := wiretest.Serve(t, func(conn net.Conn) {
		wiretest.ReadHead(conn)
		io.WriteString(conn, jsonResponse("429 Too Many Requests", limited))
	})
	var persistent *RateLimited
	if _, err := clientOf(t, always, nil).Do(t.Context(), NewRequest("DELETE", requirement.TrackPath("o", "t"), someone, within(400*time.Millisecond))); !errors.As(err, &persistent) || !strings.Contains(err.Error(), "lift the target's rate limits") {
		t.Errorf("got %v", err)
	}
	conn, err := clientOf(t, always, nil).Connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.Send(t.Context(), NewRequest("DELETE", songPath, someone)); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Receive(t.Context()); !errors.As(err, &persistent) {
		t.Errorf("on a connection: %v", err)
	}
}

func TestRetryAfter(t *testing.T) {
	for value, want := range map[string][2]time.Duration{
		"":        {200 * time.Millisecond, 200 * time.Millisecond},
		"2":       {2 * time.Second, 2 * time.Second},
		"0":       {200 * time.Millisecond, 200 * time.Millisecond},
		"-1":      {200 * time.Millisecond, 200 * time.Millisecond},
		"garbage": {200 * time.Millisecond, 200 * time.Millisecond},
		time.Now().Add(3 * time.Second).UTC().Format(http.TimeFormat):  {time.Second, 3 * time.Second},
		time.Now().Add(-3 * time.Second).UTC().Format(http.TimeFormat): {0, time.Second},
	} {
		if got := wire.RetryAfter(&wire.Exchange{Header: http.Header{"Retry-After": {value}}}, 0); got < want[0] ||
			got > want[1] {
			t.Errorf("%q: %s, want %s to %s", value, got, want[0], want[1])
		}
	}
	if got := wire.RetryAfter(&wire.Exchange{Header: http.Header{}}, 100); got != 2*time.Second {
		t.Errorf("the hundredth time: %s", got)
	}
}

func TestConnPipelines(t *testing.T) {
	url := wiretest.Serve(t, func(conn net.Conn) {
		r := bufio.NewReader(conn)
		for {
			request, err := http.ReadRequest(r)
			if err != nil {
				return
			}
			io.Copy(io.Discard, request.Body)
			io.WriteString(conn, jsonResponse("200 OK", strings.Replace(acknowledgement, "mtrack_a", request.URL.Path[strings.LastIndexByte(request.URL.Path, '/')+1:], 1)))
			if strings.HasSuffix(request.URL.Path, "mtrack_2") {
				return
			}
		}
	})
	conn, err := clientOf(t, url, nil).Connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	for i := range 4 {
		if err := conn.Send(t.Context(), NewRequest("DELETE", requirement.TrackPath("o", fmt.Sprintf("mtrack_%d", i)), someone, WithBody("text/plain", []byte("body")))); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 3 {
		e, err := conn.Receive(t.Context())
		if err != nil || !strings.Contains(string(e.Body), fmt.Sprintf("mtrack_%d", i)) {
			t.Errorf("answer %d: %+v %v", i, e, err)
		}
	}
	if _, err := conn.Receive(t.Context()); !errors.Is(err, io.EOF) && !wire.IsConnectionError(errors.Unwrap(err)) {
		t.Errorf("after the target closed: %v", err)
	}
	if _, err := conn.Receive(t.Context()); err == nil {
		t.Error("a response to nothing")
	}
	if err := errors.Join(conn.Close(), conn.Close()); err != nil {
		t.Error(err)
	}
}

// Whoever ends the context does not wait for the target.
func TestDoEndsWithItsContext(t *testing.T) {
	c := clientOf(t, wiretest.Serve(t, func(conn net.Conn) { wiretest.ReadHead(conn); time.Sleep(5 * time.Second) }), nil)
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	begin := time.Now()
	if _, err := c.Do(ctx, NewRequest("DELETE", requirement.TrackPath("o", "t"), someone)); !errors.Is(err, context.DeadlineExceeded) || time.Since(begin) > 2*time.Second {
		t.Errorf("%v after %s", err, time.Since(begin))
	}
}

// A response that breaks the contract fails at the line that it breaks, whatever the case is about.
func TestContractFailureNamesTheLine(t *testing.T) {
	c := musicContract(t)
	e := &wire.Exchange{
		Request: wire.Request{Method: "DELETE", Path: songPath},
		Status:  200,
		Body:    []byte(`{"success":false,"id":"x","detail":""}`),
		Header:  http.Header{"Content-Type": {"application/json"}},
	}
	var failure *Failure
	err := contractFailure(c.Name, e, c.Check(e, c.Find("DELETE", songPath)))
	if !errors.As(err, &failure) || !failure.Contract || failure.ContractLine == 0 || len(failure.Exchanges) != 1 {
		t.Fatalf("%+v", err)
	}
	if !strings.Contains(failure.Expected, fmt.Sprintf("openapi/music.yaml:%d", failure.ContractLine)) {
		t.Errorf("%q does not name the line", failure.Expected)
	}
}
