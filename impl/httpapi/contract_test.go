package httpapi

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/seed-5ec2a705/mtrack/openapi"
)

// contract returns the contract, parsed once.
var contract = sync.OnceValue(func() *openapi3.T {
	document, err := openapi3.NewLoader().LoadFromData(openapi.Music)
	if err != nil {
		panic(err)
	}
	return document
})

// checkContract fails where the answer is not one that the contract documents
// for the operation.
func checkContract(t testing.TB, operationID string, w *httptest.ResponseRecorder) {
	t.Helper()
	for _, path := range contract().Paths.Map() {
		for _, operation := range path.Operations() {
			if operation.OperationID != operationID {
				continue
			}
			response := operation.Responses.Status(w.Code)
			if response == nil {
				t.Errorf("%s answered %d, which the contract does not document", operationID, w.Code)
				return
			}
			var body any
			if err := json.Unmarshal(w.Body.Bytes(), &body); err != nil {
				t.Errorf("%s: %v in %q", operationID, err, w.Body)
				return
			}
			schema := response.Value.Content["application/json"].Schema.Value
			if err := schema.VisitJSON(body, openapi3.VisitAsResponse(), openapi3.MultiErrors()); err != nil {
				t.Errorf("%s, status %d: %v\nin %s", operationID, w.Code, err, w.Body)
			}
			checkHeaders(t, operationID, response.Value.Headers, w)
			return
		}
	}
	t.Fatalf("the contract has no operation %s", operationID)
}

// checkHeaders fails where a documented header is missing or is not as its
// schema has it, and where one is sent that is not documented, apart from those
// that every server sends.
func checkHeaders(t testing.TB, operationID string, documented openapi3.Headers, w *httptest.ResponseRecorder) {
	t.Helper()
	for name, header := range documented {
		sent := w.Header().Get(name)
		if sent == "" {
			t.Errorf("%s, status %d: no header %s, which the contract documents", operationID, w.Code, name)
			continue
		}
		schema := header.Value.Schema.Value
		var value any = sent
		if schema.Type.Is("integer") {
			number, err := strconv.ParseFloat(sent, 64)
			if err != nil {
				t.Errorf("%s, status %d: %s %q is no number", operationID, w.Code, name, sent)
				continue
			}
			value = number
		}
		if err := schema.VisitJSON(value); err != nil {
			t.Errorf("%s, status %d: %s: %v", operationID, w.Code, name, err)
		}
	}
	known := map[string]bool{"Content-Type": true, "Content-Length": true, "Connection": true, "X-Content-Type-Options": true}
	for name := range documented {
		known[http.CanonicalHeaderKey(name)] = true
	}
	for name := range w.Header() {
		if !known[name] {
			t.Errorf("%s, status %d: the header %s is not documented", operationID, w.Code, name)
		}
	}
}

// sentEnvelope is the error envelope as callers read it.
type sentEnvelope struct {
	Success *bool `json:"success"`
	Error   struct {
		Code          string         `json:"code"`
		Message       string         `json:"message"`
		SystemMessage string         `json:"system_message"`
		Type          string         `json:"type"`
		Status        int            `json:"status"`
		Details       map[string]any `json:"details"`
		TraceID       string         `json:"trace_id"`
		Timestamp     string         `json:"timestamp"`
	} `json:"error"`
}

// checkEnvelope fails where the answer is not the error envelope of the status
// and returns it.
func checkEnvelope(t testing.TB, w *httptest.ResponseRecorder, status int) sentEnvelope {
	t.Helper()
	var e sentEnvelope
	decoder := json.NewDecoder(bytes.NewReader(w.Body.Bytes()))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&e); err != nil {
		t.Errorf("status %d: no envelope: %v in %q", w.Code, err, w.Body)
		return e
	}
	if w.Code != status || e.Error.Status != status {
		t.Errorf("status %d, in the envelope %d, want %d", w.Code, e.Error.Status, status)
	}
	if e.Success == nil || *e.Success {
		t.Errorf("success is not false in %s", w.Body)
	}
	if media := w.Header().Get("Content-Type"); media != "application/json" {
		t.Errorf("content type %q", media)
	}
	if id := w.Header().Get("X-Request-Id"); id == "" || id != e.Error.TraceID {
		t.Errorf("X-Request-Id %q, trace_id %q: want the same", id, e.Error.TraceID)
	}
	if at, err := time.Parse(time.RFC3339, e.Error.Timestamp); err != nil || !strings.HasSuffix(e.Error.Timestamp, "Z") {
		t.Errorf("timestamp %q (%v): want UTC", e.Error.Timestamp, at)
	}
	if e.Error.Details == nil || e.Error.Message == "" || e.Error.SystemMessage == "" {
		t.Errorf("something is missing in %s", w.Body)
	}
	if status == http.StatusUnauthorized && w.Header().Get("WWW-Authenticate") == "" {
		t.Error("401 without WWW-Authenticate")
	}
	if status == http.StatusServiceUnavailable && w.Header().Get("Retry-After") == "" {
		t.Error("503 without Retry-After")
	}
	if status == http.StatusMethodNotAllowed && w.Header().Get("Allow") == "" {
		t.Error("405 without Allow")
	}
	return e
}
