// Package demodata makes up organizations, users, tracks and saves of any
// size, the same every time. Command mtrackd calls it for generate-demo; it
// imports the records of package record, and knows neither flags nor Redis.
package demodata

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/seed-5ec2a705/mtrack/impl/record"
	"github.com/seed-5ec2a705/mtrack/impl/track"
)

// begin is when the made-up service began; all that is made up happens in the
// year after it.
var begin = time.Date(2025, 6, 1, 0, 0, 0, 0, time.UTC)

const year = 365 * 24 * time.Hour

// Size is how much to make. There is at least one organization, and at least
// one user for each.
type Size struct{ Organizations, Users, Tracks, Saves int }

// MaxSaves is how many saves there is room for: every organization has at
// least so many people and tracks.
func (s Size) MaxSaves() int {
	return s.Organizations * (s.Users / s.Organizations) * (s.Tracks / s.Organizations)
}

// Generator makes up data. It keeps one organization at a time in memory.
type Generator struct {
	size   Size
	random *rand.Rand
}

// New returns a generator of data of a size, which has at most
// [Size.MaxSaves]. The data is the same for the same size and seed.
func New(size Size, seed uint64) *Generator {
	return &Generator{size, rand.New(rand.NewPCG(seed, 0x6d747261636b))}
}

// Write calls yield with every record, in the order in which an export would
// write them. It ends at the first error of yield and returns it.
func (g *Generator) Write(yield func(record.Record) error) error {
	organizations := make([]track.OrganizationID, g.size.Organizations)
	for i := range organizations {
		organizations[i] = track.OrganizationID("org_" + g.hex(12))
		name := pick(g.random, companyNames) + " " + pick(g.random, companyKinds)
		if err := yield(record.Record{Organization: &record.Organization{ID: organizations[i], Name: name}}); err != nil {
			return err
		}
	}
	people := make([][]track.UserID, g.size.Organizations)
	for i := range g.size.Users {
		home := i % g.size.Organizations
		user := &record.User{
			ID:   track.UserID("user_" + g.hex(12)),
			Name: pick(g.random, firstNames) + " " + pick(g.random, lastNames),
			Keys: []record.Key{{Secret: g.key(), Label: "demo", CreatedAt: begin}},
		}
		people[home] = append(people[home], user.ID)
		// One in a hundred has left but is still the creator of tracks; one in
		// ten works for a second organization. The first of each stay.
		if i < g.size.Organizations || g.random.IntN(100) != 0 {
			user.MemberOf = append(user.MemberOf, organizations[home])
			if other := g.random.IntN(g.size.Organizations); g.random.IntN(10) == 0 && other != home {
				user.MemberOf = append(user.MemberOf, organizations[other])
				people[other] = append(people[other], user.ID)
			}
		}
		if err := yield(record.Record{User: user}); err != nil {
			return err
		}
	}
	for i, o := range organizations {
		tracks := share(g.size.Tracks, g.size.Organizations, i)
		saves := share(g.size.Saves, g.size.Organizations, i)
		if err := g.writeOrganization(o, people[i], tracks, saves, yield); err != nil {
			return err
		}
	}
	return nil
}

// share is the i-th of n nearly equal parts of a number.
func share(number, n, i int) int { return number*(i+1)/n - number*i/n }

func (g *Generator) writeOrganization(o track.OrganizationID, people []track.UserID, count, saves int, yield func(record.Record) error) error {
	ids := make([]track.ID, count)
	times := make([]time.Time, count)
	for i := range count {
		// Evenly through the year, with some disorder within a day.
		at := begin.Add(time.Duration(float64(year) * float64(i) / float64(count)))
		times[i] = at.Add(g.duration(24 * time.Hour))
		r := g.track(o, people[g.skewed(len(people))], times[i])
		ids[i] = r.ID
		if err := yield(record.Record{Track: r}); err != nil {
			return err
		}
		for seq, e := range g.events(r) {
			e.Organization, e.Track, e.Seq, e.Actor, e.At = o, r.ID, seq+1, r.Creator, times[i]
			if err := yield(record.Record{Event: &e}); err != nil {
				return err
			}
		}
	}
	libraries := make([][]edge, len(people))
	for i, n := range g.popularity(count, saves, len(people)) {
		for _, p := range g.choose(n, len(people)) {
			libraries[p] = append(libraries[p], edge{i, times[i].Add(g.duration(30 * 24 * time.Hour))})
		}
	}
	for p, library := range libraries {
		slices.SortStableFunc(library, func(a, b edge) int { return a.at.Compare(b.at) })
		for _, e := range library {
			if err := yield(record.Record{Save: &record.Save{
				User: people[p], Organization: o, Track: ids[e.track], SavedAt: e.at,
			}}); err != nil {
				return err
			}
		}
	}
	return nil
}

// edge is a track in a library.
type edge struct {
	track int
	at    time.Time
}

// popularity returns how many libraries each track is in: a power law over a
// random order of the tracks (what is popular is not what is old), with the
// given sum, none above most.
func (g *Generator) popularity(tracks, saves, most int) []int {
	ranks := g.random.Perm(tracks)
	var whole float64
	for rank := range tracks {
		whole += weight(rank)
	}
	counts := make([]int, tracks)
	left := saves
	for rank, i := range ranks {
		counts[i] = min(most, left, int(float64(saves)*weight(rank)/whole))
		left -= counts[i]
	}
	for left > 0 { // what rounding and the bound left over
		for _, i := range ranks {
			if left > 0 && counts[i] < most {
				counts[i]++
				left--
			}
		}
	}
	return counts
}

func weight(rank int) float64 { return math.Pow(float64(rank+2), -0.9) }

// choose returns n different numbers below most; the low ones are chosen more
// often: some people save more than others.
func (g *Generator) choose(n, most int) []int {
	if n > most/2 {
		return g.random.Perm(most)[:n]
	}
	chosen := make([]int, 0, n)
	seen := make(map[int]bool, n)
	for len(chosen) < n {
		if i := g.skewed(most); !seen[i] {
			seen[i] = true
			chosen = append(chosen, i)
		}
	}
	return chosen
}

// skewed returns a number below n, the lower the likelier.
func (g *Generator) skewed(n int) int {
	return min(n-1, int(math.Pow(g.random.Float64(), 1.6)*float64(n)))
}

func (g *Generator) track(o track.OrganizationID, creator track.UserID, at time.Time) *record.Track {
	r := &record.Track{
		ID: track.ID(track.IDPrefix + g.hex(16)), Organization: o, Creator: creator, CreatedAt: at,
		Mode: track.ModeCreation, Licence: pick(g.random, licences),
	}
	seconds := math.Exp(5.2 + 0.35*g.random.NormFloat64()) // about three minutes
	engines := creationEngines
	if g.random.IntN(4) == 0 {
		r.Mode, r.Instrumental, engines = track.ModeFocus, true, focusEngines
		seconds *= 10
	} else {
		r.Instrumental = g.random.IntN(3) == 0
	}
	r.Engine = engines[g.skewed(len(engines))]
	if g.random.IntN(30) != 0 {
		r.Duration = new(math.Round(seconds*100) / 100)
	}
	if g.random.IntN(20) != 0 {
		r.Title = new(g.title())
	}
	if g.random.IntN(10) == 0 {
		r.Stems = stems[:2+g.random.IntN(len(stems)-1)]
	}
	return r
}

func (g *Generator) title() string {
	switch g.random.IntN(4) {
	case 0:
		return pick(g.random, adjectives) + " " + pick(g.random, nouns)
	case 1:
		return pick(g.random, nouns) + " " + pick(g.random, places)
	case 2:
		return pick(g.random, adjectives) + " " + pick(g.random, nouns) + " " + pick(g.random, places)
	default:
		return fmt.Sprintf("%s %s No. %d", pick(g.random, adjectives), pick(g.random, nouns), 1+g.random.IntN(40))
	}
}

// events are what happened to a track when it was made: it was, its length was
// billed, and its stems where it has any.
func (g *Generator) events(r *record.Track) []record.Event {
	minutes := 3
	if r.Duration != nil {
		minutes = 1 + int(*r.Duration)/60
	}
	events := []record.Event{{Type: track.EventCreated}, billed(2 * minutes)}
	if len(r.Stems) > 0 {
		events = append(events, billed(len(r.Stems)))
	}
	return events
}

func billed(cents int) record.Event {
	return record.Event{Type: track.EventBilled, Amount: fmt.Sprintf("%d.%02d", cents/100, cents%100), Currency: "CHF"}
}

// duration returns a whole number of milliseconds below most.
func (g *Generator) duration(most time.Duration) time.Duration {
	return time.Duration(g.random.Int64N(most.Milliseconds())) * time.Millisecond
}

func (g *Generator) hex(digits int) string {
	return fmt.Sprintf("%016x", g.random.Uint64())[:digits]
}

func (g *Generator) key() string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
	var b strings.Builder
	b.WriteString("ak_")
	for range 40 {
		b.WriteByte(alphabet[g.random.IntN(len(alphabet))])
	}
	return b.String()
}

func pick[T any](random *rand.Rand, from []T) T { return from[random.IntN(len(from))] }
