package storetest

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/seed-5ec2a705/mtrack/impl/record"
	"github.com/seed-5ec2a705/mtrack/impl/track"
)

func testKeys(t *testing.T, w world) {
	began := time.Now().Add(-time.Minute)
	key, err := w.CreateKey(t.Context(), w.user(saver), "on the train")
	if err != nil {
		t.Fatalf("CreateKey: %v", err)
	}
	caller := track.Caller{Key: key}
	want(t, "new key at home", w.Authorize(t.Context(), caller, w.home), 0)
	want(t, "new key abroad", w.Authorize(t.Context(), caller, w.abroad), track.NotFound)
	if _, err := w.Get(t.Context(), caller, w.home, w.song); err != nil {
		t.Errorf("Get with the new key: %v", err)
	}
	keys, err := w.Keys(t.Context(), w.user(saver))
	if err != nil || len(keys) != 2 {
		t.Fatalf("Keys: %v, %v; want 2", keys, err)
	}
	if k := keys[0]; k.Hash != w.caller(saver).Key.Hash() || k.Label != "first" || !k.CreatedAt.Equal(w.at) || k.RevokedAt != nil {
		t.Errorf("first key: %+v", k)
	}
	if k := keys[1]; k.Hash != key.Hash() || k.Label != "on the train" || k.CreatedAt.Before(began) || k.RevokedAt != nil {
		t.Errorf("second key: %+v", k)
	}
	_, err = w.CreateKey(t.Context(), "user_nobody", "")
	want(t, "CreateKey for nobody", err, track.NotFound)
	_, err = w.CreateKey(t.Context(), w.user(saver), strings.Repeat("x", 2000))
	want(t, "CreateKey with an endless label", err, track.InvalidArgument)
	_, err = w.Keys(t.Context(), "user_nobody")
	want(t, "Keys of nobody", err, track.NotFound)
}

func testRevokeKey(t *testing.T, w world) {
	key, err := w.CreateKey(t.Context(), w.user(creator), "")
	if err != nil {
		t.Fatalf("CreateKey: %v", err)
	}
	old, fresh := w.caller(creator), track.Caller{Key: key}
	for range 2 {
		want(t, "RevokeKey", w.RevokeKey(t.Context(), old.Key.Hash()), 0)
	}
	for _, op := range []operation{opAuthorize, opList, opGet, opUnsave, opDelete} {
		for _, o := range []track.OrganizationID{w.home, w.abroad} {
			want(t, op.name+" with a revoked key", op.run(t, w, old, o, w.song), track.Unauthenticated)
		}
	}
	want(t, "the other key", w.Authorize(t.Context(), fresh, w.home), 0)
	want(t, "RevokeKey of no key", w.RevokeKey(t.Context(), track.NewKey("nobody's "+w.suffix).Hash()), track.NotFound)

	keys, err := w.Keys(t.Context(), w.user(creator))
	if err != nil || len(keys) != 2 || keys[0].RevokedAt == nil || keys[1].RevokedAt != nil {
		t.Errorf("Keys: %+v, %v; want the first of two revoked", keys, err)
	}
	// Neither a new key nor a new membership brings it back.
	if _, err := w.CreateKey(t.Context(), w.user(creator), "third"); err != nil {
		t.Fatalf("CreateKey: %v", err)
	}
	w.apply(t, w.userRecord(creator, w.home, w.abroad))
	for _, o := range []track.OrganizationID{w.home, w.abroad} {
		want(t, "revoked key", w.Authorize(t.Context(), old, o), track.Unauthenticated)
		want(t, "other key", w.Authorize(t.Context(), fresh, o), 0)
	}
}

func testEndMembership(t *testing.T, w world) {
	key, err := w.CreateKey(t.Context(), w.user(creator), "")
	if err != nil {
		t.Fatalf("CreateKey: %v", err)
	}
	w.apply(t, w.userRecord(creator, w.home, w.abroad))
	callers := []track.Caller{w.caller(creator), {Key: key, Request: "req_second"}}
	for _, c := range callers {
		want(t, "Authorize of a member", w.Authorize(t.Context(), c, w.home), 0)
	}
	want(t, "EndMembership", w.EndMembership(t.Context(), w.user(creator), w.home), 0)
	for _, c := range callers {
		for _, op := range []operation{opAuthorize, opList, opGet, opUnsave, opDelete} {
			want(t, op.name+" of somebody who left", op.run(t, w, c, w.home, w.song), track.NotFound)
		}
		want(t, "Authorize elsewhere", w.Authorize(t.Context(), c, w.abroad), 0)
	}
	if _, err := w.Get(t.Context(), w.caller(saver), w.home, w.song); err != nil {
		t.Errorf("Get by somebody who stayed: %v", err)
	}
	want(t, "EndMembership again", w.EndMembership(t.Context(), w.user(creator), w.home), track.NotFound)
	want(t, "EndMembership of a stranger", w.EndMembership(t.Context(), w.user(outsider), w.home), track.NotFound)
	want(t, "EndMembership of nobody", w.EndMembership(t.Context(), "user_nobody", w.home), track.NotFound)
	want(t, "EndMembership nowhere", w.EndMembership(t.Context(), w.user(saver), "org_nowhere"), track.NotFound)

	// A new key does not bring it back, and whoever joins again has everything as it was.
	if _, err := w.CreateKey(t.Context(), w.user(creator), "third"); err != nil {
		t.Fatalf("CreateKey: %v", err)
	}
	want(t, "Authorize after a new key", w.Authorize(t.Context(), callers[0], w.home), track.NotFound)
	w.apply(t, w.userRecord(creator, w.home))
	if ids := w.library(t, creator, track.Filter{}); len(ids) != 1 || ids[0] != w.song {
		t.Errorf("the library of somebody who came back: %v", ids)
	}
	want(t, "Delete by somebody who came back", w.Delete(t.Context(), callers[1], w.home, w.song), 0)
}

// lines writes records as they are imported and exported.
func lines(records []record.Record) string {
	var b strings.Builder
	encoder := json.NewEncoder(&b)
	for _, r := range records {
		if err := encoder.Encode(r); err != nil {
			b.WriteString(err.Error())
		}
	}
	return b.String()
}
