package main_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"gopkg.in/yaml.v3"

	"github.com/seed-5ec2a705/mtrack/conformance"
	"github.com/seed-5ec2a705/mtrack/conformance/container"
	"github.com/seed-5ec2a705/mtrack/conformance/report"
	"github.com/seed-5ec2a705/mtrack/conformance/requirement"
	"github.com/seed-5ec2a705/mtrack/conformance/testenv"
)

// serverImage is the tag of the image that these tests build.
const serverImage = "mtrackd-test:local"

// buildImage builds the image of this directory's Dockerfile, as `make image` does, once for all
// tests of this process.
var buildImage = sync.OnceValue(func() error {
	directory, err := os.MkdirTemp("", "mtrackd-image-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(directory)
	build := exec.Command("go", "build", "-trimpath", "-o", filepath.Join(directory, "mtrackd"), ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if output, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("build mtrackd: %w\n%s", err, output)
	}
	dockerfile, err := os.ReadFile("Dockerfile")
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(directory, "Dockerfile"), dockerfile, 0o600); err != nil {
		return err
	}
	return container.Build(context.Background(), directory, serverImage, io.Discard)
})

// requireImage sees to the image. Without an engine that answers the test ends as package testenv
// says.
func requireImage(t *testing.T) {
	t.Helper()
	testenv.Slow(t)
	testenv.Need(t, "docker") // before what takes long is built for it
	err := buildImage()
	var noEngine *container.EngineError
	if errors.As(err, &noEngine) {
		testenv.Missing(t, "%v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// redisImage returns the Redis to start beside the server: MTRACK_TEST_REDIS_IMAGE where nothing
// can be pulled.
func redisImage() string {
	if image := os.Getenv("MTRACK_TEST_REDIS_IMAGE"); image != "" {
		return image
	}
	return "redis:7-alpine"
}

// containerOptions tell how the server's image is run beside a Redis.
func containerOptions(t *testing.T) []container.Option {
	return []container.Option{
		container.WithRedis(redisImage()),
		container.WithEnv("MTRACK_REDIS", container.RedisURL),
		container.WithEnv("MTRACK_LISTEN", ":8080"),
		container.WithEnv("MTRACK_PROVISION_LISTEN", ":8081"),
		container.WithEnv("MTRACK_PROVISION_ALLOW_REMOTE", "true"), // the port is published on the loopback address alone
		container.WithLog(t.Output()),
	}
}

// startContainers starts the server's own image and a Redis on one network. What the server logged
// is shown if the test fails.
func startContainers(t *testing.T) (*container.Implementation, *server) {
	t.Helper()
	requireImage(t)
	implementation, err := container.Start(t.Context(), serverImage, containerOptions(t)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx := context.Background() // the test's own is over
		if t.Failed() {
			logs, err := implementation.Logs(ctx)
			t.Logf("the server's log (%v):\n%s", err, logs)
		}
		if err := implementation.Terminate(ctx); err != nil {
			t.Error(err)
		}
	})
	return implementation, newServer(t, implementation.Target(), implementation.Provision())
}

// cast is the scene that every case plays in: everybody who can stand in some relation to a track.
const cast = `{
	"organizations": [{"name": "home"}, {"name": "abroad"}],
	"users": [
		{"name": "creator", "member_of": ["home"]},
		{"name": "saver", "member_of": ["home"]},
		{"name": "second saver", "member_of": ["home"]},
		{"name": "colleague", "member_of": ["home"]},
		{"name": "outsider", "member_of": ["abroad"]},
		{"name": "left", "member_of": ["abroad"]},
		{"name": "both", "member_of": ["home", "abroad"]}
	],
	"tracks": [
		{"name": "song", "organization": "home", "creator": "creator", "saved_by": ["saver", "creator", "second saver"], "title": "Late Night Drive", "engine": "studio", "mode": "creation"},
		{"name": "unsaved song", "organization": "home", "creator": "creator", "saved_by": []},
		{"name": "by-stander", "organization": "home", "creator": "creator", "saved_by": ["saver", "creator", "second saver"]},
		{"name": "colleague's", "organization": "home", "creator": "colleague", "saved_by": ["colleague", "saver"]},
		{"name": "leaver's", "organization": "home", "creator": "left", "saved_by": ["left", "saver"]},
		{"name": "left behind", "organization": "home", "creator": "creator", "saved_by": ["left"]},
		{"name": "abroad", "organization": "abroad", "creator": "outsider", "saved_by": ["outsider", "both"]},
		{"name": "both's abroad", "organization": "abroad", "creator": "both", "saved_by": ["both"]}
	],
	"revoked_keys": [{"name": "old", "user": "creator"}]
}`

// request is one deleteTrack of a case. A scene's names stand for its ids.
type request struct {
	organization string                         // "home" where empty
	track        string                         // "song" where empty
	id           string                         // sent in place of the track's id
	header       func(scene *scene) http.Header // how the caller authenticates
}

// key authenticates with X-API-Key as the user of that name.
func key(user string) func(*scene) http.Header {
	return func(s *scene) http.Header { return http.Header{"X-Api-Key": {s.Users[user].APIKey}} }
}

// authorization authenticates with an Authorization header of that scheme as the user of that name.
func authorization(scheme, user string) func(*scene) http.Header {
	return func(s *scene) http.Header { return http.Header{"Authorization": {scheme + s.Users[user].APIKey}} }
}

// header sends exactly these fields.
func header(fields http.Header) func(*scene) http.Header {
	return func(*scene) http.Header { return fields }
}

// refusals are every way to each status but 200.
func refusals() map[int]map[string]request {
	return map[int]map[string]request{
		http.StatusUnauthorized: {
			"NoKey":      {header: header(nil)},
			"EmptyKey":   {header: header(http.Header{"X-Api-Key": {""}})},
			"BlankKey":   {header: header(http.Header{"X-Api-Key": {"   "}})},
			"UnknownKey": {header: header(http.Header{"X-Api-Key": {"ak_" + strings.Repeat("0", 40)}})},
			"NoKeyAtAll": {header: header(http.Header{"X-Api-Key": {"\"; drop"}})},
			"RevokedKey": {header: func(s *scene) http.Header { return http.Header{"X-Api-Key": {s.RevokedKeys["old"].APIKey}} }},
			"TruncatedKey": {header: func(s *scene) http.Header {
				k := s.Users["creator"].APIKey
				return http.Header{"X-Api-Key": {k[:len(k)-1]}}
			}},
			"ExtendedKey":   {header: func(s *scene) http.Header { return http.Header{"X-Api-Key": {s.Users["creator"].APIKey + "a"}} }},
			"BearerEmpty":   {header: header(http.Header{"Authorization": {"Bearer "}})},
			"BearerAlone":   {header: header(http.Header{"Authorization": {"Bearer"}})},
			"BearerUnknown": {header: header(http.Header{"Authorization": {"Bearer ak_" + strings.Repeat("0", 40)}})},
			"BearerRevoked": {header: func(s *scene) http.Header {
				return http.Header{"Authorization": {"Bearer " + s.RevokedKeys["old"].APIKey}}
			}},
			"NoScheme":    {header: authorization("", "creator")},
			"BasicScheme": {header: authorization("Basic ", "creator")},
			"EmptyKeyDecides": {header: func(s *scene) http.Header {
				return http.Header{"X-Api-Key": {""}, "Authorization": {"Bearer " + s.Users["creator"].APIKey}}
			}},
			"UnknownKeyDecides": {header: func(s *scene) http.Header {
				return http.Header{"X-Api-Key": {"ak_no"}, "Authorization": {"Bearer " + s.Users["creator"].APIKey}}
			}},
			"BeforeMissingTrack":   {id: "mtrack_000000000000", header: header(nil)},
			"BeforeForeignOrg":     {organization: "abroad", header: header(http.Header{"X-Api-Key": {"ak_no"}})},
			"BeforeMalformedTrack": {id: "*", header: header(nil)},
		},
		http.StatusForbidden: {
			"Saver":       {header: key("saver")},
			"SecondSaver": {header: key("second saver")},
			"SaverBearer": {header: authorization("Bearer ", "saver")},
			"SaverOfOne":  {track: "colleague's", header: key("saver")},
		},
		http.StatusNotFound: {
			"Missing":                   {id: "mtrack_000000000000", header: key("creator")},
			"MalformedNoPrefix":         {id: "song", header: key("creator")},
			"MalformedPrefixAlone":      {id: "mtrack_", header: key("creator")},
			"MalformedUnicode":          {id: "mtrack_%E2%99%AB", header: key("creator")},
			"MalformedGlob":             {id: "mtrack_*", header: key("creator")},
			"MalformedTooLong":          {id: "mtrack_" + strings.Repeat("a", 1500), header: key("creator")},
			"OtherOrganizationsTrack":   {track: "abroad", header: key("creator")},
			"OwnTrackUnderOtherPath":    {track: "both's abroad", header: key("both")},
			"OwnTrackUnderForeignPath":  {organization: "abroad", header: key("creator")},
			"Outsider":                  {header: key("outsider")},
			"OutsiderBearer":            {header: authorization("Bearer ", "outsider")},
			"MemberWithoutAccess":       {header: key("colleague")},
			"MemberOfBothWithoutAccess": {header: key("both")},
			"CreatorWhoLeft":            {track: "leaver's", header: key("left")},
			"SaverWhoLeft":              {track: "left behind", header: key("left")},
			"OutsiderMissing":           {id: "mtrack_000000000000", header: key("outsider")},
		},
	}
}

func TestContainers(t *testing.T) {
	_, server := startContainers(t)

	for status, cases := range refusals() {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			t.Parallel()
			scene := server.provision(t, cast)
			before := server.snapshot(t, scene)
			for name, request := range cases {
				t.Run(name, func(t *testing.T) {
					server.delete(t, scene, request).want(t, status)
					before.equal(t, server.snapshot(t, scene))
				})
			}
		})
	}

	accepted := map[string]request{
		"Creator":              {header: key("creator")},
		"CreatorWhoNeverSaved": {track: "unsaved song", header: key("creator")},
		"Bearer":               {header: authorization("Bearer ", "creator")},
		"BearerLowerCase":      {header: authorization("bearer ", "creator")},
		"KeyDecidesOverBearer": {header: func(s *scene) http.Header {
			return http.Header{"X-Api-Key": {s.Users["creator"].APIKey}, "Authorization": {"Bearer ak_no"}}
		}},
		"InTheOtherOrganization": {organization: "abroad", track: "both's abroad", header: key("both")},
	}
	for name, request := range accepted {
		t.Run("200/"+name, func(t *testing.T) {
			t.Parallel()
			scene := server.provision(t, cast)
			before := server.snapshot(t, scene)
			answer := server.delete(t, scene, request).want(t, http.StatusOK)
			track := request.names(scene).track
			if id := answer.body["id"]; answer.body["success"] != true || id != scene.Tracks[track].ID {
				t.Errorf("acknowledgement %v, want success of %s", answer.body, scene.Tracks[track].ID)
			}
			before.without(t, scene, track).equal(t, server.snapshot(t, scene))
		})
	}

	t.Run("404/Deleted", func(t *testing.T) {
		t.Parallel()
		scene := server.provision(t, cast)
		server.delete(t, scene, request{header: key("creator")}).want(t, http.StatusOK)
		after := server.snapshot(t, scene)
		for _, user := range []string{"creator", "creator", "saver", "colleague", "outsider"} {
			server.delete(t, scene, request{header: key(user)}).want(t, http.StatusNotFound)
		}
		after.equal(t, server.snapshot(t, scene))
	})

	t.Run("200/OnceOfFiftyAtOnce", func(t *testing.T) {
		t.Parallel()
		scene := server.provision(t, cast)
		before := server.snapshot(t, scene)
		answers := make([]*answer, 50)
		var start, done sync.WaitGroup
		start.Add(1)
		for n := range answers {
			done.Go(func() {
				start.Wait()
				answers[n] = server.delete(t, scene, request{header: key("creator")})
			})
		}
		start.Done()
		done.Wait()
		statuses := map[int]int{}
		for _, a := range answers {
			statuses[a.status]++
		}
		if statuses[http.StatusOK] != 1 || statuses[http.StatusNotFound] != len(answers)-1 {
			t.Errorf("statuses %v, want 200 once and 404 otherwise", statuses)
		}
		before.without(t, scene, "song").equal(t, server.snapshot(t, scene))
	})
}

// TestContainers_EqualRefusals compares the 404s: nothing in them may tell why.
func TestContainers_EqualRefusals(t *testing.T) {
	_, server := startContainers(t)
	scene := server.provision(t, cast)
	server.delete(t, scene, request{track: "unsaved song", header: key("creator")}).want(t, http.StatusOK)
	cases := refusals()[http.StatusNotFound]
	cases["Deleted"] = request{track: "unsaved song", header: key("creator")}

	var first *answer
	var firstName string
	for name, request := range cases {
		given := server.delete(t, scene, request).want(t, http.StatusNotFound)
		failure := given.body["error"].(map[string]any) // the contract was checked
		if details := failure["details"].(map[string]any); details["track_id"] != given.trackID {
			t.Errorf("%s: details %v, want the track id as it was sent, %q", name, details, given.trackID)
		}
		for _, own := range []string{"details", "trace_id", "timestamp"} {
			delete(failure, own)
		}
		given.header.Del("X-Request-Id")
		given.header.Del("Date")
		given.header.Del("Content-Length") // it follows from the echoed id
		if first == nil {
			first, firstName = given, name
			continue
		}
		if fmt.Sprint(given.body) != fmt.Sprint(first.body) || fmt.Sprint(given.header) != fmt.Sprint(first.header) {
			t.Errorf("%s and %s differ:\n%v %v\n%v %v", name, firstName, given.header, given.body, first.header, first.body)
		}
	}
}

// TestContainers_RedisGone takes the store away and gives it back: 503 in the meantime, and nothing
// done or lost.
func TestContainers_RedisGone(t *testing.T) {
	implementation, server := startContainers(t)
	scene := server.provision(t, cast)
	before := server.snapshot(t, scene)

	if err := implementation.StopRedis(t.Context()); err != nil {
		t.Fatal(err)
	}
	refused := server.delete(t, scene, request{header: key("creator")}).want(t, http.StatusServiceUnavailable)
	if refused.header.Get("Retry-After") == "" {
		t.Error("503 without Retry-After")
	}
	if err := implementation.StartRedis(t.Context()); err != nil {
		t.Fatal(err)
	}

	deadline := time.Now().Add(15 * time.Second)
	for server.get(t, scene, "creator", "song").status == http.StatusServiceUnavailable && time.Now().Before(deadline) {
		time.Sleep(100 * time.Millisecond) // it is the recovery that is timed here
	}
	before.equal(t, server.snapshot(t, scene))
	server.delete(t, scene, request{header: key("creator")}).want(t, http.StatusOK)
	before.without(t, scene, "song").equal(t, server.snapshot(t, scene))
}

// TestContainers_Compose runs the image as docs/compose.yaml does, beside a Redis by the same name.
// (That the Redis there is set up well TestCompose sees without a container.)
func TestContainers_Compose(t *testing.T) {
	requireImage(t)
	text, err := os.ReadFile("../../docs/compose.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Services map[string]struct {
			Command     []string
			Environment map[string]string
		}
	}
	if err := yaml.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	service := file.Services["mtrackd"]
	options := []container.Option{
		container.WithRedis(redisImage()), container.WithoutProvisioner(), container.WithLog(t.Output()),
		container.WithCommand(service.Command...), container.WithPort(9090),
	}
	for name, value := range service.Environment {
		if strings.HasPrefix(value, "${") {
			value = strings.Repeat("secret", 5)
		}
		options = append(options, container.WithEnv(name, value))
	}
	implementation, err := container.Start(t.Context(), serverImage, options...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := implementation.Terminate(context.Background()); err != nil {
			t.Error(err)
		}
	})
	response, err := http.Get(implementation.Target() + "/readyz")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if body, err := io.ReadAll(response.Body); response.StatusCode != http.StatusOK {
		t.Errorf("ready: %d %s (%v)", response.StatusCode, body, err)
	}
}

// TestContainers_Image looks at what the image is made of.
func TestContainers_Image(t *testing.T) {
	requireImage(t)
	format := `{{.Config.User}} {{len .RootFS.Layers}} {{json .Config.Entrypoint}}`
	output, err := exec.CommandContext(t.Context(), "docker", "image", "inspect", "--format", format, serverImage).Output()
	if err != nil {
		testenv.Missing(t, "docker image inspect: %v", err)
	}
	if want := `65532:65532 1 ["/mtrackd"]`; strings.TrimSpace(string(output)) != want {
		t.Errorf("image: %s, want %s: nobody's user, and nothing in it but the server", output, want)
	}
}

// names fills in what the request leaves to be understood.
func (r request) names(s *scene) request {
	if r.organization == "" {
		r.organization = "home"
	}
	if r.track == "" {
		r.track = "song"
	}
	if r.id == "" {
		r.id = s.Tracks[r.track].ID
	}
	return r
}

// without returns the snapshot as it has to be once its track was deleted by the track's creator:
// gone for everybody, out of every list, its history one event longer, all else as it was.
func (s snapshot) without(t *testing.T, scene *scene, track string) snapshot {
	t.Helper()
	id := scene.Tracks[track].ID
	after := snapshot{tracks: map[string]string{}, lists: map[string][]string{}, histories: map[string][]event{}}
	found := false
	for who, state := range s.tracks {
		if strings.HasSuffix(who, " gets "+track) {
			found = found || state != "404"
			state = "404"
		}
		after.tracks[who] = state
	}
	if !found {
		t.Fatalf("track %q was not there before", track)
	}
	for who, ids := range s.lists {
		after.lists[who] = slices.DeleteFunc(slices.Clone(ids), func(listed string) bool { return listed == id })
	}
	for name, events := range s.histories {
		if name == track {
			events = append(slices.Clone(events), event{Type: "track.deleted", Actor: events[0].Actor})
		}
		after.histories[name] = events
	}
	return after
}

// TestContainers_Conformance runs the conformance suite against the image, as somebody would who
// has nothing else of it.
func TestContainers_Conformance(t *testing.T) {
	requireImage(t)
	// What is tested is the image: the whole suite meets the same server in make conformance.
	options := append(containerOptions(t), container.WithSuite(
		conformance.WithStrict(true), conformance.WithSeed(1), conformance.WithProfile(requirement.ProfileDelete)))
	result, err := container.Run(t.Context(), serverImage, options...)
	if err != nil {
		t.Fatal(err)
	}
	if result.Verdict != report.Conforming {
		result.WriteText(t.Output(), report.TextOptions{}) // to the test's log: never fails
		t.Errorf("verdict %q, want %q", result.Verdict, report.Conforming)
	}
}
