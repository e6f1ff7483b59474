package conformance_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/seed-5ec2a705/mtrack/conformance"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/faulty"
)

// tryRequirements are for the cases of these tests.
var tryRequirements = []conformance.Requirement{
	{ID: "must", Level: conformance.Must, Statement: "It must."},
	{ID: "should", Level: conformance.Should, Statement: "It should."},
}

// tryScene is a song, its creator, and somebody of another organization.
var tryScene = conformance.SceneRequest{
	Organizations: []conformance.OrganizationRequest{{Name: "home"}, {Name: "abroad"}},
	Users:         []conformance.UserRequest{{Name: "creator", MemberOf: []string{"home"}}, {Name: "outsider", MemberOf: []string{"abroad"}}},
	Tracks:        []conformance.TrackRequest{{Name: "song", Organization: "home", Creator: "creator", SavedBy: []string{"creator"}}},
}

// start serves a correct target, or the one that is given.
func start(t *testing.T, server *faulty.Server) conformance.Target {
	t.Helper()
	running, err := server.Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { running.Close() })
	provisioner, err := conformance.NewHTTPProvisioner(running.Provision, 0, nil)
	if err != nil {
		t.Fatal(err)
	}
	return conformance.Target{URL: running.API, Provisioner: provisioner}
}

func TestRunEndToEnd(t *testing.T) {
	deletes := conformance.Case{
		ID: "try/creator-deletes", Operation: conformance.DeleteTrack, Requirements: []string{"must"}, Scene: tryScene,
		Run: func(ctx context.Context, c *conformance.Client) error {
			s := c.Scene
			home, song := s.Organization("home"), s.Track("song")
			for _, step := range []struct {
				as   string
				want int
			}{{"outsider", http.StatusNotFound}, {"creator", http.StatusOK}, {"creator", http.StatusNotFound}} {
				e, err := c.Delete(ctx, s.User(step.as), home, song)
				if err != nil {
					return err
				}
				if e.Status != step.want {
					return conformance.Fail(http.StatusText(step.want), http.StatusText(e.Status), e)
				}
			}
			events, err := c.History(ctx, home, song)
			if err != nil {
				return err
			}
			if last := events[len(events)-1]; last.Type != conformance.EventDeleted || last.Actor != s.User("creator").ID {
				return conformance.Fail("a deletion by the creator", last.Type+" by "+last.Actor)
			}
			return nil
		},
	}
	report, err := conformance.Run(t.Context(), start(t, faulty.New()), conformance.WithCases([]conformance.Case{deletes}, tryRequirements))
	if err != nil {
		t.Fatal(err)
	}
	if report.Verdict != conformance.Conforming {
		t.Fatalf("%s: %+v", report.Verdict, report.Cases)
	}
	if got := report.Coverage; len(got) != 2 || got[0].Operation != conformance.DeleteTrack || got[0].Status != 200 || got[1].Status != 404 || got[1].Exchanges != 2 {
		t.Errorf("coverage: %+v", got)
	}
}

// provisioned makes scenes out of thin air, for cases that never talk to the target as anybody in them.
type provisioned struct {
	made     atomic.Int64
	features []conformance.Feature
	fail     error // instead of a scene
}

func (p *provisioned) String() string { return "thin air" }

func (p *provisioned) Capabilities(context.Context) ([]conformance.Feature, error) {
	return p.features, nil
}

func (p *provisioned) History(context.Context, string, string) ([]conformance.Event, error) {
	return nil, conformance.ErrNoHistory
}

func (p *provisioned) CreateScene(_ context.Context, r conformance.SceneRequest) (*conformance.Scene, error) {
	n := p.made.Add(1)
	if p.fail != nil {
		return nil, p.fail
	}
	s := &conformance.Scene{Organizations: map[string]conformance.SceneOrganization{}, Users: map[string]conformance.SceneUser{}, Tracks: map[string]conformance.SceneTrack{}}
	for _, o := range r.Organizations {
		s.Organizations[o.Name] = conformance.SceneOrganization{ID: fmt.Sprintf("org_%d_%s", n, o.Name)}
	}
	for _, u := range r.Users {
		s.Users[u.Name] = conformance.SceneUser{ID: fmt.Sprintf("user_%d_%s", n, u.Name), APIKey: fmt.Sprintf("ak_secret_%d_%s", n, u.Name)}
	}
	for _, t := range r.Tracks {
		s.Tracks[t.Name] = conformance.SceneTrack{ID: fmt.Sprintf("mtrack_%d_%s", n, t.Name)}
	}
	return s, nil
}

// teapot is a target that answers everything alike, and echoes the key.
func teapot(t *testing.T) conformance.Target {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusTeapot)
		fmt.Fprintf(w, "no coffee for %s", r.Header.Get("X-API-Key"))
	}))
	t.Cleanup(server.Close)
	return conformance.Target{URL: server.URL, Provisioner: &provisioned{}, Name: "teapot", Version: "1"}
}

// tryCase makes a case of a function.
func tryCase(id string, run func(context.Context, *conformance.Client) error) conformance.Case {
	return conformance.Case{ID: id, Operation: conformance.DeleteTrack, Requirements: []string{"must"}, Run: run}
}

func should(c conformance.Case) conformance.Case {
	c.Requirements = []string{"should"}
	return c
}

func tryRun(t *testing.T, target conformance.Target, cases []conformance.Case, options ...conformance.Option) *conformance.Report {
	t.Helper()
	report, err := conformance.Run(t.Context(), target, append([]conformance.Option{conformance.WithCases(cases, tryRequirements)}, options...)...)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// outcomes lists the outcomes by case.
func outcomes(r *conformance.Report) map[string]conformance.Outcome {
	m := map[string]conformance.Outcome{}
	for _, c := range r.Cases {
		m[c.ID] = c.Outcome
	}
	return m
}

var (
	passes   = func(context.Context, *conformance.Client) error { return nil }
	fails    = func(context.Context, *conformance.Client) error { return conformance.Fail("one thing", "another") }
	skips    = func(context.Context, *conformance.Client) error { return conformance.Skip("nothing to see") }
	panics   = func(_ context.Context, c *conformance.Client) error { c.Scene.User("nobody"); return nil }
	violates = func(ctx context.Context, c *conformance.Client) error {
		_, err := c.Delete(ctx, conformance.User{Key: "ak_echoed_key"}, "o", "t")
		return err
	}
)

// Outcomes and the verdict are what the cases' errors and levels make them.
func TestOutcomes(t *testing.T) {
	broken := teapot(t)
	broken.Provisioner = &provisioned{fail: errors.New("no room")}
	needs := tryCase("a/needs", passes)
	needs.Needs = []conformance.Feature{conformance.FeatureHistory}
	scene := tryCase("a/scene", passes)
	scene.Scene = tryScene
	wrapped := tryCase("a/wrapped", func(context.Context, *conformance.Client) error {
		return fmt.Errorf("in the second round: %w", conformance.Fail("one thing", "another"))
	})
	for name, tc := range map[string]struct {
		target  conformance.Target
		c       conformance.Case
		options []conformance.Option
		outcome conformance.Outcome
		verdict conformance.Verdict
		reason  string
	}{
		"passes":             {c: tryCase("a/b", passes), outcome: conformance.Passed, verdict: conformance.Conforming},
		"fails":              {c: tryCase("a/b", fails), outcome: conformance.Failed, verdict: conformance.NotConforming, reason: "expected one thing; got another"},
		"fails, wrapped":     {c: wrapped, outcome: conformance.Failed, verdict: conformance.NotConforming},
		"should":             {c: should(tryCase("a/b", fails)), outcome: conformance.Warning, verdict: conformance.Undecided},
		"should, strict":     {c: should(tryCase("a/b", fails)), options: []conformance.Option{conformance.WithStrict(true)}, outcome: conformance.Failed, verdict: conformance.NotConforming},
		"should, contract":   {c: should(tryCase("a/b", violates)), outcome: conformance.Failed, verdict: conformance.NotConforming, reason: "418"},
		"skips":              {c: tryCase("a/b", skips), outcome: conformance.SkippedOutcome, verdict: conformance.Undecided, reason: "nothing to see"},
		"needs a feature":    {c: needs, outcome: conformance.SkippedOutcome, verdict: conformance.Undecided, reason: `does not offer "history"`},
		"panics":             {c: tryCase("a/b", panics), outcome: conformance.Errored, verdict: conformance.Undecided, reason: `the case itself is at fault: user "nobody" looked up in a case that asks for no scene (scene.go:`},
		"no provisioner":     {target: broken, c: scene, outcome: conformance.Errored, verdict: conformance.Undecided, reason: "no room"},
		"error of its own":   {c: tryCase("a/b", func(context.Context, *conformance.Client) error { return errors.New("odd") }), outcome: conformance.Errored, verdict: conformance.Undecided, reason: "odd"},
		"known":              {c: tryCase("a/b", fails), options: known("a/*"), outcome: conformance.KnownFailing, verdict: conformance.Undecided},
		"known that passes":  {c: tryCase("a/b", passes), options: known("a/b"), outcome: conformance.Failed, verdict: conformance.NotConforming, reason: "remove the entry"},
		"known and skipped":  {c: tryCase("a/b", skips), options: known("a/b"), outcome: conformance.SkippedOutcome, verdict: conformance.Undecided},
		"known and in error": {c: tryCase("a/b", panics), options: known("a/b"), outcome: conformance.Errored, verdict: conformance.Undecided},
	} {
		t.Run(name, func(t *testing.T) {
			if tc.target.URL == "" {
				tc.target = teapot(t)
			}
			r := tryRun(t, tc.target, []conformance.Case{tc.c}, tc.options...)
			c := r.Cases[0]
			if c.Outcome != tc.outcome || r.Verdict != tc.verdict || !strings.Contains(c.Reason, tc.reason) || r.Counts[tc.outcome] != 1 {
				t.Errorf("%s, %s, %q; want %s, %s, %q", c.Outcome, r.Verdict, c.Reason, tc.outcome, tc.verdict, tc.reason)
			}
			if wants := tc.outcome != conformance.Passed && tc.outcome != conformance.SkippedOutcome; wants != (c.Replay != "") {
				t.Errorf("replay %q", c.Replay)
			}
		})
	}
}

func known(pattern string) []conformance.Option {
	return []conformance.Option{conformance.WithKnownFailing(conformance.KnownFailure{Pattern: pattern, Reason: "ticket 7"})}
}

// A pass beside it turns a warning, a skip and a known failure into their verdicts.
func TestVerdictBesideAPass(t *testing.T) {
	for want, tc := range map[conformance.Verdict]struct {
		other   conformance.Case
		options []conformance.Option
	}{
		conformance.ConformingWithWarnings: {other: should(tryCase("a/b", fails))},
		conformance.ConformingWithSkips:    {other: tryCase("a/b", skips)},
		conformance.NotConforming:          {other: tryCase("a/b", fails)},
		conformance.Undecided:              {other: tryCase("a/b", panics)},
		conformance.Conforming:             {other: tryCase("a/b", passes)},
	} {
		if r := tryRun(t, teapot(t), []conformance.Case{tryCase("a/pass", passes), tc.other}, tc.options...); r.Verdict != want {
			t.Errorf("%s, want %s", r.Verdict, want)
		}
	}
	if r := tryRun(t, teapot(t), []conformance.Case{tryCase("a/pass", passes), tryCase("a/b", fails)}, known("a/b")...); r.Verdict != conformance.ConformingWithSkips || r.Cases[1].KnownReason != "ticket 7" {
		t.Errorf("%s, %+v", r.Verdict, r.Cases[1])
	}
	if r := tryRun(t, teapot(t), []conformance.Case{tryCase("a/error", panics), tryCase("a/b", fails)}); r.Verdict != conformance.NotConforming {
		t.Errorf("a failure beside an error: %s", r.Verdict)
	}
}

// The evidence is there, and no key, whoever put it where.
func TestReportHoldsEvidenceWithoutKeys(t *testing.T) {
	c := tryCase("a/b", func(ctx context.Context, c *conformance.Client) error {
		creator := c.Scene.User("creator")
		e, err := c.Delete(ctx, creator, c.Scene.Organization("home"), c.Scene.Track("song"), conformance.WithoutContract())
		if err != nil {
			return err
		}
		for range 50 {
			if _, err := c.Delete(ctx, conformance.User{Key: "ak_altered_key"}, "o", creator.Key, conformance.WithoutContract()); err != nil {
				return err
			}
		}
		return conformance.Fail("no coffee", "for "+creator.Key, e)
	})
	c.Scene = tryScene
	r := tryRun(t, teapot(t), []conformance.Case{c})
	var b bytes.Buffer
	if err := r.WriteJSON(&b); err != nil {
		t.Fatal(err)
	}
	if text := b.String(); strings.Contains(text, "ak_secret") || strings.Contains(text, "ak_altered") {
		t.Errorf("a key is in the report:\n%.3000s", text)
	}
	got := r.Cases[0]
	if got.Actual != "for $API_KEY_CREATOR" || len(got.Exchanges) != 30 || got.Omitted != 21 || got.Requests != 51 || !got.Exchanges[0].Evidence || got.Exchanges[1].Evidence {
		t.Errorf("actual %q, %d exchanges, %d left out of %d", got.Actual, len(got.Exchanges), got.Omitted, got.Requests)
	}
	if first := got.Exchanges[0]; first.ResponseBody != "no coffee for $API_KEY_CREATOR" || !strings.Contains(first.Curl, `-H "X-API-Key: $API_KEY_CREATOR"`) || first.Status != 418 {
		t.Errorf("%+v", first)
	}
	if want := fmt.Sprintf("mtrack-conformance run --replay a/b --seed %d", r.Options.Seed); got.Replay != want {
		t.Errorf("replay %q, want %q", got.Replay, want)
	}
	if r.Implementation.Name != "teapot" || len(r.Suite.ContractSHA256) != 64 || r.Version != conformance.ReportVersion || len(r.Requirements) != 1 || r.Total != 1 {
		t.Errorf("%+v", r)
	}
}

// Slow cases begin first and beside the others, those that measure time run last with nothing beside them.
func TestOrderOfCases(t *testing.T) {
	var mu sync.Mutex
	var order []string
	var running, most atomic.Int32
	note := func(id string, alone bool) conformance.Case {
		c := tryCase(id, func(context.Context, *conformance.Client) error {
			n := running.Add(1)
			defer running.Add(-1)
			most.Store(max(most.Load(), n))
			mu.Lock()
			order = append(order, id)
			mu.Unlock()
			if alone && n != 1 {
				return conformance.Fail("to be alone", fmt.Sprintf("%d others", n-1))
			}
			time.Sleep(20 * time.Millisecond)
			return nil
		})
		c.Alone = alone
		return c
	}
	slow := note("a/slow", false)
	slow.Slow = true
	cases := []conformance.Case{note("a/alone", true), note("a/1", false), note("a/2", false), slow, note("a/alone2", true), note("a/3", false)}
	for _, parallel := range []int{1, 2} {
		order = nil
		most.Store(0)
		r := tryRun(t, teapot(t), cases, conformance.WithParallel(parallel))
		if r.Verdict != conformance.Conforming {
			t.Fatalf("%v", outcomes(r))
		}
		if got := strings.Join(order[4:], " "); got != "a/alone a/alone2" || len(order) != 6 {
			t.Errorf("parallel %d: %v", parallel, order)
		}
		if parallel == 1 && (order[0] != "a/slow" || most.Load() != 1) || most.Load() > 3 {
			t.Errorf("parallel %d: %d at once, %v", parallel, most.Load(), order)
		}
		if got := r.Cases[0].ID; got != "a/alone" {
			t.Errorf("the report begins with %s", got)
		}
	}
}

// An interrupted run reports what was done, marked incomplete.
func TestInterruptedRun(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	cases := []conformance.Case{
		tryCase("a/1", passes),
		tryCase("a/2", func(ctx context.Context, c *conformance.Client) error {
			cancel()
			_, err := c.Delete(ctx, conformance.User{}, "o", "t")
			return err
		}),
		tryCase("a/3", passes),
	}
	r, err := conformance.Run(ctx, teapot(t), conformance.WithCases(cases, tryRequirements), conformance.WithParallel(1))
	if err != nil {
		t.Fatal(err)
	}
	if !r.Incomplete || r.Verdict != conformance.Undecided || len(r.Cases) != 1 || r.Cases[0].ID != "a/1" || r.Selected != 3 {
		t.Errorf("%+v", r)
	}
	if _, err := conformance.Run(ctx, teapot(t), conformance.WithCases(cases, tryRequirements)); !errors.Is(err, context.Canceled) {
		t.Errorf("interrupted before it began: %v", err)
	}
}

// Chance is the same for the same seed and case, and differs otherwise.
func TestSeed(t *testing.T) {
	draw := func(seed uint64) (a, b uint64) {
		cases := []conformance.Case{
			tryCase("a/1", func(_ context.Context, c *conformance.Client) error { a = c.Rand().Uint64(); return nil }),
			tryCase("a/2", func(_ context.Context, c *conformance.Client) error { b = c.Rand().Uint64(); return nil }),
		}
		tryRun(t, teapot(t), cases, conformance.WithSeed(seed), conformance.WithParallel(1))
		return a, b
	}
	a, b := draw(7)
	a2, b2 := draw(7)
	c, _ := draw(8)
	if a != a2 || b != b2 || a == b || a == c {
		t.Errorf("%d %d, %d %d, %d", a, b, a2, b2, c)
	}
}

// Options that cannot be used refuse the run before anything is sent, and name themselves.
func TestRunRefusesOptions(t *testing.T) {
	cases := []conformance.Case{tryCase("delete-track/a", passes), tryCase("delete-track/b", passes), tryCase("x/y/z", passes)}
	get := tryCase("get-track/c", passes)
	get.Operation = conformance.GetTrack
	cases = append(cases, get)
	nowhere := conformance.Target{URL: "http://127.0.0.1:1", Provisioner: &provisioned{}}
	for want, options := range map[string][]conformance.Option{
		`--run: "delete-track/c" matches no case`:  {conformance.WithRun("delete-track/c")},
		`--run: "*" matches no case`:               {conformance.WithRun("*")},
		`--run: an empty pattern`:                  {conformance.WithRun("")},
		`--skip: "y" matches no case`:              {conformance.WithSkip("y")},
		`--skip: nothing is left`:                  {conformance.WithSkip("**")},
		`--run: nothing is left to run in profile`: {conformance.WithRun("get-track/*"), conformance.WithProfile(conformance.ProfileDelete)},
		`--known-failing: "typo/*" matches no`:     known("typo/*"),
		`--profile: "half" is none`:                {conformance.WithProfile("half")},
		`--parallel: -1 cases at once`:             {conformance.WithParallel(-1)},
		`--timeout: 0s is over`:                    {conformance.WithTimeout(0)},
	} {
		_, err := conformance.Run(t.Context(), nowhere, append(options, conformance.WithCases(cases, tryRequirements))...)
		var option *conformance.OptionError
		if !errors.As(err, &option) || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
	for _, tc := range []struct {
		run, skip []string
		want      string
	}{
		{nil, nil, "delete-track/a delete-track/b x/y/z get-track/c"},
		{[]string{"*/*"}, nil, "delete-track/a delete-track/b get-track/c"},
		{[]string{"x/**"}, nil, "x/y/z"},
		{[]string{"**/a", "get-track/?"}, nil, "delete-track/a get-track/c"},
		{[]string{"delete-track/*"}, []string{"**/b"}, "delete-track/a"},
	} {
		selected, err := conformance.Select(cases, conformance.ProfileFull, tc.run, tc.skip)
		var ids []string
		for _, c := range selected {
			ids = append(ids, c.ID)
		}
		if err != nil || strings.Join(ids, " ") != tc.want {
			t.Errorf("%q without %q: %v %v, want %s", tc.run, tc.skip, ids, err, tc.want)
		}
	}
	_, err := conformance.Run(t.Context(), conformance.Target{URL: "http://127.0.0.1:1"}, conformance.WithCases(cases, tryRequirements))
	if err == nil || !strings.HasPrefix(err.Error(), "--provision: missing") {
		t.Errorf("no provisioner: %v", err)
	}
	for name, faulty := range map[string][]conformance.Case{
		"twice":            {cases[0], cases[0]},
		"no requirement":   {{ID: "a", Run: passes}},
		"unknown":          {{ID: "a", Requirements: []string{"maybe"}, Run: passes}},
		"levels are mixed": {{ID: "a", Requirements: []string{"must", "should"}, Run: passes}},
	} {
		if _, err := conformance.NewRunner(t.Context(), nowhere, conformance.WithCases(faulty, tryRequirements)); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

// Outside of full, operations beyond the profile are used where the target serves them, and asked for once.
func TestServes(t *testing.T) {
	server := faulty.New()
	var asked atomic.Int32
	partly := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			if strings.HasPrefix(r.Header.Get("X-API-Key"), "ak_") { // the preflight has none of a scene
				asked.Add(1)
			}
			if strings.HasSuffix(r.URL.Path, "/tracks") {
				http.NotFound(w, r)
				return
			}
		}
		server.API().ServeHTTP(w, r)
	}))
	defer partly.Close()
	target := start(t, server)
	target.URL = partly.URL
	var mu sync.Mutex
	got := map[string]bool{}
	ask := func(id string) conformance.Case {
		return tryCase(id, func(ctx context.Context, c *conformance.Client) error {
			for _, o := range conformance.Operations() {
				serves := c.Serves(ctx, o)
				mu.Lock()
				got[id+" "+string(o)] = serves
				mu.Unlock()
			}
			return nil
		})
	}
	tryRun(t, target, []conformance.Case{ask("a/1"), ask("a/2")}, conformance.WithProfile(conformance.ProfileDelete))
	for _, id := range []string{"a/1", "a/2"} {
		for o, want := range map[conformance.Operation]bool{conformance.DeleteTrack: true, conformance.GetTrack: true, conformance.ListSavedTracks: false, conformance.UnsaveTrack: true} {
			if got[id+" "+string(o)] != want {
				t.Errorf("%s: serves %s is %v", id, o, !want)
			}
		}
	}
	if n := asked.Load(); n != 2 {
		t.Errorf("%d reads, want 2", n)
	}
	tryRun(t, target, []conformance.Case{ask("a/full")})
	if !got["a/full "+string(conformance.ListSavedTracks)] {
		t.Error("in the full profile everything is to be served")
	}
}

// A target that answers nothing has failed; one that is gone is an error.
func TestNoAnswerIsAFailureOfALivingTarget(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				r, err := http.ReadRequest(bufio.NewReader(conn))
				if err == nil && r.Method == http.MethodGet {
					io.WriteString(conn, "HTTP/1.1 404 Not Found\r\n\r\n")
				}
			}()
		}
	}()
	target := conformance.Target{URL: "http://" + l.Addr().String(), Provisioner: &provisioned{}}
	silent := tryCase("a/silent", violates)
	gone := tryCase("a/gone", func(ctx context.Context, c *conformance.Client) error {
		l.Close()
		return violates(ctx, c)
	})
	r := tryRun(t, target, []conformance.Case{silent, gone}, conformance.WithParallel(1))
	if got := r.Cases[0]; got.Outcome != conformance.Failed || got.Expected != "an answer to every request" || len(got.Exchanges) != 1 || !got.Exchanges[0].Evidence {
		t.Errorf("%+v", got)
	}
	if got := r.Cases[1]; got.Outcome != conformance.Errored || !strings.Contains(got.Reason, "accepts connections no more") {
		t.Errorf("%+v", got)
	}
}

// A provisioner that never works is not asked for every scene of the suite.
func TestBrokenProvisionerIsGivenUp(t *testing.T) {
	var cases []conformance.Case
	for i := range 20 {
		c := tryCase(fmt.Sprintf("a/%d", i), passes)
		c.Scene = tryScene
		cases = append(cases, c)
	}
	target := teapot(t)
	p := &provisioned{fail: errors.New("no room")}
	target.Provisioner = p
	r := tryRun(t, target, cases, conformance.WithParallel(1))
	if r.Counts[conformance.Errored] != 20 || p.made.Load() != 3 || r.Verdict.ExitStatus() != 2 {
		t.Errorf("%v after %d attempts", r.Counts, p.made.Load())
	}
}

// With a file of scenes, cases whose scene is missing are skipped, and the scenes are in the report.
func TestMissingScenes(t *testing.T) {
	one, two := tryCase("a/1", passes), tryCase("a/2", passes)
	one.Scene, two.Scene = tryScene, tryScene
	target := teapot(t)
	var b bytes.Buffer
	if err := conformance.WriteScenes(&b, []conformance.SceneRequest{tryScene}); err != nil {
		t.Fatal(err)
	}
	text := b.String()
	for i := 0; strings.Contains(text, `""`); i++ {
		text = strings.Replace(text, `""`, fmt.Sprintf(`"id_%d"`, i), 1)
	}
	scenes, err := conformance.ReadScenes(strings.NewReader(text), "scenes.json")
	if err != nil {
		t.Fatal(err)
	}
	target.Provisioner = scenes
	r := tryRun(t, target, []conformance.Case{one, two}, conformance.WithParallel(1))
	if r.Verdict != conformance.ConformingWithSkips || len(r.MissingScenes) != 1 || len(r.MissingScenes[0].Users) != 2 || !strings.Contains(r.Cases[1].Reason, "none left that matches") {
		t.Errorf("%s %+v", r.Verdict, r.Cases)
	}
}

func TestPatternsAndKnownFailuresFromFiles(t *testing.T) {
	write := func(content string) string {
		path := filepath.Join(t.TempDir(), "list")
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	path := write("# all of it\n\na/*  # because\n  b/c\n")
	if got, err := conformance.ExpandPatterns("--run", "x/y, @"+path); err != nil || strings.Join(got, " ") != "x/y a/* b/c" {
		t.Errorf("%q %v", got, err)
	}
	entries, err := conformance.ReadKnownFailing(write("# ticket 1:\n# soon\na/*\n\nb/c # ticket 2\nd/e\n"))
	if err != nil || fmt.Sprint(entries) != "[{a/* ticket 1: soon} {b/c ticket 2} {d/e }]" {
		t.Errorf("%v %v", entries, err)
	}
	for _, content := range []string{"", "# nothing\n", "a/b c/d\n"} {
		if _, err := conformance.ReadKnownFailing(write(content)); err == nil {
			t.Errorf("%q: accepted", content)
		}
	}
	if _, err := conformance.ExpandPatterns("--run", "@/no/such/file"); err == nil || !strings.HasPrefix(err.Error(), "--run: ") {
		t.Errorf("got %v", err)
	}
	if _, err := conformance.ExpandPatterns("--run", " , "); err == nil {
		t.Error("nothing is accepted")
	}
}
