package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"time"
)

// response is what a request came to.
type response struct {
	sent, done time.Time
	status     int  // 0: the connection failed
	unsent     bool // it failed before anything was sent
	problem    string
	body       []byte
}

// unknown reports whether the request may have taken effect though no response says so.
func (r response) unknown() bool { return r.status == 0 && !r.unsent || r.status == 503 }

// caller sends requests to a server. Its methods may be called at once.
type caller struct {
	client *http.Client
	origin string
}

func newCaller(origin string) *caller {
	return &caller{&http.Client{
		Timeout:   10 * time.Second,
		Transport: &http.Transport{MaxIdleConnsPerHost: 256, IdleConnTimeout: 2 * time.Second, DisableCompression: true},
		CheckRedirect: func(*http.Request, []*http.Request) error {
			return http.ErrUseLastResponse
		},
	}, origin}
}

func (c *caller) close() { c.client.CloseIdleConnections() }

// withKey are the headers of a caller's key.
func withKey(key string) http.Header { return http.Header{"X-Api-Key": {key}} }

// do sends a request for a path that is already encoded, and judges the response: it must be one
// that the contract has for this operation, in its form.
func (c *caller) do(ctx context.Context, op operation, path string, header http.Header) response {
	request, err := http.NewRequestWithContext(ctx, op.method(), c.origin, nil)
	if err != nil {
		return response{problem: err.Error()}
	}
	request.URL = &url.URL{Scheme: request.URL.Scheme, Host: request.URL.Host, Opaque: path}
	request.Header = header
	r := response{sent: time.Now()}
	answer, err := c.client.Do(request)
	if err == nil {
		r.body, err = io.ReadAll(answer.Body)
		answer.Body.Close()
	}
	r.done = time.Now()
	if err != nil {
		if operation, ok := errors.AsType[*net.OpError](err); ok && operation.Op == "dial" {
			r.unsent = true
		}
		return r
	}
	r.status = answer.StatusCode
	r.problem = judge(op, answer, r.body)
	return r
}

// operation is one of the contract.
type operation string

const (
	deleteTrack operation = "delete"
	getTrack    operation = "get"
	listTracks  operation = "list"
	unsaveTrack operation = "unsave"
)

func (o operation) method() string {
	if o == deleteTrack || o == unsaveTrack {
		return http.MethodDelete
	}
	return http.MethodGet
}

// documented are the statuses of each operation. 429 and 500 stand in the contract as well, but this
// server limits no rates, and a 500 is a fault.
var documented = map[operation][]int{
	deleteTrack: {200, 401, 403, 404, 503},
	getTrack:    {200, 401, 404, 503},
	listTracks:  {200, 401, 404, 422, 503},
	unsaveTrack: {200, 401, 404, 503},
}

// kinds are the code and type of each error.
var kinds = map[int][2]string{
	401: {"AUTHENTICATION_REQUIRED", "authentication_error"},
	403: {"INSUFFICIENT_PERMISSIONS", "authorization_error"},
	404: {"RESOURCE_NOT_FOUND", "client_error"},
	422: {"VALIDATION_ERROR", "client_error"},
	503: {"SERVICE_UNAVAILABLE", "server_error"},
}

// judge returns what is wrong with a response, "" where nothing is.
func judge(op operation, answer *http.Response, body []byte) string {
	if !slices.Contains(documented[op], answer.StatusCode) {
		return fmt.Sprintf("%s: status %d is not documented: %.200s", op, answer.StatusCode, body)
	}
	return judgeBody(op, answer.StatusCode, answer.Header, body)
}

func judgeBody(op operation, status int, header http.Header, body []byte) string {
	var got struct {
		Success *bool
		ID      string
		Items   *[]any
		Error   *struct {
			Code, Type string
			Status     int
			Details    *map[string]any
			TraceID    string `json:"trace_id"`
			Timestamp  time.Time
		}
	}
	if err := json.Unmarshal(body, &got); err != nil {
		return fmt.Sprintf("%s: %d with a body that is no JSON: %.200s", op, status, body)
	}
	ok := true
	switch {
	case status == 200 && (op == deleteTrack || op == unsaveTrack):
		ok = got.Success != nil && *got.Success && got.ID != ""
	case status == 200 && op == getTrack:
		ok = got.ID != ""
	case status == 200 && op == listTracks:
		ok = got.Items != nil
	default:
		e := got.Error
		ok = got.Success != nil && !*got.Success && e != nil && e.Status == status && [2]string{e.Code, e.Type} == kinds[status] &&
			e.Details != nil && e.TraceID != "" && e.TraceID == header.Get("X-Request-Id") && !e.Timestamp.IsZero() &&
			(status != 503 || header.Get("Retry-After") != "")
	}
	if !ok {
		return fmt.Sprintf("%s: %d in a form that is not documented: %.300s", op, status, body)
	}
	return ""
}
