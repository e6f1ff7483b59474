package scripts_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/seed-5ec2a705/mtrack/impl/internal/redistest"
	"github.com/seed-5ec2a705/mtrack/impl/redisstore/internal/schema"
)

// BenchmarkCost compares what a script costs Redis with what one by hand for the same operation
// does (those of the bare handler in impl/internal/bench), in pipelines of 64, in turns. Redis
// itself says how much of the processor it used. Reported are the microseconds of both, and the
// median of the ratios of all turns. A delete is of a track that nobody has saved; delete-saved is
// of one that somebody has.
//
//	go test -run '^$' -bench Cost -benchtime 20000x ./impl/redisstore/internal/scripts
func BenchmarkCost(b *testing.B) {
	for _, operation := range []string{"delete", "delete-saved", "get", "list"} {
		b.Run(operation, func(b *testing.B) {
			client := redistest.Own(b).Client(b)
			operation, saved := strings.CutSuffix(operation, "-saved")
			c := cost{client: client, saved: saved}
			c.fill(b, b.N)
			byHand, err := os.ReadFile(filepath.Join("../../../internal/bench/bare", operation+".lua"))
			if err != nil {
				b.Fatal(err)
			}
			ours, err := os.ReadFile(operation + ".lua")
			if err != nil {
				b.Fatal(err)
			}
			names := [2]string{client.ScriptLoad(b.Context(), string(byHand)).Val(), client.ScriptLoad(b.Context(), string(ours)).Val()}
			var spent [2][]float64
			b.ResetTimer()
			const together, turn = 64, 10
			for first := 0; first < b.N; first += together * turn {
				last := min(first+together*turn, b.N)
				for who, sha := range names {
					before := c.processor(b)
					for i := first; i < last; i += together {
						c.pipeline(b, sha, operation, who == 1, i, min(i+together, last))
					}
					spent[who] = append(spent[who], (c.processor(b)-before)/float64(last-first)*1e6)
				}
			}
			ratios := make([]float64, len(spent[0]))
			for i := range ratios {
				ratios[i] = spent[1][i] / max(spent[0][i], 1e-9)
			}
			slices.Sort(ratios)
			for who, name := range []string{"by-hand-µs", "ours-µs"} {
				slices.Sort(spent[who])
				b.ReportMetric(spent[who][len(ratios)/2], name)
			}
			b.ReportMetric(ratios[len(ratios)/2], "ratio")
			b.ReportMetric(0, "ns/op") // of both, and of this program
		})
	}
}

// BenchmarkPart compares what a page of a part of a library costs Redis before its saves are put
// into parts, where a reader looks through all of them, and afterwards, in pipelines of 16, in
// turns. It also says what dividing the library costs, with the removal of its parts before.
//
//	go test -run '^$' -bench Part -benchtime 2000x ./impl/redisstore/internal/scripts
func BenchmarkPart(b *testing.B) {
	for _, size := range []int{20, 64, 128, 200} {
		b.Run(strconv.Itoa(size), func(b *testing.B) {
			client := redistest.Own(b).Client(b)
			c := cost{client: client}
			ctx, k := b.Context(), schema.NewKeyspace(schema.DefaultPrefix)
			c.fill(b, size)
			sha := func(name string) string {
				source, err := os.ReadFile(name + ".lua")
				if err != nil {
					b.Fatal(err)
				}
				return client.ScriptLoad(ctx, string(source)).Val()
			}
			const undivided, divided = schema.EncodedID("user_undivided"), schema.EncodedID("user_divided")
			client.HSet(ctx, k.Ring("org_1"), "undivided", string(undivided), "divided", string(divided))
			for i := range size {
				for _, user := range []schema.EncodedID{undivided, divided} {
					client.ZAdd(ctx, k.Library("org_1", user), redis.Z{Score: float64(i + 1), Member: costID(i)})
				}
			}
			list, divide := sha("list"), sha("divide")
			spent := make(map[string][]float64)
			measure := func(what string, count int, queue func(p redis.Pipeliner)) {
				before := c.processor(b)
				for range count {
					sent, err := client.Pipelined(ctx, func(p redis.Pipeliner) error {
						for range 16 {
							queue(p)
						}
						return nil
					})
					if err != nil {
						b.Fatalf("%s: %v, %v", what, sent, err)
					}
				}
				spent[what] = append(spent[what], (c.processor(b)-before)/float64(16*count)*1e6)
			}
			page := func(field string) func(redis.Pipeliner) {
				return func(p redis.Pipeliner) {
					p.EvalSha(ctx, list, []string{k.Ring("org_1"), k.Dead("org_1"), k.Organization("org_1")}, field, k.LibraryPrefix("org_1"),
						":mode:creation", k.TrackPrefix("org_1"), 0, 20, 256, k.Pruned("org_1"), size, "")
				}
			}
			divideOne := func(p redis.Pipeliner) {
				p.HDel(ctx, k.Organization("org_1"), schema.DividedField(divided))
				for _, suffix := range schema.LibrarySuffixes("creation", "studio") {
					if suffix != "" {
						p.Del(ctx, k.Library("org_1", divided)+suffix)
					}
				}
				p.EvalSha(ctx, divide, []string{k.Organization("org_1"), k.Library("org_1", divided)}, string(divided), k.TrackPrefix("org_1"), size)
			}
			b.ResetTimer()
			for range max(b.N/100, 1) {
				measure("divide-µs", 5, divideOne)
				measure("undivided-µs", 10, page("undivided"))
				measure("divided-µs", 10, page("divided"))
			}
			for what, values := range spent {
				slices.Sort(values)
				b.ReportMetric(values[len(values)/2], what)
			}
			b.ReportMetric(0, "ns/op")
		})
	}
}

// cost is a Redis with the same tracks, stored by hand and as this store does.
type cost struct {
	client redis.UniversalClient
	saved  bool // somebody has saved every track
}

const (
	costSaved = 100
	costKey   = "sha256:0000000000000000000000000000000000000000000000000000000000000001"
	costOther = "sha256:0000000000000000000000000000000000000000000000000000000000000002"
)

func costID(i int) string { return fmt.Sprintf("mtrack_%012d", i) }

func (c cost) fill(b *testing.B, tracks int) {
	b.Helper()
	ctx := context.Background()
	k := schema.NewKeyspace(schema.DefaultPrefix)
	p := c.client.Pipeline()
	p.SAdd(ctx, "{org_1}:members", "user_creator", "user_saver")
	p.HSet(ctx, k.Ring("org_1"), costKey, "user_creator", costOther, "user_saver")
	p.ZAdd(ctx, k.Dead("org_1"), redis.Z{Member: schema.DeletionCount})
	for i := range max(tracks, costSaved) {
		p.HSet(ctx, "{org_1}:track:"+costID(i), "creator", "user_creator", "title", fmt.Sprintf("Song %d", i), "engine", "studio",
			"mode", "creation", "licence", "unclear", "created_at", "2026-06-28T10:30:00Z")
		t := schema.Track{Creator: "user_creator", Mode: "creation", Engine: "studio", Licence: "unclear", CreatedAt: "1782642600000000", Unsaved: !c.saved,
			Title: fmt.Sprintf("Song %d", i), Titled: true}
		p.Set(ctx, k.Track("org_1", schema.EncodedID(costID(i))), t.Text(), 0)
		if c.saved {
			p.ZAdd(ctx, k.Savers("org_1", schema.EncodedID(costID(i))), redis.Z{Score: 1, Member: "user_saver"})
		}
		if i < costSaved {
			p.ZAdd(ctx, "{org_1}:library:user_saver", redis.Z{Score: float64(i), Member: costID(i)})
			p.ZAdd(ctx, k.Library("org_1", "user_saver"), redis.Z{Score: float64(i), Member: costID(i)})
		}
		if i%1000 == 999 || i+1 == max(tracks, costSaved) {
			if _, err := p.Exec(ctx); err != nil {
				b.Fatal(err)
			}
		}
	}
}

// pipeline runs the script for the tracks from first to last.
func (c cost) pipeline(b *testing.B, sha, operation string, ours bool, first, last int) {
	b.Helper()
	ctx := context.Background()
	k := schema.NewKeyspace(schema.DefaultPrefix)
	p := c.client.Pipeline()
	for i := first; i < last; i++ {
		id := costID(i)
		byHand := "{org_1}:"
		t := schema.EncodedID(id)
		var keys []string
		var args []any
		switch {
		case operation == "delete" && ours:
			keys = []string{k.Ring("org_1"), k.Track("org_1", t), k.Dead("org_1"), k.Savers("org_1", t)}
			args = []any{costKey, fmt.Sprintf("%032x", i), "1782642600000000"}
		case operation == "delete":
			keys = []string{byHand + "track:" + id, byHand + "members", byHand + "history:" + id, byHand + "library:user_creator"}
			args = []any{"user_creator", id, "1782642600000", "req_" + strconv.Itoa(i)}
		case operation == "get" && ours:
			keys, args = []string{k.Ring("org_1"), k.Track("org_1", t), k.Savers("org_1", t)}, []any{costKey}
		case operation == "get":
			keys, args = []string{byHand + "track:" + id, byHand + "members", byHand + "library:user_creator"}, []any{"user_creator", id}
		case ours:
			keys = []string{k.Ring("org_1"), k.Dead("org_1")}
			args = []any{costOther, k.LibraryPrefix("org_1"), "", k.TrackPrefix("org_1"), 0, 20, 256, k.Pruned("org_1"), "", ""}
		default:
			keys, args = []string{byHand + "library:user_saver", byHand + "members"}, []any{"user_saver", 0, 19, byHand + "track:"}
		}
		p.EvalSha(ctx, sha, keys, args...)
	}
	sent, err := p.Exec(ctx)
	if err != nil {
		b.Fatal(err)
	}
	for _, s := range sent {
		switch reply := s.(*redis.Cmd).Val().(type) {
		case nil, string:
			if reply != nil && reply != "OK" && (reply != "SAVED" || !c.saved) {
				b.Fatalf("%s: %v", operation, reply)
			}
		case int64:
			if reply != 0 {
				b.Fatalf("%s: %v", operation, reply)
			}
		}
	}
}

// processor returns the seconds of processor time that Redis has used.
func (c cost) processor(b *testing.B) float64 {
	b.Helper()
	info, err := c.client.Info(context.Background(), "cpu").Result()
	if err != nil {
		b.Fatal(err)
	}
	sum := 0.0
	for line := range strings.Lines(info) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), ":")
		if name == "used_cpu_user" || name == "used_cpu_sys" {
			seconds, err := strconv.ParseFloat(value, 64)
			if err != nil {
				b.Fatal(err)
			}
			sum += seconds
		}
	}
	return sum
}
