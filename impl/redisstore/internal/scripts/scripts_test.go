package scripts_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/seed-5ec2a705/mtrack/impl/internal/redistest"
	"github.com/seed-5ec2a705/mtrack/impl/redisstore/internal/schema"
)

// Where the rows below put things; k1 is the creator's key, k2 the saver's.
var (
	keyspace                   = schema.NewKeyspace("")
	ring, dead, org, libraries = keyspace.Ring("o"), keyspace.Dead("o"), keyspace.Organization("o"), keyspace.Libraries("o")
	song, events, savers       = keyspace.Track("o", "t"), keyspace.Events("o", "t"), keyspace.Savers("o", "t")
	library, mark, tracks      = keyspace.LibraryPrefix("o"), keyspace.Unsaved("o", "r1"), keyspace.Tracks("o")
	savedBySaver               = keyspace.Library("o", "saver")
)

// The text of the song, and of one that a request deleted.
const songText = "creator m e unclear 1   "

// unsaved is the text while nobody has saved it.
func unsaved(text string) string { return schema.UnsavedMark + text }

func deletedBy(request, text string) string { return "!5 " + request + " creator " + text }

// seeds are commands that come before a row's script.
var (
	seedRing  = cmd("HSET", ring, "k1", "creator", "k2", "saver", "k3", "member", "revoked", "")
	seedSong  = cmd("SET", song, songText)
	seedFresh = cmd("SET", song, unsaved(songText))
	seedSaved = []any{"MULTI-SEED",
		cmd("ZADD", savers, 1, "saver", 2, "creator"),
		cmd("ZADD", savedBySaver, 1, "t"), cmd("ZADD", library+"creator", 2, "t"),
	}
	// The same, and the library is divided into its parts.
	seedDivided = []any{"MULTI-SEED",
		cmd("HSET", org, "divided:saver", 1), cmd("ZADD", savers, 1, "saver", 2, "creator"),
		cmd("ZADD", savedBySaver, 1, "t"), cmd("ZADD", savedBySaver+schema.LibrarySuffix("m", ""), 1, "t"),
		cmd("ZADD", savedBySaver+schema.LibrarySuffix("", "e"), 1, "t"),
		cmd("ZADD", savedBySaver+schema.LibrarySuffix("m", "e"), 1, "t"),
		cmd("ZADD", library+"creator", 2, "t"),
	}
	seedDeleted = cmd("SET", song, deletedBy("r0", songText))
	seedLibrary = seedMany("ZADD", savedBySaver, 100)
	seedDead    = seedMany("ZADD", dead, 300)
	seedKey     = cmd("HSET", "key", "user", "u", "revoked_at", "")
)

func cmd(words ...any) []any { return words }

// seedMany adds t0, t1, … to a sorted set, with their numbers.
func seedMany(name, key string, n int) []any {
	words := []any{name, key}
	for i := range n {
		words = append(words, i+1, fmt.Sprintf("t%d", i))
	}
	return words
}

func deleteRow(key string) ([]string, []any) {
	return []string{ring, song, dead, savers}, []any{key, "r1", "7"}
}

// deleteApartRow leaves the savers out.
func deleteApartRow(key string) ([]string, []any) {
	return []string{ring, song, dead}, []any{key, "r1", "7"}
}

func getRow(key string) ([]string, []any) {
	return []string{ring, song, savers}, []any{key}
}

func unsaveRow(key string) ([]string, []any) {
	return []string{ring, song, savers, org, mark}, []any{key, "t", library, 60}
}

// unsaveApartRow names what is written, and no mark.
func unsaveApartRow(key string) ([]string, []any) {
	keys := []string{ring, song, savers, org}
	for _, suffix := range schema.LibrarySuffixes("m", "e") {
		keys = append(keys, savedBySaver+suffix)
	}
	return keys, []any{key, "t", library, 0}
}

func listRow(key string, limit, most int) ([]string, []any) {
	return []string{ring, dead}, []any{key, library, "", keyspace.TrackPrefix("o"), 0, limit, most, keyspace.Pruned("o"), "", ""}
}

// partRow lists a part of a library, of which 100 saves may be in no part.
func partRow(suffix string, offset, limit int, emptyAt string) ([]string, []any) {
	return []string{ring, dead, org}, []any{"k2", library, suffix, keyspace.TrackPrefix("o"), offset, limit, 256, keyspace.Pruned("o"), 100, emptyAt}
}

// seedTracks stores t0, t1, …, of the modes m and n in turn, of the engines e and f by twos, and
// every tenth deleted.
func seedTracks(n int) []any {
	words := []any{"MSET"}
	for i := range n {
		text := fmt.Sprintf("creator %s %s unclear 1   ", []string{"m", "n"}[i%2], []string{"e", "f"}[i/2%2])
		if i%10 == 9 {
			text = "!5 r0 creator " + text
		}
		words = append(words, keyspace.Track("o", schema.EncodedID(fmt.Sprint("t", i))), text)
	}
	return words
}

// scriptRow reaches one RETURN of a script.
type scriptRow struct {
	script, what string
	seeds        [][]any
	keys         []string
	args         []any
	code         string
	most         int // commands that it may run
	values       int // that follow the code
}

func scriptRows() []scriptRow {
	var rows []scriptRow
	add := func(script, what, code string, most, values int, keys []string, args []any, seeds ...[]any) {
		rows = append(rows, scriptRow{script, what, seeds, keys, args, code, most, values})
	}
	with := func(script, what, code string, most, values int, kind func(string) ([]string, []any), key string, seeds ...[]any) {
		keys, args := kind(key)
		add(script, what, code, most, values, keys, args, seeds...)
	}

	add("authorize", "member", "OK", 1, 0, []string{ring}, []any{"k1"}, seedRing)
	add("authorize", "stranger", "NO_KEY", 1, 0, []string{ring}, []any{"k9"}, seedRing)
	add("authorize", "revoked", "NO_KEY", 1, 0, []string{ring}, []any{"revoked"}, seedRing)

	with("delete", "creator, saved", "SAVED", 5, 0, deleteRow, "k1", seedRing, seedSong, seedSaved)
	with("delete", "creator, never saved", "OK", 3, 0, deleteRow, "k1", seedRing, seedFresh)
	with("delete", "creator, never saved, savers left out", "OK", 3, 0, deleteApartRow, "k1", seedRing, seedFresh)
	with("delete", "the same request again", "SAVED", 1, 0, deleteRow, "k1", seedRing, seedSong, cmd("SET", song, deletedBy("r1", songText)))
	with("delete", "stranger", "NO_KEY", 2, 0, deleteRow, "k9", seedRing, seedSong)
	with("delete", "revoked", "NO_KEY", 2, 0, deleteRow, "revoked", seedRing, seedSong)
	with("delete", "creator, savers left out", "SAVED", 5, 0, deleteApartRow, "k1", seedRing, seedSong)
	with("delete", "no track", "NOT_FOUND", 3, 0, deleteRow, "k1", seedRing)
	with("delete", "deleted", "NOT_FOUND", 3, 0, deleteRow, "k1", seedRing, seedSong, seedDeleted)
	with("delete", "deleted, never saved", "NOT_FOUND", 3, 0, deleteRow, "k1", seedRing, cmd("SET", song, deletedBy("r0", unsaved(songText))))
	with("delete", "member without access", "NOT_FOUND", 3, 0, deleteRow, "k3", seedRing, seedSong, seedSaved)
	with("delete", "member, never saved", "NOT_FOUND", 3, 0, deleteRow, "k3", seedRing, seedFresh)
	with("delete", "saver", "NOT_CREATOR", 3, 0, deleteRow, "k2", seedRing, seedSong, seedSaved)

	with("get", "creator", "OK", 2, 1, getRow, "k1", seedRing, seedSong)
	with("get", "creator, never saved", "OK", 2, 1, getRow, "k1", seedRing, seedFresh)
	with("get", "saver", "OK", 3, 1, getRow, "k2", seedRing, seedSong, seedSaved)
	with("get", "stranger", "NO_KEY", 1, 0, getRow, "k9", seedRing, seedSong)
	with("get", "no track", "NOT_FOUND", 3, 0, getRow, "k1", seedRing)
	with("get", "deleted", "NOT_FOUND", 3, 0, getRow, "k1", seedRing, seedSong, seedDeleted)
	with("get", "member without access", "NOT_FOUND", 3, 0, getRow, "k3", seedRing, seedSong)
	with("get", "member, never saved", "NOT_FOUND", 3, 0, getRow, "k3", seedRing, seedFresh)

	list := func(limit, most int) func(string) ([]string, []any) {
		return func(key string) ([]string, []any) { return listRow(key, limit, most) }
	}
	with("list", "nothing saved", "OK", 5, 0, list(100, 256), "k3", seedRing)
	with("list", "a full window", "OK", 5, 200, list(100, 256), "k2", seedRing, seedLibrary)
	with("list", "a full window below dead ones", "OK", 6, 100, list(100, 400), "k2", seedRing, seedLibrary, seedMany("ZADD", dead, 50))
	with("list", "all dead", "OK", 5, 0, list(100, 300), "k2", seedRing, seedLibrary, seedDead)
	with("list", "stranger", "NO_KEY", 1, 0, list(100, 256), "k9", seedRing, seedLibrary)
	with("list", "too many dead", "BEHIND", 4, 2, list(100, 256), "k2", seedRing, seedLibrary, seedDead)

	with("list", "many dead, most of them pruned", "OK", 7, 200, list(100, 256), "k2", seedRing, seedLibrary, seedDead,
		cmd("HSET", keyspace.Pruned("o"), "saver", "200.5"))
	with("list", "too many dead after those pruned", "BEHIND", 4, 2, list(100, 10), "k2", seedRing, seedLibrary, seedDead,
		cmd("HSET", keyspace.Pruned("o"), "saver", "200"))

	part := func(what, code string, most, values int, suffix string, offset, limit int, emptyAt string, seeds ...[]any) {
		keys, args := partRow(suffix, offset, limit, emptyAt)
		add("list", what, code, most, values, keys, args, append([][]any{seedRing, seedTracks(100)}, seeds...)...)
	}
	upTo := func(n int) []any { return cmd("HSET", org, "divided:saver", n) }
	partOfModeM := []any{"ZADD", savedBySaver + ":mode:m"} // t0, t2, … up to t40
	for i := 0; i < 41; i += 2 {
		partOfModeM = append(partOfModeM, i+1, fmt.Sprint("t", i))
	}
	part("part of an undivided library", "OK", 4, 100, ":mode:m", 0, 100, "", seedLibrary) // 50 live ones
	part("part by mode and engine", "OK", 4, 50, ":mode:m:engine:f", 0, 100, "", seedLibrary)
	part("part by engine, from an offset on", "OK", 4, 14, ":engine:f", 38, 100, "", seedLibrary) // 45 live ones
	part("part of nothing", "OK", 4, 0, ":engine:x", 0, 100, "", seedLibrary)
	part("part of no library", "OK", 4, 0, ":mode:m", 0, 100, "")
	part("part of too much", "UNDIVIDED", 3, 1, ":mode:m", 0, 100, "", cmd("ZADD", savedBySaver, 101, "t100"), seedLibrary)
	part("part of a divided library", "OK", 8, 100, ":mode:m", 0, 100, "", seedLibrary, upTo(41), partOfModeM)
	part("part beyond what is not divided", "OK", 8, 42-6, ":mode:m", 29+3, 100, "", seedLibrary, upTo(41), partOfModeM)
	part("part within what is not divided", "OK", 4, 2*5, ":mode:m", 0, 5, "", seedLibrary, upTo(41), partOfModeM)
	part("part that is known to be empty", "OK", 4, 0, ":engine:x", 0, 5, "41", seedLibrary, upTo(41), partOfModeM)
	part("part that was known to be empty", "OK", 8, 0, ":engine:x", 0, 5, "40", seedLibrary, upTo(41), partOfModeM)

	divide := func(what string, most, count int, seeds ...[]any) {
		add("divide", what, "OK", most, 1, []string{org, savedBySaver}, []any{"saver", keyspace.TrackPrefix("o"), count}, seeds...)
	}
	divide("nothing saved", 2, 100)
	divide("nothing more", 2, 100, seedLibrary, upTo(100))
	divide("one", 11, 100, seedSong, seedSaved)
	divide("a deleted one", 4, 100, seedSong, seedSaved, seedDeleted)
	divide("some", 5+2*8, 10, seedTracks(100), seedLibrary)
	divide("the others", 5+2*8, 200, seedTracks(100), seedLibrary, upTo(41), partOfModeM)

	add("prune", "nothing dead", "OK", 1, 1, []string{dead, library + "saver"}, []any{"0", 1000, keyspace.Pruned("o"), "saver"}, seedLibrary)
	add("prune", "dead ones", "OK", 3, 1, []string{dead, library + "saver"}, []any{"0", 1000, keyspace.Pruned("o"), "saver"}, seedLibrary, seedDead)

	with("unsave", "saver", "OK", 10, 0, unsaveRow, "k2", seedRing, seedSong, seedSaved)
	with("unsave", "saver, of a divided library", "OK", 13, 0, unsaveRow, "k2", seedRing, seedSong, seedDivided)
	with("unsave", "saver, not divided yet", "OK", 10, 0, unsaveRow, "k2", seedRing, seedSong, seedSaved, cmd("HSET", org, "divided:saver", 0))
	with("unsave", "saver, without a mark", "OK", 11, 0, unsaveApartRow, "k2", seedRing, seedSong, seedDivided)
	with("unsave", "creator without it", "OK", 4, 0, unsaveRow, "k1", seedRing, seedSong)
	with("unsave", "creator, never saved", "OK", 4, 0, unsaveRow, "k1", seedRing, seedFresh)
	with("unsave", "member, never saved", "NOT_FOUND", 4, 0, unsaveRow, "k3", seedRing, seedFresh)
	with("unsave", "the same request again", "OK", 1, 0, unsaveRow, "k9", cmd("SET", mark, "t"))
	with("unsave", "stranger", "NO_KEY", 2, 0, unsaveRow, "k9", seedRing, seedSong)
	with("unsave", "no track", "NOT_FOUND", 4, 0, unsaveRow, "k1", seedRing)
	with("unsave", "deleted", "NOT_FOUND", 4, 0, unsaveRow, "k2", seedRing, seedSong, seedSaved, seedDeleted)
	with("unsave", "not saved", "NOT_FOUND", 4, 0, unsaveRow, "k3", seedRing, seedSong)
	with("unsave", "mark of another track", "NOT_FOUND", 4, 0, unsaveRow, "k3", seedRing, seedSong, cmd("SET", mark, "t2"))

	add("find_key", "key", "OK", 1, 0, []string{"key"}, nil, seedKey)
	add("find_key", "no key", "NO_KEY", 1, 0, []string{"key"}, nil)
	add("find_key", "revoked", "NO_KEY", 1, 0, []string{"key"}, nil, seedKey, cmd("HSET", "key", "revoked_at", "7"))

	names := make([]any, 100)
	for i := range names {
		names[i] = fmt.Sprintf("n%d", i)
	}
	add("index_add", "new names", "OK", 300, 0, []string{"names"}, names)
	add("index_add", "known names", "OK", 3, 0, []string{"names"}, []any{"a", "a"}, cmd("ZADD", "names", 0, "a"))

	create := func(found int, pivot, text string, events []any) []any {
		return append([]any{keyspace.SaversPrefix("o"), "t", found, pivot, text, len(events)}, events...)
	}
	both := func(a, b []any) []any { return append(slices.Clone(a), b[1:]...) }
	trackKeys, twice := []string{tracks, song, events}, []string{tracks, song, events, song, events}
	seedEvents := cmd("RPUSH", events, "a", "z")
	add("create_tracks", "new", "OK", 6, 0, trackKeys, create(-1, "", unsaved(songText), cmd("a", "b")))
	add("create_tracks", "new, without events", "OK", 5, 0, trackKeys, create(-1, "", unsaved(songText), nil))
	add("create_tracks", "new, with savers of a lost one", "OK", 6, 0, trackKeys, create(-1, "", unsaved(songText), nil), seedSaved)
	add("create_tracks", "more events", "OK", 4, 0, trackKeys, create(2, "", "", cmd("b")), seedSong, seedEvents)
	add("create_tracks", "more events before and after", "OK", 8, 0, twice,
		both(create(2, "z", "", cmd("b", "c")), create(2, "", "", cmd("y"))), seedSong, seedEvents)
	add("create_tracks", "exists", "CHANGED", 2, 0, trackKeys, create(-1, "", songText, nil), seedSong)
	add("create_tracks", "does not exist", "CHANGED", 1, 0, trackKeys, create(0, "", "", cmd("a")))
	add("create_tracks", "other events", "CHANGED", 3, 0, trackKeys, create(1, "", "", cmd("b")), seedSong, seedEvents)

	saves := func(number int, ofTracks ...string) ([]string, []any) {
		args := []any{"saver", number, 100, keyspace.TrackPrefix("o"), keyspace.SaversPrefix("o")}
		for i, t := range ofTracks {
			args = append(args, t, i+1)
		}
		return []string{org, libraries, library + "saver"}, args
	}
	addSaves := func(what, code string, most, last int, ofTracks []string, seeds ...[]any) {
		keys, args := saves(last, ofTracks...)
		add("create_saves", what, code, most, 0, keys, args, seeds...)
	}
	seedSong2 := cmd("SET", keyspace.Track("o", "t2"), "creator n e unclear 1   ")
	seedLast := cmd("HSET", org, "saves", 100)
	just, two := []string{"t"}, []string{"t", "t2"}
	// The number 100 is that of the last save where nobody has saved since.
	addSaves("first of its user", "OK", 10, 0, just, seedSong)
	addSaves("another of its user", "UNDIVIDED", 11, 100, just, seedSong, seedLibrary, seedLast)
	addSaves("another, of a divided library", "OK", 11, 100, just, seedSong, seedLibrary, seedLast, cmd("HSET", org, "divided:saver", 1))
	addSaves("two", "OK", 11, 0, two, seedSong, seedSong2)
	addSaves("two, one of them never saved", "OK", 12, 0, two, seedFresh, seedSong2)
	addSaves("two, others since", "OK", 13, 99, two, seedSong, seedSong2, seedLast)
	addSaves("known", "OK", 8, 99, just, seedSong, seedSaved, seedLast)
	addSaves("removed", "OK", 8, 99, just, seedSong, seedLast, cmd("ZADD", savers, 1, "!saver"))
	addSaves("later than one that was removed", "OK", 11, 99, just, seedSong, seedLast, cmd("ZADD", savers, 0, "!saver"))
	addSaves("deleted", "OK", 7, 0, just, seedSong, seedDeleted)
	addSaves("of a lost number", "OK", 12, 0, just, seedSong, seedLibrary, cmd("HSET", org, "divided:saver", 1))
	addSaves("at another time", "CHANGED", 4, 99, just, seedSong, seedSaved, cmd("ZADD", savers, 2, "saver"), seedLast)
	addSaves("no track", "CHANGED", 3, 0, just)

	add("find_savers", "nobody", "OK", 2, 1, []string{org, libraries}, []any{"saver", "member"})
	add("find_savers", "one of two", "OK", 2, 2, []string{org, libraries}, []any{"saver", "member"}, seedLast, cmd("ZADD", libraries, 0, "saver"))

	findRow := func(what, code string, most int, user string, seeds ...[]any) {
		add("find_saves", what, code, most, 0, []string{song, savers}, []any{user}, seeds...)
	}
	findRow("nothing known", "OK", 2, "member", seedSong, seedSaved)
	findRow("saved", "CHANGED", 2, "saver", seedSong, seedSaved)
	findRow("removed", "CHANGED", 2, "saver", seedSong, cmd("ZADD", savers, 1, "!saver"))
	findRow("deleted", "CHANGED", 1, "member", seedSong, seedDeleted)
	findRow("no track", "CHANGED", 1, "member")

	add("create_key", "new, now", "OK", 3, 0, []string{"key"}, []any{"u", "", "now", ""})
	add("create_key", "new, then", "OK", 2, 0, []string{"key"}, []any{"u", "", "5", ""})
	add("create_key", "known", "OK", 1, 0, []string{"key"}, []any{"u", "", "now", ""}, seedKey)
	add("create_key", "of another user", "CHANGED", 1, 0, []string{"key"}, []any{"v", "", "now", ""}, seedKey)

	add("revoke_key", "key", "OK", 3, 1, []string{"key"}, nil, seedKey)
	add("revoke_key", "revoked", "OK", 1, 1, []string{"key"}, nil, seedKey, cmd("HSET", "key", "revoked_at", "7"))
	add("revoke_key", "no key", "NOT_FOUND", 1, 0, []string{"key"}, nil)

	add("finish_revocation", "unfinished", "OK", 4, 0, []string{"key"}, nil, seedKey, cmd("HSET", "key", "revoked_at", "7", "revoking", "1"))
	add("finish_revocation", "finished", "OK", 1, 0, []string{"key"}, nil, seedKey, cmd("HSET", "key", "revoked_at", "7"))
	return rows
}

// TestScripts reaches every RETURN of every script on a real Redis and counts
// the commands that each ran.
func TestScripts(t *testing.T) {
	t.Parallel()
	server := redistest.Own(t)
	client := server.Client(t)
	ctx := t.Context()
	reached := make(map[string][]string) // script → codes
	for _, r := range scriptRows() {
		t.Run(r.script+"/"+r.what, func(t *testing.T) {
			if err := client.FlushAll(ctx).Err(); err != nil { // our own server
				t.Fatal(err)
			}
			for _, s := range r.seeds {
				seed(t, client, s)
			}
			source := readScript(t, r.script)
			before := commandsRun(t, client)
			raw, err := client.Eval(ctx, source, r.keys, r.args...).Result()
			if err != nil {
				t.Fatal(err)
			}
			reply := replyOf(raw)
			if ran := commandsRun(t, client) - before; ran > r.most {
				t.Errorf("ran %d commands, more than %d", ran, r.most)
			}
			if reply[0] != r.code || len(reply)-1 != r.values {
				t.Errorf("got %v and %d values, want %s and %d", reply[0], len(reply)-1, r.code, r.values)
			}
			reached[r.script] = append(reached[r.script], r.code)
		})
	}

	files, err := filepath.Glob("*.lua")
	if err != nil || len(files) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	code := regexp.MustCompile(`return \{?'([A-Z_]+)'`)
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".lua")
		for _, match := range code.FindAllStringSubmatch(readScript(t, name), -1) {
			if !slices.Contains(reached[name], match[1]) {
				t.Errorf("%s: no row reaches %s", file, match[1])
			}
		}
	}
}

// replyOf returns what a script returned as a list, its code first.
func replyOf(raw any) []any {
	if code, ok := raw.(string); ok {
		return []any{code}
	}
	return raw.([]any)
}

func seed(t *testing.T, client redis.UniversalClient, words []any) {
	t.Helper()
	if words[0] == "MULTI-SEED" {
		for _, s := range words[1:] {
			seed(t, client, s.([]any))
		}
		return
	}
	if err := client.Do(context.Background(), words...).Err(); err != nil {
		t.Fatalf("%v: %v", words, err)
	}
}

func readScript(t *testing.T, name string) string {
	t.Helper()
	source, err := os.ReadFile(name + ".lua")
	if err != nil {
		t.Fatal(err)
	}
	return string(source)
}

// commandsRun is how many commands the server has run within scripts: all but
// what this test sends itself meanwhile.
func commandsRun(t *testing.T, client redis.UniversalClient) int {
	t.Helper()
	info, err := client.Info(context.Background(), "commandstats").Result()
	if err != nil {
		t.Fatal(err)
	}
	sum := 0
	for _, match := range regexp.MustCompile(`cmdstat_([^:]+):calls=(\d+)`).FindAllStringSubmatch(info, -1) {
		if match[1] == "eval" || match[1] == "info" {
			continue
		}
		n, err := strconv.Atoi(match[2])
		if err != nil {
			t.Fatal(err)
		}
		sum += n
	}
	return sum
}
