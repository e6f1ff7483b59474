package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"

	"github.com/seed-5ec2a705/mtrack/cmd/internal/command"
	"github.com/seed-5ec2a705/mtrack/impl/embedded"
	"github.com/seed-5ec2a705/mtrack/impl/record"
	"github.com/seed-5ec2a705/mtrack/impl/redisstore"
	"github.com/seed-5ec2a705/mtrack/impl/redisstore/redisurl"
	"github.com/seed-5ec2a705/mtrack/impl/redisstore/registry"
	"github.com/seed-5ec2a705/mtrack/impl/track"
)

// database is a Redis that commands are pointed at.
type database struct{ url string }

func newDatabase(t *testing.T) database {
	t.Helper()
	return database{"redis://" + miniredis.RunT(t).Addr()}
}

// run carries out a command on the database.
func (d database) run(t *testing.T, stdin string, args ...string) outcome {
	t.Helper()
	var stdout, stderr bytes.Buffer
	status := run(t.Context(), command.Environment{
		Stdin: strings.NewReader(stdin), Stdout: &stdout, Stderr: &stderr,
		Getenv: lookup([]string{"MTRACK_REDIS", d.url}),
	}, args)
	return outcome{status, stdout.String(), stderr.String()}
}

// succeed carries out a command that has to succeed, and returns what it
// wrote.
func (d database) succeed(t *testing.T, stdin string, args ...string) string {
	t.Helper()
	got := d.run(t, stdin, args...)
	if got.status != exitOK {
		t.Fatalf("%v: status %d: %s", args, got.status, got.stderr)
	}
	return got.stdout
}

// store returns a store on the database.
func (d database) store(t *testing.T) *redisstore.Store {
	t.Helper()
	client, err := redisurl.Open(d.url)
	if err != nil {
		t.Fatal(err)
	}
	store := redisstore.New(client)
	t.Cleanup(func() {
		store.Close()
		client.Close()
	})
	return store
}

const smallWorld = `{"organization":{"id":"org_1"}}
{"user":{"id":"user_1","member_of":["org_1"],"keys":[{"secret":"ak_one","label":"first"}]}}
{"track":{"id":"mtrack_1","organization_id":"org_1","creator":"user_1","title":"<Rain> & Ü","engine":"studio","mode":"creation","licence_class":"unclear","created_at":"2026-06-28T10:30:00.123456Z"}}
{"event":{"organization_id":"org_1","track_id":"mtrack_1","seq":1,"type":"track.created","at":"2026-06-28T10:30:00Z","actor":"user_1"}}
{"event":{"organization_id":"org_1","track_id":"mtrack_1","seq":2,"type":"track.billed","at":"2026-06-28T10:30:00Z","actor":"user_1","amount":"0.10","currency":"CHF"}}
{"save":{"user":"user_1","organization_id":"org_1","track_id":"mtrack_1","saved_at":"2026-06-28T10:31:00Z"}}
`

// TestImportExport takes made-up data through a store and back: apart from the
// keys, which are known by their hashes afterwards, not a byte changes, and a
// second import changes nothing.
func TestImportExport(t *testing.T) {
	t.Parallel()
	d := newDatabase(t)
	generated := d.succeed(t, "", "generate-demo", "--organizations", "2", "--users", "12", "--tracks", "40", "--saves", "150", "--seed", "7")
	file := filepath.Join(t.TempDir(), "demo.jsonl")
	if err := os.WriteFile(file, []byte(generated), 0o600); err != nil {
		t.Fatal(err)
	}
	d.succeed(t, "", "import", file)
	first := d.succeed(t, "", "export")
	expected := regexp.MustCompile(`"secret":"[^"]*"`).ReplaceAllStringFunc(generated, func(s string) string {
		return `"sha256":"` + track.NewKey(s[len(`"secret":"`):len(s)-1]).Hash().String() + `"`
	})
	if first != expected {
		t.Errorf("export differs from import:\n%s", firstDifference(first, expected))
	}
	d.succeed(t, generated, "import", "-")
	exported := filepath.Join(t.TempDir(), "out.jsonl")
	d.succeed(t, "", "export", exported)
	second, err := os.ReadFile(exported)
	if err != nil || string(second) != first {
		t.Errorf("importing again changed something: %v\n%s", err, firstDifference(string(second), first))
	}
	other := newDatabase(t)
	other.succeed(t, "", "import", exported)
	if third := other.succeed(t, "", "export"); third != first {
		t.Errorf("an export imported elsewhere differs:\n%s", firstDifference(third, first))
	}
}

func firstDifference(got, want string) string {
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range min(len(g), len(w)) {
		if g[i] != w[i] {
			return fmt.Sprintf("line %d\n got %s\nwant %s", i+1, g[i], w[i])
		}
	}
	return fmt.Sprintf("%d lines, want %d", len(g), len(w))
}

// TestImport_BadLines: what cannot be stored is told with its number; what
// stands before it is stored, what stands behind it only when asked for.
func TestImport_BadLines(t *testing.T) {
	t.Parallel()
	lines := strings.Split(strings.TrimSpace(smallWorld), "\n")
	bad := []string{
		slices.Concat(lines)[0], lines[1], `{"organization":`, lines[2], lines[3],
		`{"event":{"organization_id":"org_1","track_id":"mtrack_1","seq":9,"type":"x","at":"2026-06-28T10:30:00Z","actor":"user_1"}}`,
		lines[4], `{"track":{"id":"song_1"}}`, lines[5], "",
	}
	text := strings.Join(bad, "\n")

	t.Run("stops", func(t *testing.T) {
		t.Parallel()
		d := newDatabase(t)
		got := d.run(t, text, "import", "-")
		if got.status != exitFailed || !strings.Contains(got.stderr, "line 3: is not a record") ||
			!strings.Contains(got.stderr, "the 2 records before it are stored") || strings.Contains(got.stderr, "line 6") {
			t.Errorf("got %+v", got)
		}
		if out := d.succeed(t, "", "export"); strings.Count(out, "\n") != 2 {
			t.Errorf("stored:\n%s", out)
		}
		bad := slices.Delete(slices.Clone(bad), 2, 3) // that line put right
		got = d.run(t, strings.Join(bad, "\n"), "import", "-")
		if got.status != exitFailed || !strings.Contains(got.stderr, "line 5: event 9 of track mtrack_1 comes after event 1") ||
			!strings.Contains(got.stderr, "the 4 records before it are stored") {
			t.Errorf("got %+v", got)
		}
		if out := d.succeed(t, "", "export"); strings.Count(out, "\n") != 4 {
			t.Errorf("stored:\n%s", out)
		}
	})
	t.Run("goes on", func(t *testing.T) {
		t.Parallel()
		d := newDatabase(t)
		got := d.run(t, text, "import", "--skip-bad", "-")
		if got.status != exitFailed || !strings.Contains(got.stderr, "3 lines were NOT stored") {
			t.Errorf("got %+v", got)
		}
		for _, says := range []string{"line 3: is not a record", "line 6: event 9", "line 8: track: id must begin with mtrack_"} {
			if !strings.Contains(got.stderr, says) {
				t.Errorf("stderr does not say %q:\n%s", says, got.stderr)
			}
		}
		clean := newDatabase(t)
		clean.succeed(t, smallWorld, "import", "-")
		if got, want := d.succeed(t, "", "export"), clean.succeed(t, "", "export"); got != want {
			t.Errorf("stored:\n%s\nwant\n%s", got, want)
		}
	})
}

// TestImport_WholeLines: of a line that cannot be stored nothing is, also where
// a part of it could be.
func TestImport_WholeLines(t *testing.T) {
	t.Parallel()
	d := newDatabase(t)
	d.succeed(t, smallWorld, "import", "-")
	before := d.succeed(t, "", "export")
	for _, row := range []struct{ line, says string }{
		{`{"user":{"id":"user_2","member_of":["org_1","org_none"],"keys":[{"secret":"ak_two"}]}}`, "org_none"},
		{`{"user":{"id":"user_2","member_of":["org_1"],"keys":[{"secret":"ak_two"},{"sha256":"12"}]}}`, "sha256"},
		{`{"user":{"id":"user_2","member_of":["org_1"],"keys":[{"secret":"ak_two"},{"secret":"ak_one"}]}}`, "belongs to another user"},
		{`{"user":{"id":"user_1","member_of":["org_none"],"keys":[{"secret":"ak_two"}]}}`, "org_none"},
		{`{"track":{"id":"mtrack_2","organization_id":"org_1","creator":"nobody","engine":"studio","mode":"creation","licence_class":"unclear","created_at":"2026-06-28T10:30:00Z"}}`, "nobody"},
		{`{"save":{"user":"user_1","organization_id":"org_1","track_id":"mtrack_2","saved_at":"2026-06-28T10:31:00Z"}}`, "mtrack_2"},
		{`{"organization":{"id":"org_2"},"user":{"id":"user_2"}}`, "one"},
		{`{"organization":{"id":"org_2"},"colour":"red"}`, "colour"},
	} {
		got := d.run(t, "\n"+row.line+"\n", "import", "-")
		if got.status != exitFailed || !strings.Contains(got.stderr, "line 2: ") || !strings.Contains(got.stderr, row.says) {
			t.Errorf("%s: %+v", row.line, got)
		}
		if after := d.succeed(t, "", "export"); after != before {
			t.Errorf("%s left something behind:\n%s", row.line, firstDifference(after, before))
		}
	}
	err := d.store(t).Authorize(t.Context(), track.Caller{Key: track.NewKey("ak_two")}, "org_1")
	if track.CodeOf(err) != track.Unauthenticated {
		t.Errorf("the key of the refused lines: %v", err)
	}
}

// TestImport_UndoesNothing: what happened since the first import stays as it
// is after the second one, and survives export and import elsewhere.
func TestImport_UndoesNothing(t *testing.T) {
	t.Parallel()
	d := newDatabase(t)
	world := d.succeed(t, "", "generate-demo", "--organizations", "1", "--users", "3", "--tracks", "4", "--saves", "8")
	d.succeed(t, smallWorld, "import", "-")
	d.succeed(t, world, "import", "-")
	if err := d.store(t).Delete(t.Context(), track.Caller{Key: track.NewKey("ak_one"), Request: "req_7"}, "org_1", "mtrack_1"); err != nil {
		t.Fatal(err)
	}
	d.succeed(t, "ak_one", "key", "revoke", "--key-stdin")
	d.succeed(t, "", "key", "create", "--user", "user_1", "--label", "second")
	changed := d.succeed(t, "", "export")
	for _, says := range []string{`"deleted_at"`, `"revoked_at"`, `"label":"second"`, `"type":"track.deleted"`, `"req_7"`} {
		if !strings.Contains(changed, says) {
			t.Errorf("the export does not hold %s:\n%s", says, changed)
		}
	}
	d.succeed(t, world+smallWorld, "import", "-")
	if again := d.succeed(t, "", "export"); again != changed {
		t.Errorf("the second import undid something:\n%s", firstDifference(again, changed))
	}
	elsewhere := newDatabase(t)
	elsewhere.succeed(t, changed, "import", "-")
	if moved := elsewhere.succeed(t, "", "export"); moved != changed {
		t.Errorf("not everything moved:\n%s", firstDifference(moved, changed))
	}
	err := elsewhere.store(t).Authorize(t.Context(), track.Caller{Key: track.NewKey("ak_one")}, "org_1")
	if track.CodeOf(err) != track.Unauthenticated {
		t.Errorf("a revoked key came back to life by moving: %v", err)
	}
}

// TestImport_AfterDeletion imports the beginning of a file, deletes the track of
// which it holds only a part, and imports the whole file: nothing of the
// track's past is lost, nor its deletion, and a save that was removed in between
// stays removed.
func TestImport_AfterDeletion(t *testing.T) {
	t.Parallel()
	lines := strings.SplitAfter(strings.TrimSpace(smallWorld)+"\n", "\n")
	for _, cut := range []int{3, 4, 5, 6} {
		d := newDatabase(t)
		d.succeed(t, strings.Join(lines[:cut], ""), "import", "-")
		caller := track.Caller{Key: track.NewKey("ak_one"), Request: "req_7"}
		store := d.store(t)
		if cut == 6 {
			if err := store.Unsave(t.Context(), track.Caller{Key: caller.Key, Request: "req_6"}, "org_1", "mtrack_1"); err != nil {
				t.Fatal(err)
			}
			d.succeed(t, smallWorld, "import", "-")
			if saved, err := store.ListSaved(t.Context(), caller, "org_1", track.Filter{Limit: 1}); err != nil || len(saved) != 0 {
				t.Errorf("the second import brought a removed save back: %v, %v", saved, err)
			}
		}
		if err := store.Delete(t.Context(), caller, "org_1", "mtrack_1"); err != nil {
			t.Fatal(err)
		}
		d.succeed(t, smallWorld, "import", "-")
		d.succeed(t, smallWorld, "import", "-")
		history := d.succeed(t, "", "history", "--organization", "org_1", "--track", "mtrack_1")
		if got := regexp.MustCompile(`track\.\w+`).FindAllString(history, -1); !slices.Equal(got, []string{"track.created", "track.billed", "track.deleted"}) {
			t.Errorf("cut after line %d: the history is %q", cut, got)
		}
	}
}

// TestImport_WholeTracks: the end of a batch does not part a track from the
// events that follow it.
func TestImport_WholeTracks(t *testing.T) {
	t.Parallel()
	redis := embedded.Open()
	defer redis.Close()
	var text strings.Builder
	text.WriteString(strings.Join(strings.SplitAfter(smallWorld, "\n")[:2], ""))
	for n := range 20 {
		for _, line := range strings.SplitAfter(smallWorld, "\n")[2:5] {
			text.WriteString(strings.ReplaceAll(line, "mtrack_1", fmt.Sprint("mtrack_", n)))
		}
	}
	text.WriteString(`{"track":{"id":"bad"}}` + "\n") // which makes for small batches
	for _, most := range []int{1, 2, 3, 4, 7} {
		seen := &watching{Registry: registry.New(redis.Client())}
		i := &importer{
			registry: seen, reader: record.NewReader(strings.NewReader(text.String())), name: "x", skipBad: true,
			progress: newProgress(io.Discard, os.Getenv, time.Now), batchMax: most,
		}
		if err := i.run(t.Context()); !errors.Is(err, errReported) {
			t.Fatalf("run: %v", err)
		}
		if seen.parted > 0 || seen.calls < 2 {
			t.Errorf("batches of %d: in %d of %d calls events were parted from their track", most, seen.parted, seen.calls)
		}
	}
}

// watching is a registry that counts the calls that begin with an event.
type watching struct {
	record.Registry
	calls, parted int
}

func (w *watching) Apply(ctx context.Context, records []record.Record) error {
	w.calls++
	if records[0].Event != nil {
		w.parted++
	}
	return w.Registry.Apply(ctx, records)
}

// TestImport_ManyBadLines: a file in which most is bad takes its time, but not
// for ever, and nothing good of it is lost.
func TestImport_ManyBadLines(t *testing.T) {
	t.Parallel()
	var text strings.Builder
	text.WriteString(`{"organization":{"id":"org_1"}}` + "\n")
	const count = 200
	for i := range count {
		fmt.Fprintf(&text, `{"user":{"id":"user_%d","member_of":["org_%d"]}}`+"\n", i, 1+i%4)
	}
	redis := embedded.Open()
	defer redis.Close()
	var told bytes.Buffer
	i := &importer{
		registry: registry.New(redis.Client()), reader: record.NewReader(strings.NewReader(text.String())), name: "x", skipBad: true,
		progress: newProgress(&told, os.Getenv, time.Now), batchMax: 128,
	}
	if err := i.run(t.Context()); !errors.Is(err, errReported) {
		t.Fatalf("run: %v", err)
	}
	if i.stored != 1+count/4 || i.bad != count*3/4 {
		t.Errorf("%d stored, %d bad; want %d and %d", i.stored, i.bad, 1+count/4, count*3/4)
	}
	for n, line := range regexp.MustCompile(`line (\d+):`).FindAllStringSubmatch(told.String(), 3) {
		if line[1] != fmt.Sprint(n+3) {
			t.Errorf("bad line %d is said to be line %s", n+3, line[1])
		}
	}
}

// failing is a registry that stops working after some calls.
type failing struct {
	record.Registry
	left int
}

func (f *failing) Apply(ctx context.Context, records []record.Record) error {
	if f.left--; f.left < 0 {
		return &track.Error{Code: track.Unavailable, Err: io.ErrUnexpectedEOF}
	}
	return f.Registry.Apply(ctx, records)
}

func TestImport_StoreGone(t *testing.T) {
	t.Parallel()
	redis := embedded.Open()
	defer redis.Close()
	var told bytes.Buffer
	i := &importer{
		registry: &failing{registry.New(redis.Client()), 2}, reader: record.NewReader(strings.NewReader(smallWorld)), name: "x",
		progress: newProgress(&told, os.Getenv, time.Now), batchMax: 2,
	}
	if err := i.run(t.Context()); track.CodeOf(err) != track.Unavailable {
		t.Errorf("run: %v", err)
	}
	if !strings.Contains(told.String(), "stopped before line 6; import the file again") {
		t.Errorf("told %q", told.String())
	}
}

// TestCommands_Refuse: exit 2 and the flag named for what is wrong with the
// command line, exit 1 for what is wrong with the world.
func TestCommands_Refuse(t *testing.T) {
	t.Parallel()
	d := newDatabase(t)
	directory := t.TempDir()
	for _, row := range []struct {
		args   []string
		status int
		says   string
	}{
		{[]string{"import"}, exitUsage, "one file"},
		{[]string{"import", "a", "b"}, exitUsage, "one file"},
		{[]string{"import", filepath.Join(directory, "none")}, exitFailed, "no such file"},
		{[]string{"import", directory}, exitFailed, "is a directory"},
		{[]string{"import", "-", "--redis", "nonsense"}, exitUsage, "--redis"},
		{[]string{"export", "a", "b"}, exitUsage, "one file"},
		{[]string{"export", filepath.Join(directory, "none", "x")}, exitFailed, "no such file"},
		{[]string{"key"}, exitUsage, "Usage: mtrackd key"},
		{[]string{"key", "destroy"}, exitUsage, `no command "destroy"`},
		{[]string{"key", "create"}, exitUsage, "--user"},
		{[]string{"key", "create", "--user", "nobody"}, exitFailed, `no user "nobody"`},
		{[]string{"key", "list"}, exitUsage, "--user"},
		{[]string{"key", "list", "--user", "nobody"}, exitFailed, `no user "nobody"`},
		{[]string{"key", "revoke"}, exitUsage, "--sha256"},
		{[]string{"key", "revoke", "--sha256", "x", "--key-stdin"}, exitUsage, "--sha256"},
		{[]string{"key", "revoke", "--sha256", "x"}, exitUsage, "64 hexadecimal digits"},
		{[]string{"key", "revoke", "--key-stdin"}, exitUsage, "holds no key"},
		{[]string{"key", "revoke", "--sha256", strings.Repeat("0", 64)}, exitFailed, "no key with the hash"},
		{[]string{"history"}, exitUsage, "--organization"},
		{[]string{"history", "--organization", "o"}, exitUsage, "--track"},
		{[]string{"history", "--organization", "o", "--track", "mtrack_none"}, exitFailed, `never was a track "mtrack_none"`},
		{[]string{"generate-demo", "--organizations", "0"}, exitUsage, "--organizations"},
		{[]string{"generate-demo", "--users", "1"}, exitUsage, "--users"},
		{[]string{"generate-demo", "--tracks", "-1"}, exitUsage, "--tracks"},
		{[]string{"generate-demo", "--users", "20", "--tracks", "20", "--saves", "21"}, exitUsage, "--saves"},
		{[]string{"generate-demo", "--saves", "many"}, exitUsage, "saves"},
	} {
		got := d.run(t, "", row.args...)
		if got.status != row.status || !strings.Contains(got.stderr, row.says) || got.stdout != "" {
			t.Errorf("%v: %+v; want status %d and something about %q", row.args, got, row.status, row.says)
		}
	}
	if entries, err := os.ReadDir(directory); err != nil || len(entries) != 0 {
		t.Errorf("left behind: %v, %v", entries, err)
	}
}

// TestCommands_Redis: every command that needs Redis says which one it cannot
// use, without its password, and what to try.
func TestCommands_Redis(t *testing.T) {
	t.Parallel()
	locked := miniredis.RunT(t)
	locked.RequireAuth("right")
	file := filepath.Join(t.TempDir(), "world.jsonl")
	if err := os.WriteFile(file, []byte(smallWorld), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{
		{"import", file},
		{"export"},
		{"key", "create", "--user", "user_1"},
		{"key", "list", "--user", "user_1"},
		{"key", "revoke", "--sha256", strings.Repeat("0", 64)},
		{"history", "--organization", "org_1", "--track", "mtrack_1"},
	} {
		for _, row := range []struct{ url, says, try string }{
			{"redis://:secret@127.0.0.1:1", "redis://:xxxxx@127.0.0.1:1 cannot be reached", "is it running there"},
			{"redis://:secret@" + locked.Addr(), "redis://:xxxxx@" + locked.Addr() + " refuses the password", "check user and password"},
			{"redis://" + locked.Addr(), "redis://" + locked.Addr() + " asks for a password", "redis://:PASSWORD@HOST:PORT"},
		} {
			got := database{row.url}.run(t, "", args...)
			if got.status != exitFailed || got.stdout != "" || !strings.Contains(got.stderr, row.says) || !strings.Contains(got.stderr, row.try) ||
				strings.Contains(got.stderr, "secret") {
				t.Errorf("%v on %s: %+v", args, row.url, got)
			}
		}
		got := database{}.run(t, "", args...)
		if got.status != exitUsage || !strings.Contains(got.stderr, "--redis is needed") {
			t.Errorf("%v without --redis: %+v", args, got)
		}
		got = database{"redis://:secret@127.0.0.1:1"}.run(t, "", append(args, "--colour", "red")...)
		if got.status != exitUsage || !strings.Contains(got.stderr, "--colour") {
			t.Errorf("%v with a flag that it does not have: %+v", args, got)
		}
	}
}

func TestKeyCommands(t *testing.T) {
	t.Parallel()
	d := newDatabase(t)
	d.succeed(t, smallWorld, "import", "-")
	store := d.store(t)
	may := func(key string, code track.Code) {
		t.Helper()
		err := store.Authorize(t.Context(), track.Caller{Key: track.NewKey(key)}, "org_1")
		if track.CodeOf(err) != code || code == 0 && err != nil {
			t.Errorf("key: %v, want %v", err, code)
		}
	}
	key := strings.TrimSuffix(d.succeed(t, "", "key", "create", "--user", "user_1", "--label", "on the <train>"), "\n")
	if !regexp.MustCompile(`^ak_[A-Za-z0-9]{40}$`).MatchString(key) {
		t.Errorf("minted %q", key)
	}
	may(key, 0)
	if got := d.succeed(t, key+"\r\n", "key", "revoke", "--key-stdin"); got != "revoked "+track.NewKey(key).Hash().String()+"\n" {
		t.Errorf("revoke says %q", got)
	}
	may(key, track.Unauthenticated)
	may("ak_one", 0)

	table := d.succeed(t, "", "key", "list", "--user", "user_1")
	rows := strings.Split(strings.TrimSpace(table), "\n")
	if len(rows) != 3 || !regexp.MustCompile(`^[0-9a-f]{64}  unknown +no +first$`).MatchString(rows[1]) ||
		!regexp.MustCompile(`^[0-9a-f]{64}  20\S+Z  20\S+Z  on the <train>$`).MatchString(rows[2]) {
		t.Errorf("list:\n%s", table)
	}
	var listed struct{ Keys []record.Key }
	if err := json.Unmarshal([]byte(d.succeed(t, "", "key", "list", "--user", "user_1", "--json")), &listed); err != nil {
		t.Fatal(err)
	}
	if len(listed.Keys) != 2 || listed.Keys[0].SHA256 != track.NewKey("ak_one").Hash().String() || listed.Keys[0].RevokedAt != nil ||
		listed.Keys[1].RevokedAt == nil || listed.Keys[1].Label != "on the <train>" {
		t.Errorf("list: %+v", listed)
	}
	d.succeed(t, "", "key", "revoke", "--sha256", listed.Keys[0].SHA256)
	may("ak_one", track.Unauthenticated)
	if help := d.succeed(t, "", "key", "--help"); !strings.Contains(help, "revoke") {
		t.Errorf("help: %s", help)
	}
}

func TestHistoryCommand(t *testing.T) {
	t.Parallel()
	d := newDatabase(t)
	d.succeed(t, smallWorld, "import", "-")
	if err := d.store(t).Delete(t.Context(), track.Caller{Key: track.NewKey("ak_one"), Request: "req_7"}, "org_1", "mtrack_1"); err != nil {
		t.Fatal(err)
	}
	text := d.succeed(t, "", "history", "--organization", "org_1", "--track", "mtrack_1")
	rows := strings.Split(strings.TrimSpace(text), "\n")
	if len(rows) != 4 || !strings.Contains(rows[2], "track.billed   user_1  0.10 CHF") ||
		!regexp.MustCompile(`^\S+Z  track\.deleted  user_1 +req_7$`).MatchString(rows[3]) {
		t.Errorf("history:\n%s", text)
	}
	var shown struct{ Events []map[string]any }
	if err := json.Unmarshal([]byte(d.succeed(t, "", "history", "--organization", "org_1", "--track", "mtrack_1", "--json")), &shown); err != nil {
		t.Fatal(err)
	}
	expected := map[string]any{"type": "track.billed", "at": "2026-06-28T10:30:00Z", "actor": "user_1", "amount": "0.10", "currency": "CHF"}
	if len(shown.Events) != 3 || !reflect.DeepEqual(shown.Events[1], expected) || shown.Events[2]["request"] != "req_7" {
		t.Errorf("history: %v", shown.Events)
	}
}
