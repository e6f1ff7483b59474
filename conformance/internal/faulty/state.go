package faulty

import (
	"slices"
	"sync"
	"time"
)

// state is everything that the server knows. Whoever looks at it or at what hangs off it holds mu.
type state struct {
	mu            sync.Mutex
	organizations map[string]*organization
	keys          map[string]*user // the keys that work
	revoked       map[string]*user // the keys that once did
	tracks        map[string]*track
}

type organization struct {
	id      string
	members []*user  // in the order of the scene
	tracks  []*track // in the order of creation
}

type user struct {
	id       string
	key      string
	memberOf map[string]bool // organization ids
	joined   []string        // the ids of its organizations, in the order of the scene
	first    *organization   // the first that it belongs to, or nil
	library  []*track        // oldest save first; deleted tracks stay in it, and readers skip them
}

type track struct {
	id           string
	organization *organization
	creator      *user
	savers       []*user // everybody who ever saved it, in that order
	title        *string
	engine       string
	mode         string
	createdAt    time.Time
	deletedAt    time.Time // zero while it lives
	deletedBy    *user
	events       []event // oldest first

	locked     bool  // set by faults only: may no longer be deleted
	repeats    int   // set by faults only: how often a delete was refused since
	hiddenFrom *user // set by faults only: sees the track no more
}

// event is one line of a track's history. Amount and Currency belong to billing events.
type event struct {
	Type     string
	At       time.Time
	Actor    string
	Amount   string
	Currency string
}

func newState() *state {
	return &state{
		organizations: map[string]*organization{},
		keys:          map[string]*user{},
		revoked:       map[string]*user{},
		tracks:        map[string]*track{},
	}
}

func (u *user) saved(t *track) bool { return slices.Contains(u.library, t) }

func (u *user) save(t *track) { u.library = append(u.library, t) }

func (u *user) drop(t *track) {
	u.library = slices.DeleteFunc(slices.Clone(u.library), func(other *track) bool { return other == t })
}
