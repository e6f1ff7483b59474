package runner

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
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/seed-5ec2a705/mtrack/conformance/internal/faulty"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/suite"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/wire"
	"github.com/seed-5ec2a705/mtrack/conformance/provision"
	"github.com/seed-5ec2a705/mtrack/conformance/report"
	"github.com/seed-5ec2a705/mtrack/conformance/requirement"
	"github.com/seed-5ec2a705/mtrack/openapi"
)

// tryRequirements are for the cases of these tests.
var tryRequirements = []requirement.Requirement{
	{ID: "must", Level: requirement.Must, Statement: "It must."},
	{ID: "should", Level: requirement.Should, Statement: "It should."},
}

// tryScene is a song, its creator, and somebody of another organization.
var tryScene = provision.Request{
	Organizations: []provision.OrganizationRequest{{Name: "home"}, {Name: "abroad"}},
	Users:         []provision.UserRequest{{Name: "creator", MemberOf: []string{"home"}}, {Name: "outsider", MemberOf: []string{"abroad"}}},
	Tracks:        []provision.TrackRequest{{Name: "song", Organization: "home", Creator: "creator", SavedBy: []string{"creator"}}},
}

// start serves a correct target, or the one that is given.
func start(t *testing.T, server *faulty.Server) Target {
	t.Helper()
	running, err := server.Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { running.Close() })
	provisioner, err := provision.HTTP(running.Provision, 0, nil)
	if err != nil {
		t.Fatal(err)
	}
	return Target{URL: running.API, Provisioner: provisioner}
}

func TestRunEndToEnd(t *testing.T) {
	deletes := suite.Case{
		Area: "try", Slug: "creator-deletes", Operation: requirement.DeleteTrack, Requirements: []requirement.ID{"must"}, Scene: tryScene,
		Run: func(ctx context.Context, c *suite.Client) error {
			s := c.Scene
			home, song := s.Organization("home"), s.Track("song")
			for _, step := range []struct {
				as   string
				want int
			}{{"outsider", http.StatusNotFound}, {"creator", http.StatusOK}, {"creator", http.StatusNotFound}} {
				e, err := c.Do(ctx, suite.NewRequest("DELETE", requirement.TrackPath(home, song), s.User(step.as)))
				if err != nil {
					return err
				}
				if e.Status != step.want {
					return suite.Fail(http.StatusText(step.want), http.StatusText(e.Status), e)
				}
			}
			events, err := c.History(ctx, home, song)
			if err != nil {
				return err
			}
			if last := events[len(events)-1]; last.Type != provision.EventDeleted || last.Actor != s.User("creator").ID {
				return suite.Fail("a deletion by the creator", last.Type+" by "+last.Actor)
			}
			return nil
		},
	}
	result := tryRun(t, start(t, faulty.New()), []suite.Case{deletes})
	if result.Verdict != report.Conforming {
		t.Fatalf("%s: %+v", result.Verdict, result.Cases)
	}
	if got := result.Coverage; len(got) != 2 || got[0].Operation != requirement.DeleteTrack || got[0].Status != 200 || got[1].Status != 404 || got[1].Exchanges != 2 {
		t.Errorf("coverage: %+v", got)
	}
}

// provisioned makes scenes out of thin air, for cases that never talk to the target as anybody in
// them.
type provisioned struct {
	made     atomic.Int64
	features []provision.Feature
	fail     error // instead of a scene
}

func (p *provisioned) String() string { return "thin air" }

func (p *provisioned) Capabilities(context.Context) ([]provision.Feature, error) {
	return p.features, nil
}

func (p *provisioned) History(context.Context, string, string) ([]provision.Event, error) {
	return nil, provision.ErrNoHistory
}

func (p *provisioned) CreateScene(_ context.Context, r provision.Request) (*provision.Scene, error) {
	n := p.made.Add(1)
	if p.fail != nil {
		return nil, p.fail
	}
	s := &provision.Scene{Organizations: map[string]provision.SceneOrganization{}, Users: map[string]provision.SceneUser{}, Tracks: map[string]provision.SceneTrack{}}
	for _, o := range r.Organizations {
		s.Organizations[o.Name] = provision.SceneOrganization{ID: fmt.Sprintf("org_%d_%s", n, o.Name)}
	}
	for _, u := range r.Users {
		s.Users[u.Name] = provision.SceneUser{ID: fmt.Sprintf("user_%d_%s", n, u.Name), APIKey: fmt.Sprintf("ak_secret_%d_%s", n, u.Name)}
	}
	for _, t := range r.Tracks {
		s.Tracks[t.Name] = provision.SceneTrack{ID: fmt.Sprintf("mtrack_%d_%s", n, t.Name)}
	}
	return s, nil
}

// teapot is a target whose responses are all the same, and echo the key.
func teapot(t *testing.T) Target {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusTeapot)
		fmt.Fprintf(w, `{"sorry":"no coffee for %s"}`, r.Header.Get("X-API-Key"))
	}))
	t.Cleanup(server.Close)
	return Target{URL: server.URL, Provisioner: &provisioned{}, Name: "teapot", Version: "1"}
}

// tryCase makes a case of a function.
func tryCase(id string, run func(context.Context, *suite.Client) error) suite.Case {
	area, slug, _ := strings.Cut(id, "/")
	return suite.Case{Area: area, Slug: slug, Operation: requirement.DeleteTrack, Requirements: []requirement.ID{"must"}, Run: run}
}

func should(c suite.Case) suite.Case {
	c.Requirements = []requirement.ID{"should"}
	return c
}

func tryRun(t *testing.T, target Target, cases []suite.Case, options ...func(*Config)) *report.Report {
	t.Helper()
	r, err := newRun(t.Context(), target, cases, options...)
	if err != nil {
		t.Fatal(err)
	}
	r.RunAll(t.Context())
	return r.Report()
}

// newRun makes a runner of cases and tryRequirements.
func newRun(ctx context.Context, target Target, cases []suite.Case, options ...func(*Config)) (*Runner, error) {
	config := Config{
		Profile: requirement.ProfileFull, Seed: 1, Parallel: 4, Timeout: 30 * time.Second,
		Replay: func(id string, seed uint64, profile requirement.Profile) string {
			return fmt.Sprintf("replay %s %d %s", id, seed, profile)
		},
	}
	for _, option := range options {
		option(&config)
	}
	s := suite.Suite{
		Name: "mtrack-conformance", Version: "0", Cases: cases, Requirements: tryRequirements,
		Contract: openapi.Music, ContractName: "openapi/music.yaml",
		BasePath: "/v1", ProbePaths: []string{requirement.TracksPath("org_preflight"), "/v1"},
		EventTypes: []string{provision.EventCreated, provision.EventBilled, provision.EventDeleted},
		Serves: suite.Probe{Scene: tryScene, Ask: func(ctx context.Context, c *suite.Client, s *provision.Scene) map[requirement.Operation]bool {
			creator, home := s.User("creator"), s.Organization("home")
			served := map[requirement.Operation]bool{}
			for o, r := range map[requirement.Operation]wire.Request{
				requirement.GetTrack:        suite.NewRequest("GET", requirement.TrackPath(home, s.Track("song")), creator),
				requirement.ListSavedTracks: suite.NewRequest("GET", requirement.TracksPath(home), creator),
				requirement.UnsaveTrack:     suite.NewRequest("DELETE", requirement.SavePath(home, s.Track("song")), creator),
			} {
				x, err := c.Do(ctx, r)
				served[o] = err == nil && x.Status == http.StatusOK
			}
			return served
		}},
	}
	return New(ctx, s, target, config)
}

// The options of these tests.
func strict(c *Config)                   { c.Strict = true }
func inTurn(c *Config)                   { c.Parallel = 1 }
func deleteProfile(c *Config)            { c.Profile = requirement.ProfileDelete }
func run(globs ...string) func(*Config)  { return func(c *Config) { c.Run = globs } }
func skip(globs ...string) func(*Config) { return func(c *Config) { c.Skip = globs } }

// outcomes lists the outcomes by case.
func outcomes(r *report.Report) map[string]report.Outcome {
	m := map[string]report.Outcome{}
	for _, c := range r.Cases {
		m[c.ID] = c.Outcome
	}
	return m
}

var (
	passes   = func(context.Context, *suite.Client) error { return nil }
	fails    = func(context.Context, *suite.Client) error { return suite.Fail("one thing", "another") }
	skips    = func(context.Context, *suite.Client) error { return suite.Skip("nothing to see") }
	panics   = func(_ context.Context, c *suite.Client) error { c.Scene.User("nobody"); return nil }
	violates = func(ctx context.Context, c *suite.Client) error {
		_, err := c.Do(ctx, suite.NewRequest("DELETE", requirement.TrackPath("o", "t"), provision.User{Key: "ak_echoed_key"}))
		return err
	}
)

// Outcomes and the verdict are what the cases' errors and levels make them.
func TestOutcomes(t *testing.T) {
	broken := teapot(t)
	broken.Provisioner = &provisioned{fail: errors.New("no room")}
	needs := tryCase("a/needs", passes)
	needs.Needs = []provision.Feature{provision.FeatureHistory}
	scene := tryCase("a/scene", passes)
	scene.Scene = tryScene
	wrapped := tryCase("a/wrapped", func(context.Context, *suite.Client) error {
		return fmt.Errorf("in the second round: %w", suite.Fail("one thing", "another"))
	})
	for name, tc := range map[string]struct {
		target  Target
		c       suite.Case
		options []func(*Config)
		outcome report.Outcome
		verdict report.Verdict
		reason  string
	}{
		"passes":             {c: tryCase("a/b", passes), outcome: report.Passed, verdict: report.Conforming},
		"fails":              {c: tryCase("a/b", fails), outcome: report.Failed, verdict: report.NotConforming, reason: "expected one thing; got another"},
		"fails, wrapped":     {c: wrapped, outcome: report.Failed, verdict: report.NotConforming},
		"should":             {c: should(tryCase("a/b", fails)), outcome: report.Warning, verdict: report.Undecided},
		"should, strict":     {c: should(tryCase("a/b", fails)), options: []func(*Config){strict}, outcome: report.Failed, verdict: report.NotConforming},
		"should, contract":   {c: should(tryCase("a/b", violates)), outcome: report.Failed, verdict: report.NotConforming, reason: "418"},
		"skips":              {c: tryCase("a/b", skips), outcome: report.Skipped, verdict: report.Undecided, reason: "nothing to see"},
		"needs a feature":    {c: needs, outcome: report.Skipped, verdict: report.Undecided, reason: `does not offer "history"`},
		"panics":             {c: tryCase("a/b", panics), outcome: report.Errored, verdict: report.Undecided, reason: `the case itself is at fault: user "nobody" looked up, which the scene of the case does not have (scene.go:`},
		"no provisioner":     {target: broken, c: scene, outcome: report.Errored, verdict: report.Undecided, reason: "no room"},
		"error of its own":   {c: tryCase("a/b", func(context.Context, *suite.Client) error { return errors.New("odd") }), outcome: report.Errored, verdict: report.Undecided, reason: "odd"},
		"known":              {c: tryCase("a/b", fails), options: known("a/*"), outcome: report.KnownFailing, verdict: report.Undecided},
		"known that passes":  {c: tryCase("a/b", passes), options: known("a/b"), outcome: report.Failed, verdict: report.NotConforming, reason: "remove the entry"},
		"known and skipped":  {c: tryCase("a/b", skips), options: known("a/b"), outcome: report.Skipped, verdict: report.Undecided},
		"known and in error": {c: tryCase("a/b", panics), options: known("a/b"), outcome: report.Errored, verdict: report.Undecided},
	} {
		t.Run(name, func(t *testing.T) {
			if tc.target.URL == "" {
				tc.target = teapot(t)
			}
			r := tryRun(t, tc.target, []suite.Case{tc.c}, tc.options...)
			c := r.Cases[0]
			if c.Outcome != tc.outcome || r.Verdict != tc.verdict || !strings.Contains(c.Reason, tc.reason) || r.Counts[tc.outcome] != 1 {
				t.Errorf("%s, %s, %q; want %s, %s, %q", c.Outcome, r.Verdict, c.Reason, tc.outcome, tc.verdict, tc.reason)
			}
			if wants := tc.outcome != report.Passed && tc.outcome != report.Skipped; wants != (c.Replay != "") {
				t.Errorf("replay %q", c.Replay)
			}
		})
	}
}

func known(pattern string) []func(*Config) {
	return []func(*Config){func(c *Config) { c.Known = []KnownFailure{{Glob: pattern, Reason: "ticket 7"}} }}
}

// A pass beside it turns a warning, a skip and a known failure into their verdicts.
func TestVerdictBesideAPass(t *testing.T) {
	for want, tc := range map[report.Verdict]struct {
		other   suite.Case
		options []func(*Config)
	}{
		report.ConformingWithWarnings: {other: should(tryCase("a/b", fails))},
		report.ConformingWithSkips:    {other: tryCase("a/b", skips)},
		report.NotConforming:          {other: tryCase("a/b", fails)},
		report.Undecided:              {other: tryCase("a/b", panics)},
		report.Conforming:             {other: tryCase("a/b", passes)},
	} {
		if r := tryRun(t, teapot(t), []suite.Case{tryCase("a/pass", passes), tc.other}, tc.options...); r.Verdict != want {
			t.Errorf("%s, want %s", r.Verdict, want)
		}
	}
	if r := tryRun(t, teapot(t), []suite.Case{tryCase("a/pass", passes), tryCase("a/b", fails)}, known("a/b")...); r.Verdict != report.ConformingWithSkips || r.Cases[1].KnownReason != "ticket 7" {
		t.Errorf("%s, %+v", r.Verdict, r.Cases[1])
	}
	if r := tryRun(t, teapot(t), []suite.Case{tryCase("a/error", panics), tryCase("a/b", fails)}); r.Verdict != report.NotConforming {
		t.Errorf("a failure beside an error: %s", r.Verdict)
	}
}

// The evidence is there, and no key, whoever put it where.
func TestReportHoldsEvidenceWithoutKeys(t *testing.T) {
	c := tryCase("a/b", func(ctx context.Context, c *suite.Client) error {
		creator := c.Scene.User("creator")
		e, err := c.Do(ctx, suite.NewRequest("DELETE", requirement.TrackPath(c.Scene.Organization("home"), c.Scene.Track("song")), creator, suite.WithoutContract()))
		if err != nil {
			return err
		}
		for range 50 {
			if _, err := c.Do(ctx, suite.NewRequest("DELETE", requirement.TrackPath("o", creator.Key), provision.User{Key: "ak_altered_key"}, suite.WithoutContract())); err != nil {
				return err
			}
		}
		return suite.Fail("no coffee", "for "+creator.Key, e)
	})
	c.Scene = tryScene
	r := tryRun(t, teapot(t), []suite.Case{c})
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
	if first := got.Exchanges[0]; first.ResponseBody != `{"sorry":"no coffee for $API_KEY_CREATOR"}` || !strings.Contains(first.Curl, `-H "X-API-Key: $API_KEY_CREATOR"`) || first.Status != 418 {
		t.Errorf("%+v", first)
	}
	if want := fmt.Sprintf("replay a/b %d full", r.Options.Seed); got.Replay != want {
		t.Errorf("replay %q, want %q", got.Replay, want)
	}
	if r.Implementation.Name != "teapot" || len(r.Suite.ContractSHA256) != 64 || r.Version != report.Version || len(r.Requirements) != 1 || r.Total != 1 {
		t.Errorf("%+v", r)
	}
}

// Slow cases begin first and beside the others, those that measure time run last with nothing
// beside them.
func TestOrderOfCases(t *testing.T) {
	var mu sync.Mutex
	var order []string
	var running, most atomic.Int32
	note := func(id string, alone bool) suite.Case {
		c := tryCase(id, func(context.Context, *suite.Client) error {
			n := running.Add(1)
			defer running.Add(-1)
			most.Store(max(most.Load(), n))
			mu.Lock()
			order = append(order, id)
			mu.Unlock()
			if alone && n != 1 {
				return suite.Fail("to be alone", fmt.Sprintf("%d others", n-1))
			}
			time.Sleep(20 * time.Millisecond)
			return nil
		})
		c.Alone = alone
		return c
	}
	slow := note("a/slow", false)
	slow.Slow = true
	cases := []suite.Case{note("a/alone", true), note("a/1", false), note("a/2", false), slow, note("a/alone2", true), note("a/3", false)}
	for _, parallel := range []int{1, 2} {
		order = nil
		most.Store(0)
		r := tryRun(t, teapot(t), cases, func(c *Config) { c.Parallel = parallel })
		if r.Verdict != report.Conforming {
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
	cases := []suite.Case{
		tryCase("a/1", passes),
		tryCase("a/2", func(ctx context.Context, c *suite.Client) error {
			cancel()
			_, err := c.Do(ctx, suite.NewRequest("DELETE", requirement.TrackPath("o", "t"), provision.User{}))
			return err
		}),
		tryCase("a/3", passes),
	}
	runner, err := newRun(ctx, teapot(t), cases, inTurn)
	if err != nil {
		t.Fatal(err)
	}
	runner.RunAll(ctx)
	r := runner.Report()
	if !r.Incomplete || r.Verdict != report.Undecided || len(r.Cases) != 1 || r.Cases[0].ID != "a/1" || r.Selected != 3 {
		t.Errorf("%+v", r)
	}
	if _, err := newRun(ctx, teapot(t), cases); !errors.Is(err, context.Canceled) {
		t.Errorf("interrupted before it began: %v", err)
	}
}

// Chance is the same for the same seed and case, and differs otherwise.
func TestSeed(t *testing.T) {
	draw := func(seed uint64) (a, b uint64) {
		cases := []suite.Case{
			tryCase("a/1", func(_ context.Context, c *suite.Client) error { a = c.Rand().Uint64(); return nil }),
			tryCase("a/2", func(_ context.Context, c *suite.Client) error { b = c.Rand().Uint64(); return nil }),
		}
		tryRun(t, teapot(t), cases, func(c *Config) { c.Seed = seed }, inTurn)
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
	cases := []suite.Case{tryCase("delete-track/a", passes), tryCase("delete-track/b", passes), tryCase("x/y/z", passes)}
	get := tryCase("get-track/c", passes)
	get.Operation = requirement.GetTrack
	cases = append(cases, get)
	nowhere := Target{URL: "http://127.0.0.1:1", Provisioner: &provisioned{}}
	for want, options := range map[string][]func(*Config){
		`WithRun: "delete-track/c" matches no case`:                 {run("delete-track/c")},
		`WithRun: "*" matches no case`:                              {run("*")},
		`WithRun: an empty pattern`:                                 {run("")},
		`WithSkip: "y" matches no case`:                             {skip("y")},
		`WithSkip: no case of profile full is left`:                 {skip("**")},
		`WithRun: no case of profile delete is left`:                {run("get-track/*"), deleteProfile},
		`WithKnownFailing: "typo/*" matches no`:                     known("typo/*"),
		`WithProfile: unknown profile "half" (want delete or full)`: {func(c *Config) { c.Profile = "half" }},
		`WithParallel: must not be negative`:                        {func(c *Config) { c.Parallel = -1 }},
		`WithTimeout: must be greater than zero`:                    {func(c *Config) { c.Timeout = 0 }},
	} {
		_, err := newRun(t.Context(), nowhere, cases, options...)
		var usage *UsageError
		if !errors.As(err, &usage) || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
	beyond := Target{URL: "http://127.0.0.1:1/api/v1/", Provisioner: &provisioned{}}
	if _, err := newRun(t.Context(), beyond, cases); err == nil || !strings.Contains(err.Error(), "Target.URL: ") ||
		!strings.Contains(err.Error(), "ends with /v1, which the suite appends: leave it out") {
		t.Errorf("a URL with the paths of the contract in it: %v", err)
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
		selected, err := Select(cases, requirement.ProfileFull, tc.run, tc.skip)
		var ids []string
		for _, c := range selected {
			ids = append(ids, c.ID())
		}
		if err != nil || strings.Join(ids, " ") != tc.want {
			t.Errorf("%q without %q: %v %v, want %s", tc.run, tc.skip, ids, err, tc.want)
		}
	}
	_, err := newRun(t.Context(), Target{URL: "http://127.0.0.1:1"}, cases)
	if err == nil || !strings.HasPrefix(err.Error(), "Target.Provisioner: missing") {
		t.Errorf("no provisioner: %v", err)
	}
	for name, faulty := range map[string][]suite.Case{
		"twice":            {cases[0], cases[0]},
		"no requirement":   {{Area: "a", Slug: "b", Run: passes}},
		"unknown":          {{Area: "a", Slug: "b", Requirements: []requirement.ID{"maybe"}, Run: passes}},
		"levels are mixed": {{Area: "a", Slug: "b", Requirements: []requirement.ID{"must", "should"}, Run: passes}},
	} {
		if _, err := newRun(t.Context(), nowhere, faulty); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

// Outside of full, operations beyond the profile are used where the target serves them, and asked
// for once.
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
	ask := func(id string) suite.Case {
		return tryCase(id, func(ctx context.Context, c *suite.Client) error {
			for _, o := range requirement.Operations() {
				serves := c.Serves(ctx, o)
				mu.Lock()
				got[id+" "+string(o)] = serves
				mu.Unlock()
			}
			return nil
		})
	}
	tryRun(t, target, []suite.Case{ask("a/1"), ask("a/2")}, deleteProfile)
	for _, id := range []string{"a/1", "a/2"} {
		for o, want := range map[requirement.Operation]bool{requirement.DeleteTrack: true, requirement.GetTrack: true, requirement.ListSavedTracks: false, requirement.UnsaveTrack: true} {
			if got[id+" "+string(o)] != want {
				t.Errorf("%s: serves %s is %v", id, o, !want)
			}
		}
	}
	if n := asked.Load(); n != 2 {
		t.Errorf("%d reads, want 2", n)
	}
	tryRun(t, target, []suite.Case{ask("a/full")})
	if !got["a/full "+string(requirement.ListSavedTracks)] {
		t.Error("in the full profile everything is to be served")
	}
}

// A target that does not respond has failed; one that is gone is an error.
func TestNoResponseIsAFailureOfALivingTarget(t *testing.T) {
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
					io.WriteString(conn, "HTTP/1.1 404 Not Found\r\n\r\n{}")
				}
			}()
		}
	}()
	target := Target{URL: "http://" + l.Addr().String(), Provisioner: &provisioned{}}
	silent := tryCase("a/silent", violates)
	gone := tryCase("a/gone", func(ctx context.Context, c *suite.Client) error {
		l.Close()
		return violates(ctx, c)
	})
	r := tryRun(t, target, []suite.Case{silent, gone}, inTurn)
	if got := r.Cases[0]; got.Outcome != report.Failed || got.Expected != "a response to every request" || len(got.Exchanges) != 8 || !got.Exchanges[7].Evidence || got.Repeated != 7 {
		t.Errorf("%+v", got)
	}
	if got := r.Cases[1]; got.Outcome != report.Errored || !strings.Contains(got.Reason, "stopped accepting connections") {
		t.Errorf("%+v", got)
	}
}

// A provisioner that never works is not asked for every scene of the suite.
func TestBrokenProvisionerIsGivenUp(t *testing.T) {
	var cases []suite.Case
	for i := range 20 {
		c := tryCase(fmt.Sprintf("a/%d", i), passes)
		c.Scene = tryScene
		cases = append(cases, c)
	}
	target := teapot(t)
	p := &provisioned{fail: errors.New("no room")}
	target.Provisioner = p
	r := tryRun(t, target, cases, inTurn)
	if r.Counts[report.Errored] != 20 || p.made.Load() != 3 || r.Verdict.ExitStatus() != 2 {
		t.Errorf("%v after %d attempts", r.Counts, p.made.Load())
	}
}

// With a file of scenes, cases whose scene is missing are skipped, and the scenes are in the
// report.
func TestMissingScenes(t *testing.T) {
	one, two := tryCase("a/1", passes), tryCase("a/2", passes)
	one.Scene, two.Scene = tryScene, tryScene
	target := teapot(t)
	var b bytes.Buffer
	if err := provision.WriteScenes(&b, []provision.Request{tryScene}); err != nil {
		t.Fatal(err)
	}
	text := b.String()
	for i := 0; strings.Contains(text, `""`); i++ {
		text = strings.Replace(text, `""`, fmt.Sprintf(`"id_%d"`, i), 1)
	}
	scenes, err := provision.ReadScenes(strings.NewReader(text), "scenes.json")
	if err != nil {
		t.Fatal(err)
	}
	target.Provisioner = scenes
	r := tryRun(t, target, []suite.Case{one, two}, inTurn)
	if r.Verdict != report.ConformingWithSkips || len(r.MissingScenes) != 1 || len(r.MissingScenes[0].Users) != 2 || !strings.Contains(r.Cases[1].Reason, "none left that matches") {
		t.Errorf("%s %+v", r.Verdict, r.Cases)
	}
}
