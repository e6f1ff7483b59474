package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
)

const (
	matrixName = "matrix"
	matrixDone = "who may do what: state of the key × form of the header × member × creator × saver × state of the track × organization in the path × operation × shape of the id"
)

// The dimensions of the matrix. What must come out of them is [combination.want], written from the
// contract.
var (
	keyStates   = []string{"valid", "revoked", "unknown", "empty", "absent"}
	headerForms = []string{"X-API-Key", "Bearer", "bearer", "BEARER", "X-API-Key decides over a better Bearer",
		"X-API-Key decides over a worse Bearer", "an empty X-API-Key decides", "Basic", "Bearer is not without its scheme"}
	trackStates = []string{"live", "deleted", "never"}
	inPath      = []string{"its own", "another of the caller", "foreign", "unknown"}
	operations  = []operation{getTrack, listTracks, deleteTrack, unsaveTrack}
	idShapes    = []string{"mtrack_%s", "mtrack_%s.~-", "mtrack_ü日%s", "mtrack_ %s\"'", "mtrack_{%s}:*", "mtrack_A%sz", "mtrack_%s" + strings.Repeat("0", 200), "mtrack_%s%%2F"}
)

// combination is one point of the matrix.
type combination struct {
	key, form, state, where int
	member, creator, saver  bool
	op                      operation
	shape                   int
	track                   string // its id
}

// Organizations of the matrix.
const (
	ownOrganization     = "org_matrix"
	callersOrganization = "org_matrix_second" // to which every caller belongs
	foreignOrganization = "org_matrix_third"
	unknownOrganization = "org_matrix_none"
	owner               = "owner" // member of the first, creator of what the caller did not create, saver of nothing
)

func (c combination) user() string {
	bit := func(b bool) string {
		if b {
			return "1"
		}
		return "0"
	}
	return "u" + bit(c.member) + bit(c.creator) + bit(c.saver)
}

func matrixKey(state, user string) string { return "ak_matrix_" + state + "_" + user }

// secret is the key that is sent, and whether one is.
func (c combination) secret() (secret string, sent bool) {
	switch state := keyStates[c.key]; state {
	case "empty":
		return "", true
	case "absent":
		return "", false
	default:
		return matrixKey(state, c.user()), true
	}
}

// header are the headers of the request, and the key that decides by the contract: X-API-Key where it
// is sent, an empty one too; else Authorization with the scheme Bearer in any case.
func (c combination) header() (header http.Header, deciding string) {
	header = make(http.Header)
	secret, sent := c.secret()
	good := matrixKey("valid", owner)
	x := func(value string) { header.Set("X-API-Key", value) }
	authorization := func(value string) { header.Set("Authorization", value) }
	switch form := headerForms[c.form]; {
	case form == "X-API-Key":
		if sent {
			x(secret)
			deciding = secret
		}
	case form == "Bearer" || form == "bearer" || form == "BEARER":
		if sent {
			authorization(form + " " + secret)
			deciding = secret
		}
	case strings.Contains(form, "better"):
		authorization("Bearer " + good)
		deciding = good
		if sent {
			x(secret)
			deciding = secret
		}
	case strings.Contains(form, "worse"):
		authorization("Bearer ak_matrix_nobody")
		deciding = "ak_matrix_nobody"
		if sent {
			x(secret)
			deciding = secret
		}
	case strings.Contains(form, "empty"):
		x("")
		if sent {
			authorization("Bearer " + secret)
		}
	case form == "Basic":
		if sent {
			authorization("Basic " + secret)
		}
	default:
		if sent {
			authorization(secret)
		}
	}
	return header, deciding
}

// organization is the one in the path.
func (c combination) organization() string {
	return []string{ownOrganization, callersOrganization, foreignOrganization, unknownOrganization}[c.where]
}

// want is what the contract asks for, and who the caller is.
func (c combination) want() (status int) {
	_, deciding := c.header()
	member, creator, saver := c.member, c.creator, c.saver
	switch deciding {
	case matrixKey("valid", c.user()):
	case matrixKey("valid", owner):
		member, creator, saver = true, !c.creator, false
		if c.where == 1 {
			return http.StatusNotFound // the owner does not belong to it
		}
	default:
		return http.StatusUnauthorized
	}
	if c.where >= 2 || c.where == 0 && !member {
		return http.StatusNotFound
	}
	if c.op == listTracks {
		return http.StatusOK
	}
	if c.where != 0 || trackStates[c.state] != "live" || !creator && !saver {
		return http.StatusNotFound
	}
	if c.op == deleteTrack && !creator {
		return http.StatusForbidden
	}
	return http.StatusOK
}

func (c combination) String() string {
	return fmt.Sprintf("%s by %s (member %v, creator %v, saver %v), key %s in %s, track %s, organization %s, id %q",
		c.op, c.user(), c.member, c.creator, c.saver, keyStates[c.key], headerForms[c.form], trackStates[c.state], inPath[c.where], c.track)
}

// changes reports whether the request takes effect.
func (c combination) changes() bool {
	return c.want() == http.StatusOK && (c.op == deleteTrack || c.op == unsaveTrack)
}

// matrix returns every combination. Each that takes effect has a track of its own; the others share
// one for each user, state and shape.
func matrix() []combination {
	var all []combination
	for key := range keyStates {
		for form := range headerForms {
			for state := range trackStates {
				for where := range inPath {
					for _, op := range operations {
						for shape := range idShapes {
							for bits := range 8 {
								c := combination{key: key, form: form, state: state, where: where, op: op, shape: shape,
									member: bits&4 != 0, creator: bits&2 != 0, saver: bits&1 != 0}
								name := fmt.Sprintf("%s_%s_%d", c.user(), trackStates[state], shape)
								if c.changes() {
									name += fmt.Sprintf("_%d", len(all))
								}
								c.track = fmt.Sprintf(idShapes[shape], name)
								all = append(all, c)
							}
						}
					}
				}
			}
		}
	}
	return all
}

// writeMatrix writes the world of the combinations in the import format.
func writeMatrix(name string, all []combination) error {
	var out bytes.Buffer
	line := func(kind string, fields map[string]any) {
		text, _ := json.Marshal(map[string]any{kind: fields}) // strings and lists of them: cannot fail
		out.Write(append(text, '\n'))
	}
	for _, id := range []string{ownOrganization, callersOrganization, foreignOrganization} {
		line("organization", map[string]any{"id": id})
	}
	user := func(id string, organizations ...string) {
		line("user", map[string]any{"id": id, "member_of": organizations, "keys": []map[string]any{
			{"secret": matrixKey("valid", id)}, {"secret": matrixKey("revoked", id), "revoked_at": created}}})
	}
	user(owner, ownOrganization)
	for bits := range 8 {
		c := combination{member: bits&4 != 0, creator: bits&2 != 0, saver: bits&1 != 0}
		if c.member {
			user(c.user(), ownOrganization, callersOrganization)
		} else {
			user(c.user(), callersOrganization)
		}
	}
	seen := make(map[string]bool)
	for _, c := range all {
		if seen[c.track] || trackStates[c.state] == "never" {
			continue
		}
		seen[c.track] = true
		creator := owner
		if c.creator {
			creator = c.user()
		}
		track := map[string]any{"id": c.track, "organization_id": ownOrganization, "creator": creator, "engine": "studio",
			"mode": "creation", "licence_class": "unclear", "created_at": created}
		if trackStates[c.state] == "deleted" {
			track["deleted_at"] = created
		}
		line("track", track)
		if c.saver {
			line("save", map[string]any{"organization_id": ownOrganization, "track_id": c.track, "user": c.user(), "saved_at": created})
		}
		for i, event := range []string{"track.created", "track.billed", "track.deleted"} {
			if i == 2 && trackStates[c.state] != "deleted" {
				break
			}
			fields := map[string]any{"organization_id": ownOrganization, "track_id": c.track, "seq": i + 1, "type": event, "at": created, "actor": creator}
			if event == "track.billed" {
				fields["amount"], fields["currency"] = "0.10", "CHF"
			}
			line("event", fields)
		}
	}
	return os.WriteFile(name, out.Bytes(), 0o644)
}

// lookAtMatrix asks for every combination once, in a random order, and compares the responses with
// the contract, and what is stored with the responses.
func lookAtMatrix(ctx context.Context, s settings) row {
	result := row{promised: "0 deviations", rounds: 1}
	var mu sync.Mutex
	deviation := func(format string, values ...any) {
		mu.Lock()
		defer mu.Unlock()
		what := fmt.Sprintf(format, values...)
		if len(result.violations) < 20 {
			fmt.Fprintf(os.Stderr, "VIOLATION: matrix: %s\n    again: go run ./impl/internal/reliability -only matrix -seed %d\n", what, s.seed)
		}
		result.violations = append(result.violations, what)
	}
	all := matrix()
	total := len(all)
	random := rand.New(rand.NewPCG(s.seed, 0))
	random.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	if s.quick {
		all = all[:len(all)/4]
	}
	stage, err := newStage(ctx, s)
	if err == nil {
		defer stage.close()
		file := filepath.Join(s.work, "matrix.jsonl")
		if err = writeMatrix(file, all); err == nil {
			var out []byte
			if out, err = s.command(ctx, stage.direct, "import", file).CombinedOutput(); err != nil {
				err = fmt.Errorf("mtrackd import: %w: %s", err, lastLines(out))
			}
		}
	}
	if err != nil {
		deviation("cannot begin: %v", err)
		result.seen = "could not begin"
		return result
	}
	saved := make(map[string][]string) // what may stand in a list
	for _, c := range all {
		if c.saver && trackStates[c.state] == "live" {
			saved[c.user()] = append(saved[c.user()], c.track)
		}
	}
	allowed := make(map[string]map[string]bool)
	for user, ids := range saved {
		allowed[user] = make(map[string]bool)
		for _, id := range ids {
			allowed[user][id] = true
		}
	}
	c := newCaller(stage.origin)
	defer c.close()
	var next, asked atomic.Int64
	var workers sync.WaitGroup
	for range 16 {
		workers.Go(func() {
			for i := int(next.Add(1)) - 1; i < len(all) && ctx.Err() == nil; i = int(next.Add(1)) - 1 {
				x := all[i]
				header, deciding := x.header()
				path := "/v1/music/" + x.organization() + "/tracks"
				switch x.op {
				case getTrack, deleteTrack:
					path += "/" + url.PathEscape(x.track)
				case unsaveTrack:
					path += "/" + url.PathEscape(x.track) + "/save"
				}
				r := c.do(ctx, x.op, path, header)
				asked.Add(1)
				if r.status != x.want() {
					deviation("%v: %d, want %d: %.200s", x, r.status, x.want(), r.body)
				} else if r.problem != "" {
					deviation("%v: %s", x, r.problem)
				}
				if r.status == http.StatusOK {
					lookAtSuccess(x, deciding, r.body, allowed, deviation)
				}
			}
		})
	}
	workers.Wait()
	result.requests = int(asked.Load())
	after, err := export(ctx, s, stage.direct)
	if err != nil {
		deviation("%v", err)
	}
	for _, x := range all {
		if err == nil && trackStates[x.state] != "never" {
			lookAtStored(x, after[x.track], deviation)
		}
	}
	result.seen = fmt.Sprintf("%d of %d combinations, %d deviations", result.requests, total, len(result.violations))
	return result
}

// lookAtSuccess compares what a 200 says with what was asked for.
func lookAtSuccess(x combination, deciding string, body []byte, allowed map[string]map[string]bool, deviation func(string, ...any)) {
	var got struct {
		ID    string
		Items []struct{ ID string }
	}
	json.Unmarshal(body, &got) // the form was judged before
	if x.op != listTracks {
		if got.ID != x.track {
			deviation("%v: the id of another, %q", x, got.ID)
		}
		return
	}
	for _, item := range got.Items {
		if x.where != 0 || deciding != matrixKey("valid", x.user()) || !allowed[x.user()][item.ID] {
			deviation("%v: %q is in the list", x, item.ID)
		}
	}
}

// lookAtStored compares what is stored of a combination's track with what was asked of it.
func lookAtStored(x combination, t *stored, deviation func(string, ...any)) {
	if t == nil {
		deviation("%v: gone", x)
		return
	}
	deleted := trackStates[x.state] == "deleted" || x.changes() && x.op == deleteTrack
	events := []string{"track.created", "track.billed"}
	if deleted {
		events = append(events, "track.deleted")
	}
	got := make([]string, len(t.events))
	for i, e := range t.events {
		got[i] = e.Type
	}
	if t.deleted != deleted || !slices.Equal(got, events) {
		deviation("%v: afterwards deleted %v, history %v", x, t.deleted, got)
	}
	if trackStates[x.state] == "live" && !deleted {
		_, deciding := x.header()
		kept := x.saver && !(x.changes() && x.op == unsaveTrack && deciding == matrixKey("valid", x.user()))
		if slices.Contains(t.savers, x.user()) != kept {
			deviation("%v: afterwards saved by %v", x, t.savers)
		}
	}
}
