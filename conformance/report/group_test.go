package report

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/seed-5ec2a705/mtrack/conformance/requirement"
)

// sameCases is a report of cases that failed for two reasons.
func sameCases() *Report {
	r := sampleReport()
	r.Cases = nil
	for i := range 96 {
		finding := "outsider's GET (getTrack) expected 404, got 200"
		if i == 40 {
			finding = "saver's DELETE (deleteTrack) expected 403, got 404"
		}
		r.Cases = append(r.Cases, Case{
			ID: fmt.Sprintf("get-track/case-%d", i), Title: "A title", Operation: requirement.GetTrack, Level: requirement.Must,
			Requirements: []requirement.ID{"delete.creator-may"}, Outcome: Failed, Reason: "expected 404; got 200", Seconds: 0.0104,
			Expected: fmt.Sprintf("status 404, %d", i), Actual: "200", Finding: finding,
		})
	}
	r.Counts = map[Outcome]int{Failed: 96}
	return r
}

// What many cases found is told once, in every form, and each of them is named.
func TestOneCauseIsOneFinding(t *testing.T) {
	const title = "95 cases: outsider's GET (getTrack) expected 404, got 200"
	r := sameCases()
	var b bytes.Buffer
	if err := r.WriteText(&b, TextOptions{}); err != nil {
		t.Fatal(err)
	}
	text := b.String()
	if strings.Count(text, title) != 1 || strings.Count(text, "  expected     ") != 2 || !strings.Contains(text, "and 86 more, listed below") {
		t.Errorf("text:\n%s", text)
	}
	list := text[strings.LastIndex(text, "failed:\n"):]
	for _, c := range r.Cases {
		if !strings.Contains(list, "  "+c.ID+"\n") {
			t.Errorf("%s is not in the list at the end:\n%s", c.ID, list)
		}
	}
	b.Reset()
	if err := r.WriteJUnit(&b); err != nil {
		t.Fatal(err)
	}
	var junit junitSuites
	if err := xml.Unmarshal(b.Bytes(), &junit); err != nil {
		t.Fatal(err)
	}
	messages := map[string]int{}
	for _, c := range junit.Suites[0].Cases {
		messages[string(c.Failure.Message)]++
	}
	if messages[title] != 95 || len(messages) != 2 {
		t.Errorf("messages in JUnit: %v", messages)
	}
	b.Reset()
	if err := r.WriteHTML(&b); err != nil {
		t.Fatal(err)
	}
	html := b.String()
	if got := strings.Count(html, strings.ReplaceAll(title, "'", "&#39;")); got != 2 {
		t.Errorf("the finding is in the HTML %d times, want once in the index and once below", got)
	}
	index := regexp.MustCompile(`(?s)<nav class="index".*?</nav>`).FindString(html)
	for _, c := range r.Cases {
		if !strings.Contains(index, `href="#`+c.ID+`"`) || strings.Count(html, `id="`+c.ID+`"`) != 1 {
			t.Errorf("%s has no anchor, or is not in the index", c.ID)
		}
	}
}

// A target that responds the same to everything has one thing wrong with it.
func TestTheSameResponseToEverythingIsOneFinding(t *testing.T) {
	r := sameCases()
	r.Coverage = []Coverage{
		{Operation: requirement.GetTrack, Status: 404, Exchanges: 40}, {Operation: requirement.DeleteTrack, Status: 404, Exchanges: 9},
	}
	if got := r.groups(Failed); len(got) != 1 || got[0].Title() != "96 cases: every response was 404, whoever asked for what" {
		t.Errorf("%d groups: %s", len(got), got[0].Title())
	}
	r.Coverage[0].Status = 200
	if got := r.groups(Failed); len(got) != 2 {
		t.Errorf("%d groups, want 2", len(got))
	}
}

func TestCasesWithoutAFindingStandAlone(t *testing.T) {
	r := sameCases()
	for i := range r.Cases {
		r.Cases[i].Finding = ""
	}
	if got := r.groups(Failed); len(got) != 96 {
		t.Errorf("%d groups, want one for each case", len(got))
	}
	for i := range r.Cases {
		r.Cases[i].Outcome, r.Cases[i].Reason = Errored, "the provisioner is down"
	}
	if got := r.groups(Errored); len(got) != 1 {
		t.Errorf("%d groups of errors, want 1", len(got))
	}
}

// What matters comes first: what was expected and came instead, then the exchange, then the rest.
func TestOrderWithinACase(t *testing.T) {
	var b bytes.Buffer
	if err := sampleReport().WriteText(&b, TextOptions{}); err != nil {
		t.Fatal(err)
	}
	var html bytes.Buffer
	if err := sampleReport().WriteHTML(&html); err != nil {
		t.Fatal(err)
	}
	for name, parts := range map[string][]string{
		b.String():    {"FAILED         delete-track/saver", "  expected  ", "  got  ", "curl -X", "  requirement  ", "  source  ", "  why  ", "  replay  "},
		html.String(): {`id="delete-track/saver`, "<h3>Expected</h3>", "<h3>Got</h3>", "<small>curl</small>", `<ul class="demands">`, "<cite>", `class="why"`, "<small>replay</small>"},
	} {
		at := 0
		for _, part := range parts {
			i := strings.Index(name[at:], part)
			if i < 0 {
				t.Errorf("no %q behind what is to come before it", part)
				break
			}
			at += i
		}
	}
}

// The times add up, as readers of JUnit take them to.
func TestJUnitTimesAddUp(t *testing.T) {
	var b bytes.Buffer
	if err := sameCases().WriteJUnit(&b); err != nil {
		t.Fatal(err)
	}
	var got junitSuites
	if err := xml.Unmarshal(b.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	number := func(text string) float64 {
		n, err := strconv.ParseFloat(text, 64)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	suites := 0.0
	for _, s := range got.Suites {
		cases := 0.0
		for _, c := range s.Cases {
			cases += number(c.Time)
		}
		if math.Abs(cases-number(s.Time)) > 1e-9 {
			t.Errorf("%s takes %s, and its cases %.3f", s.Name, s.Time, cases)
		}
		suites += number(s.Time)
	}
	if math.Abs(suites-number(got.Time)) > 1e-9 {
		t.Errorf("all takes %s, and the suites %.3f", got.Time, suites)
	}
}

// On a narrow terminal sentences wrap, and what is to be copied does not.
func TestTextWraps(t *testing.T) {
	const width = 60
	var b bytes.Buffer
	r := sampleReport()
	r.Cases[1].Replay = "mtrack-conformance run --replay delete-track/saver-gets-403 --seed 42 --target http://127.0.0.1:8080"
	if err := r.WriteText(&b, TextOptions{Width: width}); err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(b.String()) {
		line = strings.TrimRight(line, "\n")
		copied := strings.Contains(line, "curl") || strings.Contains(line, "replay  ") || strings.Contains(line, `{"`) || strings.Contains(line, "</pre>")
		if n := len([]rune(line)); n > width && !copied {
			t.Errorf("%d columns: %s", n, line)
		}
	}
	if !strings.Contains(b.String(), r.Cases[1].Replay+"\n") {
		t.Error("the command to repeat a case is broken in two")
	}
	if text := strings.Join(strings.Fields(b.String()), " "); !strings.Contains(text, "Whoever only saved a track may not delete it.") {
		t.Error("wrapping lost words")
	}
}

// On a phone nothing is wider than the page: long words break anywhere, what cannot shrink
// scrolls by itself, and what is hidden from the eye stays in its place.
func TestHTMLFitsAPhone(t *testing.T) {
	for _, rule := range []string{
		`body \{[^}]*overflow-wrap: anywhere`,                     // ids and paths
		`\.scroll \{[^}]*position: relative[^}]*overflow-x: auto`, // the hidden texts in its cells
		`\.chip \{[^}]*position: relative`,                        // its hidden checkbox
		`\.exchange > summary \{[^}]*flex-wrap: wrap`,
		`\.case > summary \{[^}]*flex-wrap: wrap`,
		`minmax\(min\(190px, 100%\), 1fr\)`,
	} {
		if !regexp.MustCompile(rule).MatchString(reportStyle) {
			t.Errorf("no %s in the style", rule)
		}
	}
	for _, width := range regexp.MustCompile(`(?:^|[^-])width: (\d+)px`).FindAllStringSubmatch(reportStyle, -1) {
		if n, _ := strconv.Atoi(width[1]); n > 340 {
			t.Errorf("something is %d pixels wide", n)
		}
	}
}
