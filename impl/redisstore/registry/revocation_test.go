package registry_test

import (
	"context"
	"fmt"
	"io"
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/seed-5ec2a705/mtrack/impl/internal/redistest"
	"github.com/seed-5ec2a705/mtrack/impl/record"
	"github.com/seed-5ec2a705/mtrack/impl/redisstore"
	"github.com/seed-5ec2a705/mtrack/impl/redisstore/registry"
	"github.com/seed-5ec2a705/mtrack/impl/track"
)

// cutter lets so many round trips to Redis through and cuts all later ones,
// before or after Redis carries them out.
type cutter struct {
	left  int
	after bool
}

func (c *cutter) DialHook(next redis.DialHook) redis.DialHook { return next }

func (c *cutter) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, command redis.Cmder) error {
		err := c.cut([]redis.Cmder{command}, func() error { return next(ctx, command) })
		command.SetErr(err)
		return err
	}
}

func (c *cutter) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, commands []redis.Cmder) error {
		return c.cut(commands, func() error { return next(ctx, commands) })
	}
}

func (c *cutter) cut(commands []redis.Cmder, send func() error) error {
	if c.left--; c.left >= 0 {
		return send()
	}
	if c.after {
		send() // its outcome is lost
	}
	for _, command := range commands {
		command.SetErr(io.ErrClosedPipe) // unlike a lost reply it is not sent again: each cut is one
	}
	return io.ErrClosedPipe
}

// revocationWorld is a user with a key who belongs to several organizations.
type revocationWorld struct {
	server        *redistest.Redis
	registry      *registry.Registry
	store         *redisstore.Store
	organizations []track.OrganizationID
	key           track.Key
}

const revocationUser = track.UserID("user_1")

func newRevocationWorld(t *testing.T, server *redistest.Redis) *revocationWorld {
	t.Helper()
	w := &revocationWorld{server: server, registry: server.Registry(t), store: server.Store(t, redisstore.WithoutSweeping())}
	var records []record.Record
	for n := range 4 {
		o := track.OrganizationID(fmt.Sprint("org_", n))
		w.organizations = append(w.organizations, o)
		records = append(records, record.Record{Organization: &record.Organization{ID: o}})
	}
	records = append(records, record.Record{User: &record.User{ID: revocationUser, MemberOf: w.organizations}})
	if err := w.registry.Apply(t.Context(), records); err != nil {
		t.Fatal(err)
	}
	w.renew(t)
	return w
}

// renew gives the user a new key.
func (w *revocationWorld) renew(t *testing.T) {
	t.Helper()
	key, err := w.registry.CreateKey(t.Context(), revocationUser, "")
	if err != nil {
		t.Fatal(err)
	}
	w.key = key
}

// works returns in how many organizations the key is accepted.
func (w *revocationWorld) works(t *testing.T) int {
	t.Helper()
	n := 0
	for _, o := range w.organizations {
		switch err := w.store.Authorize(t.Context(), track.Caller{Key: w.key}, o); track.CodeOf(err) {
		case track.Unauthenticated, track.NotFound:
		default:
			if err != nil {
				t.Fatal(err)
			}
			n++
		}
	}
	return n
}

// listed returns what the list of keys says of the key.
func (w *revocationWorld) listed(t *testing.T) record.KeyInfo {
	t.Helper()
	keys, err := w.registry.Keys(t.Context(), revocationUser)
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range keys {
		if k.Hash == w.key.Hash() {
			return k
		}
	}
	t.Fatal("the key is not listed")
	return record.KeyInfo{}
}

// exported reports whether an export says that the key is revoked.
func (w *revocationWorld) exported(t *testing.T) bool {
	t.Helper()
	for _, r := range export(t, w.registry) {
		if r.User != nil {
			for _, k := range r.User.Keys {
				if k.SHA256 == w.key.Hash().String() {
					return k.RevokedAt != nil
				}
			}
		}
	}
	t.Fatal("the key is not in the export")
	return false
}

// checkInterrupted looks at a revocation that failed at a step: nothing says
// that the key is revoked while it works somewhere, and repeating finishes it.
func (w *revocationWorld) checkInterrupted(t *testing.T, step string) {
	t.Helper()
	works, is := w.works(t), w.listed(t)
	if works > 0 && (is.RevokedAt != nil || w.exported(t)) {
		t.Errorf("%s: the key works in %d organizations and is said to be revoked: %+v", step, works, is)
	}
	if works > 0 && works < len(w.organizations) && !is.Revoking {
		t.Errorf("%s: the key works in %d of %d organizations, and the list does not tell", step, works, len(w.organizations))
	}
	// Whatever else happens to the user meanwhile does not bring it back.
	if _, err := w.registry.CreateKey(t.Context(), revocationUser, ""); err != nil {
		t.Fatal(err)
	}
	if now := w.works(t); now != works {
		t.Errorf("%s: the key worked in %d organizations, after another was made in %d", step, works, now)
	}
	if err := w.registry.RevokeKey(t.Context(), w.key.Hash()); err != nil {
		t.Fatalf("%s: RevokeKey again: %v", step, err)
	}
	works, is = w.works(t), w.listed(t)
	if works != 0 || is.RevokedAt == nil || is.Revoking || !w.exported(t) {
		t.Errorf("%s: repeated, the key works in %d organizations and is listed as %+v", step, works, is)
	}
}

// TestRevokeKey_Cut cuts a revocation at each of its steps, before and after
// Redis carries the step out.
func TestRevokeKey_Cut(t *testing.T) {
	t.Parallel()
	w := newRevocationWorld(t, redistest.Own(t))
	for _, after := range []bool{false, true} {
		for step := 0; ; step++ {
			w.renew(t)
			client := w.server.Client(t)
			client.AddHook(&cutter{step, after})
			err := registry.New(client, registry.WithPrefix(w.server.Prefix)).RevokeKey(t.Context(), w.key.Hash())
			if err == nil {
				if step < 4 {
					t.Errorf("a revocation has only %d steps", step)
				}
				break
			}
			w.checkInterrupted(t, fmt.Sprintf("cut at step %d, carried out %t", step, after))
		}
	}
}

// TestRevokeKey_Refused lets Redis refuse parts of a revocation: the kinds of
// its commands, and the ring of each organization.
func TestRevokeKey_Refused(t *testing.T) {
	t.Parallel()
	w := newRevocationWorld(t, redistest.Own(t))
	admin := w.server.Client(t)
	rules := map[string][]string{
		"eval":    {"~*", "+@all", "-eval"},
		"zrange":  {"~*", "+@all", "-zrange"},
		"hgetall": {"~*", "+@all", "-hgetall"},
		"hset":    {"~*", "+@all", "-hset"},
	}
	for n, denied := range w.organizations {
		rule := []string{"+@all", "~" + w.server.Prefix + "key:*", "~" + w.server.Prefix + "{" + string(revocationUser) + "}:*"}
		for _, o := range w.organizations {
			if o != denied {
				rule = append(rule, "~"+w.server.Prefix+"{"+string(o)+"}:*")
			}
		}
		rules[fmt.Sprint("ring ", n)] = rule
	}
	for what, rule := range rules {
		w.renew(t)
		words := []any{"ACL", "SETUSER", "limited", "reset", "on", ">secret"}
		for _, word := range rule {
			words = append(words, word)
		}
		if err := admin.Do(t.Context(), words...).Err(); err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		limited := redis.NewClient(&redis.Options{Addr: w.server.Address(), Username: "limited", Password: "secret", DisableIdentity: true})
		err := registry.New(limited, registry.WithPrefix(w.server.Prefix)).RevokeKey(t.Context(), w.key.Hash())
		limited.Close()
		if err == nil {
			t.Errorf("without %s it succeeds", what)
		}
		w.checkInterrupted(t, "without "+what)
	}
}

// TestRevokeKey_WhileLeaving revokes a key of a user whose leaving of an
// organization was interrupted at each of its steps: the key stays in no ring.
func TestRevokeKey_WhileLeaving(t *testing.T) {
	t.Parallel()
	w := newRevocationWorld(t, redistest.Own(t))
	for step := range 4 {
		w.renew(t)
		client := w.server.Client(t)
		client.AddHook(&cutter{step, false})
		o := w.organizations[step]
		if err := registry.New(client, registry.WithPrefix(w.server.Prefix)).EndMembership(t.Context(), revocationUser, o); err == nil {
			t.Fatalf("step %d: EndMembership has fewer steps", step)
		}
		if err := w.registry.RevokeKey(t.Context(), w.key.Hash()); err != nil {
			t.Fatal(err)
		}
		if works := w.works(t); works != 0 || w.listed(t).RevokedAt == nil {
			t.Errorf("step %d: the key works in %d organizations and is listed as %+v", step, works, w.listed(t))
		}
	}
}
