// Command bare serves the three hot operations as a good engineer would write them by hand for one
// team: net/http, go-redis, one script an operation, the keys' users cached in memory, and nothing
// beside: no access log, no metrics, no ids of requests, no contract. It is what the benchmark
// holds the reference server against.
package main

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"log"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"
)

var (
	//go:embed delete.lua
	deleteSource string
	//go:embed get.lua
	getSource string
	//go:embed list.lua
	listSource string
)

func main() {
	listen := flag.String("listen", "127.0.0.1:8080", "address to serve on")
	server := flag.String("redis", "127.0.0.1:6379", "address of Redis")
	mode := flag.String("mode", "single", "single: each request sends its script; "+
		"pipelined: two workers send what waits; constant: no Redis at all, deletes only")
	flag.Parse()

	client := redis.NewClient(&redis.Options{Addr: *server, PoolSize: 64, Protocol: 2})
	a := &api{client: client, run: single(client)}
	switch *mode {
	case "single":
	case "pipelined":
		a.run = pipelined(client)
	case "constant":
		a.run = nil
	default:
		log.Fatalf("-mode %s: want single, pipelined or constant", *mode)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("DELETE /v1/music/{organization}/tracks/{track}", a.delete)
	mux.HandleFunc("GET /v1/music/{organization}/tracks/{track}", a.get)
	mux.HandleFunc("GET /v1/music/{organization}/tracks", a.list)
	log.Fatal(http.ListenAndServe(*listen, mux))
}

// runScript runs a script and returns its reply.
type runScript func(ctx context.Context, script *redis.Script, keys []string, args ...any) (any, error)

func single(client *redis.Client) runScript {
	return func(ctx context.Context, script *redis.Script, keys []string, args ...any) (any, error) {
		return script.Run(ctx, client, keys, args...).Result()
	}
}

// call is a script that waits to be sent.
type call struct {
	script *redis.Script
	keys   []string
	args   []any
	done   chan *redis.Cmd
}

// pipelined sends what waits, up to 256 calls at once, by two workers. A script that Redis does not
// know is loaded before the first of them.
func pipelined(client *redis.Client) runScript {
	for _, source := range []string{deleteSource, getSource, listSource} {
		if err := redis.NewScript(source).Load(context.Background(), client).Err(); err != nil {
			log.Fatal(err)
		}
	}
	waiting := make(chan call, 4096)
	for range 2 {
		go func() {
			ctx := context.Background()
			for first := range waiting {
				batch := []call{first}
				for more := true; more && len(batch) < 256; {
					select {
					case next := <-waiting:
						batch = append(batch, next)
					default:
						more = false
					}
				}
				pipe := client.Pipeline()
				commands := make([]*redis.Cmd, len(batch))
				for i, c := range batch {
					commands[i] = pipe.EvalSha(ctx, c.script.Hash(), c.keys, c.args...)
				}
				pipe.Exec(ctx) // each command holds its own error
				for i, c := range batch {
					c.done <- commands[i]
				}
			}
		}()
	}
	return func(_ context.Context, script *redis.Script, keys []string, args ...any) (any, error) {
		c := call{script, keys, args, make(chan *redis.Cmd, 1)}
		waiting <- c
		return (<-c.done).Result()
	}
}

type api struct {
	client   *redis.Client
	run      runScript // nil: constant responses
	users    sync.Map  // by hash of the key
	requests atomic.Int64
}

var (
	deleteScript = redis.NewScript(deleteSource)
	getScript    = redis.NewScript(getSource)
	listScript   = redis.NewScript(listSource)
)

// user returns whose key the request carries, empty if nobody's; it has then responded.
func (a *api) user(w http.ResponseWriter, r *http.Request) string {
	sum := sha256.Sum256([]byte(r.Header.Get("X-API-Key")))
	key := hex.EncodeToString(sum[:])
	if known, ok := a.users.Load(key); ok {
		return known.(string)
	}
	user, err := a.client.HGet(r.Context(), "key:"+key, "user").Result()
	if err != nil {
		refuse(w, http.StatusUnauthorized)
		return ""
	}
	a.users.Store(key, user)
	return user
}

func (a *api) delete(w http.ResponseWriter, r *http.Request) {
	organization, id := r.PathValue("organization"), r.PathValue("track")
	if a.run == nil {
		acknowledge(w, id)
		return
	}
	user := a.user(w, r)
	if user == "" {
		return
	}
	tag := "{" + organization + "}:"
	keys := []string{tag + "track:" + id, tag + "members", tag + "history:" + id, tag + "library:" + user}
	now := strconv.FormatInt(time.Now().UnixMilli(), 10)
	request := "req_" + strconv.FormatInt(a.requests.Add(1), 36)
	reply, err := a.run(r.Context(), deleteScript, keys, user, id, now, request)
	switch {
	case err != nil:
		log.Print(err)
		refuse(w, http.StatusInternalServerError)
	case reply == int64(0):
		acknowledge(w, id)
	case reply == int64(1):
		refuse(w, http.StatusForbidden)
	default:
		refuse(w, http.StatusNotFound)
	}
}

func acknowledge(w http.ResponseWriter, id string) {
	w.Header().Set("Content-Type", "application/json")
	w.Write([]byte(`{"success":true,"id":"` + id + `","detail":"Track deleted."}`))
}

// item is a track in responses.
type item struct {
	ID       string            `json:"id"`
	Title    *string           `json:"title"`
	Engine   string            `json:"engine"`
	Mode     string            `json:"mode"`
	Licence  string            `json:"licence_class"`
	Created  string            `json:"created_at"`
	Playback *string           `json:"playback_url"`
	Stems    map[string]string `json:"stem_urls"`
}

func (a *api) get(w http.ResponseWriter, r *http.Request) {
	user := a.user(w, r)
	if user == "" {
		return
	}
	organization, id := r.PathValue("organization"), r.PathValue("track")
	tag := "{" + organization + "}:"
	reply, err := a.run(r.Context(), getScript, []string{tag + "track:" + id, tag + "members", tag + "library:" + user}, user, id)
	fields, ok := reply.([]any)
	switch {
	case err != nil && err != redis.Nil:
		log.Print(err)
		refuse(w, http.StatusInternalServerError)
		return
	case !ok:
		refuse(w, http.StatusNotFound)
		return
	}
	track := itemOf(id, fields[2:])
	url := playback(organization, id)
	track.Playback = &url
	respond(w, track)
}

// playback signs an URL that is good for a quarter of an hour.
func playback(organization, id string) string {
	path := "/" + organization + "/" + id + "?expires=" + strconv.FormatInt(time.Now().Add(15*time.Minute).Unix(), 10)
	mac := hmac.New(sha256.New, []byte("a secret of the benchmark"))
	mac.Write([]byte(path))
	return "https://media.example.com" + path + "&signature=" + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

func (a *api) list(w http.ResponseWriter, r *http.Request) {
	user := a.user(w, r)
	if user == "" {
		return
	}
	limit, err := strconv.Atoi(r.URL.Query().Get("limit"))
	if err != nil || limit < 1 || limit > 100 {
		refuse(w, http.StatusUnprocessableEntity)
		return
	}
	tag := "{" + r.PathValue("organization") + "}:"
	reply, err := a.run(r.Context(), listScript, []string{tag + "library:" + user, tag + "members"}, user, 0, limit-1, tag+"track:")
	rows, ok := reply.([]any)
	switch {
	case err != nil && err != redis.Nil:
		log.Print(err)
		refuse(w, http.StatusInternalServerError)
		return
	case !ok:
		refuse(w, http.StatusNotFound)
		return
	}
	page := struct {
		Items  []item `json:"items"`
		Limit  int    `json:"limit"`
		Offset int    `json:"offset"`
	}{make([]item, 0, len(rows)), limit, 0}
	for _, row := range rows {
		fields := row.([]any)
		page.Items = append(page.Items, itemOf(text(fields[0]), fields[1:]))
	}
	respond(w, page)
}

// itemOf takes title, engine, mode, licence and time of creation, in this order.
func itemOf(id string, fields []any) item {
	track := item{ID: id, Engine: text(fields[1]), Mode: text(fields[2]), Licence: text(fields[3]), Created: text(fields[4])}
	if title, ok := fields[0].(string); ok {
		track.Title = &title
	}
	return track
}

func text(value any) string {
	s, _ := value.(string)
	return s
}

func respond(w http.ResponseWriter, body any) {
	encoded, err := json.Marshal(body)
	if err != nil {
		log.Print(err)
		refuse(w, http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(encoded)))
	w.Write(encoded)
}

func refuse(w http.ResponseWriter, status int) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	fmt.Fprintf(w, `{"success":false,"error":{"status":%d}}`, status)
}
