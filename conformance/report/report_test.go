package report

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/seed-5ec2a705/mtrack/conformance/provision"
	"github.com/seed-5ec2a705/mtrack/conformance/requirement"
)

// hostile is what a target might send to get into a report: markup, a script, a terminal's escape
// codes, what XML cannot hold.
const hostile = "</pre></script><script>alert(1)</script>\x1b[31m\x00\u202e&\"'"

// sampleReport has every outcome and every field, and hostile texts wherever the target has a say.
func sampleReport() *Report {
	started := time.Date(2026, 6, 28, 10, 30, 0, 0, time.UTC)
	page := requirement.Source{Page: "/docs/api-reference/music/delete-track", Section: "Delete a music track", Quote: "only the creator may delete"}
	exchange := func(method, path string, status int, body string) Exchange {
		return Exchange{
			Method: method, URL: "http://127.0.0.1:8080" + path, Operation: requirement.DeleteTrack,
			RequestHeader:  []HeaderField{{"Host", "127.0.0.1:8080"}, {"X-API-Key", "[key of saver]"}, {"Connection", "close"}},
			Status:         status,
			ResponseProto:  "HTTP/1.1",
			ResponseHeader: []HeaderField{{"Content-Type", "application/json"}, {"X-Request-Id", "req_9f2c"}},
			ResponseBody:   body, ResponseBytes: len(body),
			Start: started.Add(time.Second), TimeToFirstByte: 1.1, Duration: 1.25,
			Curl: "curl -X " + method + " 'http://127.0.0.1:8080" + path + `' -H "X-API-Key: $API_KEY_SAVER"`,
		}
	}
	song := "/v1/music/org_1/tracks/mtrack_1"
	refused := exchange("DELETE", song, 200, `{"success":true,"id":"mtrack_1","detail":"Track deleted."}`)
	refused.Evidence = true
	silent := exchange("GET", song, 0, "")
	silent.ResponseProto, silent.ResponseHeader, silent.Error = "", nil, "the connection was reset"
	r := &Report{
		Version:        Version,
		Suite:          Suite{Version: "1.0.0", ContractVersion: "1.0.0", ContractSHA256: strings.Repeat("0123456789abcdef", 4), ContractName: "openapi/music.yaml"},
		Implementation: Implementation{Name: "acme-music", Version: "2.4"},
		Target:         "http://127.0.0.1:8080",
		Provisioner:    Provisioner{Description: "http://127.0.0.1:8081", Features: []provision.Feature{provision.FeatureHistory}, Scenes: 6},
		Environment:    Environment{Go: "go1.26.0", OS: "linux", Arch: "amd64", CPUs: 2},
		Options:        Options{Profile: requirement.ProfileFull, Seed: 42, Parallel: 4, Timeout: "10s", Patience: "2s", Skip: []string{"list/slow-*"}},
		Started:        started, Seconds: 3.21,
		Selected: 7, Total: 9, RateLimited: 2, Repeated: 1, LookedAgain: 3, LookedAfter: 2.5,
		Requirements: []requirement.Requirement{
			{ID: "delete.creator-may", Level: requirement.Must, Operation: requirement.DeleteTrack, Statement: "The creator of a live track may delete it.", Source: page, Why: "Otherwise nobody can."},
			{ID: "delete.only-creator", Level: requirement.Must, Operation: requirement.DeleteTrack, Statement: "Whoever only saved a track may not delete it.", Source: page, Why: "Otherwise a library of one takes the track from all."},
			{ID: "list.newest-first", Level: requirement.Must, Operation: requirement.ListSavedTracks, Statement: "The newest save comes first.", Source: requirement.Source{Page: "/docs/api-reference/music/list-tracks"}, Why: "Otherwise the first page is of no use."},
			{ID: "access.one-404-in-time", Level: requirement.Should, Statement: "A 404 takes as long whatever its reason.", Source: requirement.Source{Page: "openapi/music.yaml", Inferred: true}, Why: "Otherwise time tells what the text does not."},
		},
		Cases: []Case{
			{ID: "delete-track/creator-gets-200", Title: "The creator deletes a track", Operation: requirement.DeleteTrack, Level: requirement.Must, Requirements: []requirement.ID{"delete.creator-may"}, Statuses: []int{200}, Outcome: Passed, Started: started, Seconds: 0.012, Requests: 4},
			{ID: "delete-track/saver-gets-403", Where: "conformance/internal/cases/delete.go:53", Title: "Somebody who only saved a track tries to delete it", Operation: requirement.DeleteTrack, Level: requirement.Must, Requirements: []requirement.ID{"delete.only-creator"}, Statuses: []int{403}, Outcome: Failed, Reason: "expected 403; got 200", Started: started, Seconds: 0.034,
				Expected: "403: who only saved a track may not delete it", Actual: "200", Finding: "saver's DELETE (deleteTrack) expected 403, got 200", ContractLine: 188, Requests: 3, Repeated: 1, LookedAfter: 2.5,
				Exchanges: []Exchange{exchange("GET", song, 200, `{"id":"mtrack_1"}`), refused, exchange("GET", song, 404, `{"success":false}`)}, Omitted: 1,
				Attachments: []Attachment{{Name: "history.html", MediaType: "text/html", Data: []byte("<!doctype html><title>history</title><p>" + hostile)}, {Name: "steps.txt", MediaType: "text/plain", Data: []byte("1. " + hostile)}},
				Replay:      "mtrack-conformance run --replay delete-track/saver-gets-403 --seed 42"},
			{ID: "delete-track/echoes", Title: "A target that answers markup", Operation: requirement.DeleteTrack, Level: requirement.Must, Requirements: []requirement.ID{"delete.creator-may", "not.in-the-catalogue"}, Statuses: []int{404}, Outcome: Failed, Reason: hostile, Started: started, Seconds: 0.001,
				Expected: "an envelope", Actual: hostile, Requests: 1, Exchanges: []Exchange{exchange("DELETE", "/v1/music/org_1/tracks/%3Cscript%3E", 404, hostile)}},
			{ID: "delete-track/dead-target", Title: "A target that stops answering", Operation: requirement.DeleteTrack, Level: requirement.Must, Requirements: []requirement.ID{"delete.creator-may"}, Outcome: Errored, Reason: "no response to GET " + song + " after 2ms: the connection was reset", Started: started, Seconds: 0.5, Requests: 1, Exchanges: []Exchange{silent}},
			{ID: "list/newest-first", Title: "A library in the order of saving", Operation: requirement.ListSavedTracks, Level: requirement.Must, Requirements: []requirement.ID{"list.newest-first"}, Statuses: []int{200}, Outcome: KnownFailing, KnownReason: "ticket 17", Reason: "expected newest first; got oldest first", Expected: "newest first", Actual: "oldest first", Started: started, Seconds: 0.02, Requests: 2},
			{ID: "list/left-the-organization", Title: "A library of somebody who has left", Operation: requirement.ListSavedTracks, Level: requirement.Must, Requirements: []requirement.ID{"list.newest-first"}, Statuses: []int{404}, Outcome: Skipped, Reason: "the provisioner does not offer revoked_keys", Started: started},
			{ID: "not-found/time", Title: "The time that a 404 takes", Level: requirement.Should, Requirements: []requirement.ID{"access.one-404-in-time"}, Outcome: Warning, Reason: "expected equal times; got 15 ms more for a deleted track", Expected: "equal times", Actual: "15 ms more for a deleted track", Started: started, Seconds: 1.4, Requests: 120},
		},
		Coverage: []Coverage{
			{Operation: requirement.DeleteTrack, Status: 200, Exchanges: 12, Cases: []string{"delete-track/creator-gets-200"}, Parameters: []string{"path:track_id", "header:X-API-Key"}, ResponseHeaders: []string{"Content-Type"}, Properties: []string{"success", "id", "detail"}, ContentTypes: []string{"application/json"}},
			{Operation: requirement.ListSavedTracks, Status: 200, Exchanges: 3, Cases: []string{"list/newest-first"}, Parameters: []string{"query:limit"}, Properties: []string{"items[].id"}, ContentTypes: []string{"application/json"}},
		},
		MissingScenes: []provision.Request{{Organizations: []provision.OrganizationRequest{{Name: "home"}}, Users: []provision.UserRequest{{Name: "creator", MemberOf: []string{"home"}}}, Tracks: []provision.TrackRequest{}}},
	}
	r.Counts = map[Outcome]int{}
	for _, c := range r.Cases {
		r.Counts[c.Outcome]++
	}
	r.Verdict = VerdictOf(r.Counts, r.Incomplete)
	return r
}

// TestReportsAreGolden compares every form with testdata/report.*. MTRACK_UPDATE_GOLDEN=1 writes
// them anew; read the difference before it is committed.
func TestReportsAreGolden(t *testing.T) {
	for name, write := range map[string]func(*Report, io.Writer) error{
		"report.txt":  func(r *Report, w io.Writer) error { return r.WriteText(w, TextOptions{}) },
		"report.ansi": func(r *Report, w io.Writer) error { return r.WriteText(w, TextOptions{Color: true}) },
		"report.json": (*Report).WriteJSON,
		"report.xml":  (*Report).WriteJUnit,
		"report.html": (*Report).WriteHTML,
	} {
		t.Run(name, func(t *testing.T) {
			var got bytes.Buffer
			if err := write(sampleReport(), &got); err != nil {
				t.Fatal(err)
			}
			file := filepath.Join("testdata", name)
			if os.Getenv("MTRACK_UPDATE_GOLDEN") != "" {
				if err := os.WriteFile(file, got.Bytes(), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got.Bytes(), want) {
				t.Errorf("%s changed; look at it with MTRACK_UPDATE_GOLDEN=1 and git diff. Now:\n%s", file, got.String())
			}
		})
	}
}

func TestTextPutsTheWorstFirstAndTheVerdictLast(t *testing.T) {
	var b bytes.Buffer
	if err := sampleReport().WriteText(&b, TextOptions{}); err != nil {
		t.Fatal(err)
	}
	text := b.String()
	at := -1
	for _, part := range []string{
		"FAILED         delete-track/saver-gets-403", "ERROR          delete-track/dead-target", "WARNING        not-found/time",
		"KNOWN-FAILING  list/newest-first", "SKIPPED        1 case", "profile delete (only the selected cases): not conforming", "profile full (only the selected cases): not conforming\n",
	} {
		i := strings.Index(text, part)
		if i <= at {
			t.Errorf("%q is at %d, want it behind %d", part, i, at)
		}
		at = i
	}
	if !strings.HasSuffix(text, "not conforming\n") {
		t.Errorf("the last line is not the verdict: %q", text[len(text)-80:])
	}
	if strings.ContainsAny(text, "\x00\x1b\u202e") {
		t.Error("what the target sent reaches the terminal raw")
	}
	if !strings.Contains(text, "--replay delete-track/saver-gets-403 --seed 42") || !strings.Contains(text, "curl -X DELETE") {
		t.Error("a failure cannot be repeated from what is shown")
	}
	b.Reset()
	if err := sampleReport().WriteText(&b, TextOptions{Color: true}); err != nil {
		t.Fatal(err)
	}
	if uncoloured := regexp.MustCompile(`\x1b\[[0-9]+m`).ReplaceAllString(b.String(), ""); uncoloured != text {
		t.Error("with colour the text is another")
	}
}

func TestVerdictOnCounts(t *testing.T) {
	for _, tc := range []struct {
		counts     map[Outcome]int
		incomplete bool
		want       Verdict
	}{
		{map[Outcome]int{Passed: 3}, false, Conforming},
		{map[Outcome]int{Passed: 3}, true, Undecided},
		{map[Outcome]int{Passed: 3, Warning: 1, Skipped: 1}, false, ConformingWithWarnings},
		{map[Outcome]int{Passed: 3, Skipped: 1}, false, ConformingWithSkips},
		{map[Outcome]int{Passed: 3, KnownFailing: 1}, false, ConformingWithSkips},
		{map[Outcome]int{Passed: 3, Errored: 1}, false, Undecided},
		{map[Outcome]int{Passed: 3, Errored: 1, Failed: 1}, false, NotConforming},
		{map[Outcome]int{Failed: 1}, true, NotConforming},
		{map[Outcome]int{Skipped: 9}, false, Undecided},
		{nil, false, Undecided},
	} {
		if got := VerdictOf(tc.counts, tc.incomplete); got != tc.want {
			t.Errorf("%v, incomplete %t: %q, want %q", tc.counts, tc.incomplete, got, tc.want)
		}
	}
}

func TestJSONReportKeepsItsSchema(t *testing.T) {
	schema := compileReportSchema(t)
	empty := &Report{Version: Version, Suite: Suite{ContractSHA256: strings.Repeat("0", 64)}, Options: Options{Profile: requirement.ProfileDelete}, Verdict: Undecided}
	for name, r := range map[string]*Report{"full": sampleReport(), "empty": empty} {
		var b bytes.Buffer
		if err := r.WriteJSON(&b); err != nil {
			t.Fatal(err)
		}
		document, err := jsonschema.UnmarshalJSON(bytes.NewReader(b.Bytes()))
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(document); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		back, err := Read(&b)
		if err != nil {
			t.Fatal(err)
		}
		// A target's bytes that are not UTF-8 are replaced, and a source of this module means
		// nothing to other readers; all else survives.
		for i := range r.Cases {
			r.Cases[i].Where = ""
		}
		r.Suite.ContractName = ""
		if name == "full" && !reflect.DeepEqual(back, r) {
			t.Errorf("the report changed on its way through JSON")
		}
	}
	wrong := sampleReport()
	wrong.Cases[0].Outcome = "fine"
	var b bytes.Buffer
	wrong.WriteJSON(&b)
	document, _ := jsonschema.UnmarshalJSON(&b)
	if schema.Validate(document) == nil {
		t.Error("the schema accepts an outcome that there is not")
	}
}

func TestReadRefusesOthers(t *testing.T) {
	for _, text := range []string{``, `<html>`, `{}`, `{"report_version": 99}`} {
		if _, err := Read(strings.NewReader(text)); err == nil {
			t.Errorf("%q was read as a report", text)
		}
	}
}

// TestSchemaAndTypesHaveTheSameFields walks both, so that a new field of Report cannot be forgotten
// in the schema.
func TestSchemaAndTypesHaveTheSameFields(t *testing.T) {
	var schema map[string]any
	if err := json.Unmarshal(Schema(), &schema); err != nil {
		t.Fatal(err)
	}
	resolve := func(node map[string]any) map[string]any {
		if ref, ok := node["$ref"].(string); ok {
			return schema["$defs"].(map[string]any)[strings.TrimPrefix(ref, "#/$defs/")].(map[string]any)
		}
		return node
	}
	var walk func(path string, typ reflect.Type, node map[string]any)
	walk = func(path string, typ reflect.Type, node map[string]any) {
		node = resolve(node)
		switch {
		case typ.Kind() == reflect.Slice && node["items"] != nil:
			walk(path+"[]", typ.Elem(), node["items"].(map[string]any))
		case typ.Kind() == reflect.Struct && typ != reflect.TypeFor[time.Time]():
			properties, _ := node["properties"].(map[string]any)
			if properties == nil {
				return // the schema leaves the messages of the provisioning protocol to that protocol
			}
			required, _ := json.Marshal(node["required"])
			for i := range typ.NumField() {
				name, options, _ := strings.Cut(typ.Field(i).Tag.Get("json"), ",")
				if name == "-" {
					continue // not part of the JSON form
				}
				property, ok := properties[name].(map[string]any)
				if !ok {
					t.Errorf("%s.%s is not in the schema", path, name)
					continue
				}
				if property["description"] == nil && resolve(property)["description"] == nil {
					t.Errorf("%s.%s has no description", path, name)
				}
				if optional := strings.Contains(options, "omitempty"); optional == bytes.Contains(required, []byte(`"`+name+`"`)) {
					t.Errorf("%s.%s: omitempty is %t, and the schema says otherwise", path, name, optional)
				}
				delete(properties, name)
				walk(path+"."+name, typ.Field(i).Type, property)
			}
			for name := range properties {
				t.Errorf("%s.%s is in the schema and in no report", path, name)
			}
		}
	}
	// Definitions are walked once for each place where they are used: work on copies.
	for _, part := range []struct {
		typ  reflect.Type
		node string
	}{
		{reflect.TypeFor[Case](), "case"}, {reflect.TypeFor[Exchange](), "exchange"}, {reflect.TypeFor[requirement.Requirement](), "requirement"},
		{reflect.TypeFor[requirement.Source](), "source"}, {reflect.TypeFor[Attachment](), "attachment"}, {reflect.TypeFor[Coverage](), "coverage"},
		{reflect.TypeFor[HeaderField](), "header_field"}, {reflect.TypeFor[provision.Request](), "scene"},
	} {
		var fresh map[string]any
		json.Unmarshal(Schema(), &fresh)
		node := fresh["$defs"].(map[string]any)[part.node].(map[string]any)
		shallow(node["properties"].(map[string]any))
		walk(part.node, part.typ, node)
	}
	shallow(schema["properties"].(map[string]any))
	walk("report", reflect.TypeFor[Report](), schema)
}

// shallow cuts references out of properties, which are walked by themselves.
func shallow(properties map[string]any) {
	for name, p := range properties {
		property := p.(map[string]any)
		if items, ok := property["items"].(map[string]any); ok && items["$ref"] != nil {
			property["items"] = map[string]any{}
		}
		if property["$ref"] != nil {
			properties[name] = map[string]any{"description": "by reference"}
		}
	}
}

func compileReportSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(Schema()))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	if err := compiler.AddResource("report.schema.json", document); err != nil {
		t.Fatal(err)
	}
	schema, err := compiler.Compile("report.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

func TestJUnitKeepsOutcomesApart(t *testing.T) {
	var b bytes.Buffer
	if err := sampleReport().WriteJUnit(&b); err != nil {
		t.Fatal(err)
	}
	var got junitSuites
	if err := xml.Unmarshal(b.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if got.Tests != 7 || got.Failures != 2 || got.Errors != 1 || got.Skipped != 2 {
		t.Errorf("%d tests, %d failures, %d errors, %d skipped; want 7, 2, 1, 2", got.Tests, got.Failures, got.Errors, got.Skipped)
	}
	seen := map[string]string{}
	for _, s := range got.Suites {
		counted := 0
		for _, c := range s.Cases {
			counted++
			if c.Class != s.Name {
				t.Errorf("%s is of class %s in suite %s", c.Name, c.Class, s.Name)
			}
			for kind, outcome := range map[string]*junitOutcome{"failure": c.Failure, "error": c.Error, "skipped": c.Skipped} {
				if outcome != nil {
					seen[string(c.Name)] += kind
				}
			}
		}
		if counted != s.Tests {
			t.Errorf("%s counts %d tests and has %d", s.Name, s.Tests, counted)
		}
	}
	for id, want := range map[string]string{
		"delete-track/creator-gets-200": "", "delete-track/saver-gets-403": "failure", "delete-track/echoes": "failure",
		"delete-track/dead-target": "error", "list/newest-first": "skipped", "list/left-the-organization": "skipped", "not-found/time": "",
	} {
		if seen[id] != want {
			t.Errorf("%s is told as %q, want %q", id, seen[id], want)
		}
	}
}

func TestJUnitNamesTheSourceOfACase(t *testing.T) {
	var b bytes.Buffer
	r := sampleReport()
	if err := r.WriteJUnit(&b); err != nil {
		t.Fatal(err)
	}
	var got junitSuites
	if err := xml.Unmarshal(b.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	named := 0
	for _, c := range r.Cases {
		for _, s := range got.Suites {
			for _, j := range s.Cases {
				if string(j.Name) == c.ID && c.Where != "" && j.Failure != nil {
					named++
					if !strings.Contains(string(j.Failure.Text), "case: "+c.Where) {
						t.Errorf("%s: no %s in %q", c.ID, c.Where, j.Failure.Text)
					}
				}
			}
		}
	}
	if named == 0 {
		t.Error("no failed case has a source")
	}
}

// TestUndecidedIsInconclusiveToPeople makes sure that what people read has the word of the help,
// and what programs read the value that it always had.
func TestUndecidedIsInconclusiveToPeople(t *testing.T) {
	r := &Report{Verdict: Undecided, Options: Options{Profile: requirement.ProfileDelete}}
	for name, write := range map[string]func(io.Writer) error{
		"text": func(w io.Writer) error { return r.WriteText(w, TextOptions{}) }, "HTML": r.WriteHTML,
	} {
		var b bytes.Buffer
		if err := write(&b); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(b.String(), "inconclusive") || strings.Contains(b.String(), string(Undecided)) {
			t.Errorf("%s: want inconclusive, not undecided:\n%s", name, b.String())
		}
	}
	var b bytes.Buffer
	if err := r.WriteJSON(&b); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(b.String(), `"verdict": "undecided"`) {
		t.Errorf("JSON: no verdict undecided:\n%s", b.String())
	}
}

// TestTextOfAReadReportNamesNoDocument: JSON does not carry the name of the contract's document.
func TestTextOfAReadReportNamesNoDocument(t *testing.T) {
	var b bytes.Buffer
	if err := sampleReport().WriteJSON(&b); err != nil {
		t.Fatal(err)
	}
	r, err := Read(&b)
	if err != nil {
		t.Fatal(err)
	}
	for name, write := range map[string]func(io.Writer) error{
		"text": func(w io.Writer) error { return r.WriteText(w, TextOptions{}) }, "HTML": r.WriteHTML,
	} {
		var b bytes.Buffer
		if err := write(&b); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(b.String(), "the contract, line 188") {
			t.Errorf("%s: no line of the contract:\n%s", name, b.String())
		}
	}
}

// TestJUnitOfAnUndecidedRunIsRed guards against a reader that takes a run without failures for a
// success.
func TestJUnitOfAnUndecidedRunIsRed(t *testing.T) {
	interrupted := sampleReport()
	interrupted.Cases, interrupted.Incomplete, interrupted.Verdict = interrupted.Cases[:1], true, Undecided
	for name, r := range map[string]*Report{"interrupted": interrupted, "nothing": {Verdict: Undecided}} {
		var b bytes.Buffer
		if err := r.WriteJUnit(&b); err != nil {
			t.Fatal(err)
		}
		var got junitSuites
		if err := xml.Unmarshal(b.Bytes(), &got); err != nil {
			t.Fatal(err)
		}
		if got.Errors != 1 {
			t.Errorf("%s: %d errors, want 1", name, got.Errors)
		}
	}
}

// TestReportIsDocumented keeps docs/report.md from forgetting an outcome or a verdict.
func TestReportIsDocumented(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "report.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range Outcomes() {
		if !strings.Contains(string(text), "| `"+string(o)+"` |") {
			t.Errorf("docs/report.md does not explain the outcome %q", o)
		}
	}
	for v, status := range map[Verdict]string{Conforming: "0", ConformingWithWarnings: "0", ConformingWithSkips: "0", NotConforming: "1", Undecided: "2"} {
		row := regexp.MustCompile("(?m)^\\| `" + string(v) + "` \\|.*\\| " + status + " \\|$")
		if !row.Match(text) || fmt.Sprint(v.ExitStatus()) != status {
			t.Errorf("docs/report.md does not explain the verdict %q with exit status %d", v, v.ExitStatus())
		}
	}
}

func TestHTMLStandsAlone(t *testing.T) {
	var b bytes.Buffer
	if err := sampleReport().WriteHTML(&b); err != nil {
		t.Fatal(err)
	}
	html := b.String()
	if n := strings.Count(html, "<script>"); n != 1 {
		t.Errorf("%d scripts, want the report's own: what a target sent was not escaped", n)
	}
	for _, reference := range regexp.MustCompile(`(?:src|href|action|data|poster)="([^"]*)"`).FindAllStringSubmatch(html, -1) {
		if !strings.HasPrefix(reference[1], "#") && !strings.HasPrefix(reference[1], "data:") {
			t.Errorf("refers to something outside: %s", reference[0])
		}
	}
	if regexp.MustCompile(`@import|url\(`).MatchString(html) {
		t.Error("the style refers to something outside")
	}
	for _, link := range regexp.MustCompile(`href="#([^"]*)"`).FindAllStringSubmatch(html, -1) {
		if !strings.Contains(html, `id="`+link[1]+`"`) {
			t.Errorf("a link leads nowhere: %s", link[1])
		}
	}
	if strings.Contains(html, "ZgotmplZ") {
		t.Error("the template filtered something out")
	}
}
