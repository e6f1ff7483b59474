package impl_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/seed-5ec2a705/mtrack/impl"
	"github.com/seed-5ec2a705/mtrack/impl/httpapi"
	"github.com/seed-5ec2a705/mtrack/impl/internal/redistest"
	"github.com/seed-5ec2a705/mtrack/impl/record"
	"github.com/seed-5ec2a705/mtrack/impl/redisstore"
	"github.com/seed-5ec2a705/mtrack/impl/track"
)

// What BenchmarkDelete measures with.
const (
	benchConnections = 64   // kept open, each with one request at a time
	benchDeletes     = 4000 // of each server in each round
	benchChunk       = 500  // records that are stored at once
)

// BenchmarkDelete measures deletes per second on a real Redis, over real HTTP on the loopback
// interface: of the API, with its logging and observing, beside a bare net/http handler that runs
// the same script for the same caller with go-redis and does nothing else. Both are measured in
// turns in one process with their clients and on one Redis, so that the ratio means something where
// the absolute numbers are the machine's.
//
// One iteration is one round of both. The tracks are in nobody's library: what the worker does
// after a deletion is not measured.
func BenchmarkDelete(b *testing.B) {
	server := redistest.Start(b)
	world := newBenchWorld(b, server.Registry(b))
	words := world.recordDelete(b, server.Client(b), redisstore.WithPrefix(server.Prefix))

	logger := slog.New(slog.NewTextHandler(io.Discard, nil))
	api := httptest.NewServer(impl.New(server.Store(b), impl.WithLogger(logger), impl.WithObserver(func(httpapi.Observation) {})))
	defer api.Close()
	bare := httptest.NewServer(bareHandler(server.Client(b), words))
	defer bare.Close()
	transport := &http.Transport{MaxIdleConnsPerHost: benchConnections, MaxConnsPerHost: benchConnections}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport}

	world.round(b, client, api.URL, benchDeletes/8) // connections and scripts in place
	world.round(b, client, bare.URL, benchDeletes/8)
	var apiRates, bareRates, ratios []float64
	for n := range b.N {
		var rates [2]float64
		for turn := range rates {
			which := (n + turn) % 2 // who goes first changes
			rates[which] = world.round(b, client, []string{api.URL, bare.URL}[which], benchDeletes)
		}
		apiRates = append(apiRates, rates[0])
		bareRates = append(bareRates, rates[1])
		ratios = append(ratios, rates[0]/rates[1])
	}
	b.ReportMetric(median(apiRates), "deletes/s")
	b.ReportMetric(median(bareRates), "bare-deletes/s")
	b.ReportMetric(median(ratios), "ratio")
	b.ReportMetric(0, "ns/op") // of a round with its preparation: nobody's question
	if b.N == 1 {
		return // the testing package's trial run
	}
	b.Logf("medians of %d rounds at %d connections: %.0f deletes/s, bare handler %.0f deletes/s, ratio %.2f",
		len(ratios), benchConnections, median(apiRates), median(bareRates), median(ratios))
}

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return (sorted[(len(sorted)-1)/2] + sorted[len(sorted)/2]) / 2
}

// benchWorld is an organization with one user and as many tracks of that user's as are asked for.
type benchWorld struct {
	registry     record.Registry
	organization track.OrganizationID
	creator      track.UserID
	key          track.Key
	tracks       int // made so far
}

// newBenchWorld stores an organization and a user that nobody else has.
func newBenchWorld(b *testing.B, registry record.Registry) *benchWorld {
	b.Helper()
	unique := fmt.Sprintf("bench%d", time.Now().UnixNano())
	w := &benchWorld{
		registry:     registry,
		organization: track.OrganizationID("org_" + unique),
		creator:      track.UserID("user_" + unique),
		key:          track.MintKey(),
	}
	w.apply(b, []record.Record{
		{Organization: &record.Organization{ID: w.organization}},
		{User: &record.User{
			ID: w.creator, MemberOf: []track.OrganizationID{w.organization},
			Keys: []record.Key{{Secret: w.key.Reveal()}},
		}},
	})
	return w
}

func (w *benchWorld) apply(b *testing.B, records []record.Record) {
	b.Helper()
	for chunk := range slices.Chunk(records, benchChunk) {
		if err := w.registry.Apply(context.Background(), chunk); err != nil {
			b.Fatal(err)
		}
	}
}

// add stores n new tracks.
func (w *benchWorld) add(b *testing.B, n int) []track.ID {
	b.Helper()
	ids := make([]track.ID, n)
	records := make([]record.Record, n)
	for i := range ids {
		w.tracks++
		ids[i] = track.ID(fmt.Sprintf("mtrack_bench%08d", w.tracks))
		records[i].Track = &record.Track{
			ID: ids[i], Organization: w.organization, Creator: w.creator, Engine: "studio", Mode: "creation",
			Licence: "unclear", CreatedAt: time.Now().UTC().Truncate(time.Second),
		}
	}
	w.apply(b, records)
	return ids
}

// round deletes n new tracks on the server at that origin, over all connections at once, and
// returns how many it deleted in a second. Every answer has to be 200.
func (w *benchWorld) round(b *testing.B, client *http.Client, origin string, n int) (perSecond float64) {
	b.Helper()
	ids := w.add(b, n)
	prefix := origin + "/v1/music/" + string(w.organization) + "/tracks/"
	header := http.Header{"X-Api-Key": {w.key.Reveal()}}
	var next atomic.Int64
	var failed atomic.Pointer[string]
	var workers sync.WaitGroup
	start := time.Now()
	for range benchConnections {
		workers.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= len(ids) || failed.Load() != nil {
					return
				}
				if problem := deleteOnce(client, prefix+string(ids[i]), header); problem != "" {
					failed.Store(&problem)
				}
			}
		})
	}
	workers.Wait()
	elapsed := time.Since(start)
	if problem := failed.Load(); problem != nil {
		b.Fatal(*problem)
	}
	return float64(n) / elapsed.Seconds()
}

// deleteOnce returns what went wrong, empty after a 200.
func deleteOnce(client *http.Client, url string, header http.Header) string {
	request, err := http.NewRequest(http.MethodDelete, url, nil)
	if err != nil {
		return err.Error()
	}
	request.Header = header
	response, err := client.Do(request)
	if err != nil {
		return err.Error()
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return err.Error()
	}
	if response.StatusCode != http.StatusOK {
		return fmt.Sprintf("DELETE %s: %s %s", url, response.Status, body)
	}
	return ""
}

// What stands for the track and the request in a recorded command.
const (
	probeTrack   = "mtrack_probe"
	probeRequest = "req_probe"
)

// recordDelete lets the store delete one track and returns the command that it sent for it, so that
// the bare handler runs exactly that and nothing here repeats how the store names its keys.
func (w *benchWorld) recordDelete(b *testing.B, client redis.UniversalClient, prefix redisstore.Option) []string {
	b.Helper()
	w.apply(b, []record.Record{{Track: &record.Track{
		ID: probeTrack, Organization: w.organization, Creator: w.creator, Engine: "studio", Mode: "creation",
		Licence: "unclear", CreatedAt: time.Now().UTC().Truncate(time.Second),
	}}})
	tape := &scriptTape{}
	client.AddHook(tape)
	store := redisstore.New(client, prefix, redisstore.WithoutSweeping())
	defer store.Close()
	caller := track.Caller{Key: w.key, Request: probeRequest}
	if err := store.Delete(context.Background(), caller, w.organization, probeTrack); err != nil {
		b.Fatal(err)
	}
	words := tape.evalsha
	if !slices.ContainsFunc(words, func(word string) bool { return strings.Contains(word, probeTrack) }) {
		b.Fatalf("recorded %q, which is no deletion of %s", words, probeTrack)
	}
	return words
}

// scriptTape is a go-redis hook that keeps the last EVALSHA that was sent.
type scriptTape struct{ evalsha []string }

func (t *scriptTape) DialHook(next redis.DialHook) redis.DialHook { return next }

func (t *scriptTape) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return next
}

func (t *scriptTape) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, command redis.Cmder) error {
		if command.Name() == "evalsha" {
			t.evalsha = t.evalsha[:0]
			for _, word := range command.Args() {
				t.evalsha = append(t.evalsha, fmt.Sprint(word))
			}
		}
		return next(ctx, command)
	}
}

// bareHandler deletes with the recorded command and answers as the contract says: the least that a
// server over this script can do.
func bareHandler(client redis.UniversalClient, recorded []string) http.Handler {
	var requests atomic.Int64
	mux := http.NewServeMux()
	mux.HandleFunc("DELETE /v1/music/{organization_id}/tracks/{track_id}", func(w http.ResponseWriter, r *http.Request) {
		id := r.PathValue("track_id")
		own := strings.NewReplacer(probeTrack, id, probeRequest, fmt.Sprintf("req_%d", requests.Add(1)))
		words := make([]any, len(recorded))
		for i, word := range recorded {
			words[i] = own.Replace(word)
		}
		reply, err := client.Do(r.Context(), words...).StringSlice()
		if err != nil || len(reply) != 1 || reply[0] != "OK" {
			http.Error(w, fmt.Sprint(reply, err), http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		json.NewEncoder(w).Encode(map[string]any{"success": true, "id": id, "detail": "Track deleted."})
	})
	return mux
}
