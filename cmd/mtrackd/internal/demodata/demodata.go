package main

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

// demoData makes up data, the same for the same size and seed. It keeps one
// organization at a time in memory.
type demoData struct {
	size   demoSize
	random *rand.Rand
}

func newDemoData(size demoSize, seed uint64) *demoData {
	return &demoData{size, rand.New(rand.NewPCG(seed, 0x6d747261636b))}
}

// write calls yield with every record, in the order in which an export would
// write them.
func (d *demoData) write(yield func(record.Record) error) error {
	organizations := make([]track.OrganizationID, d.size.organizations)
	for i := range organizations {
		organizations[i] = track.OrganizationID("org_" + d.hex(12))
		name := pick(d.random, companyNames) + " " + pick(d.random, companyKinds)
		if err := yield(record.Record{Organization: &record.Organization{ID: organizations[i], Name: name}}); err != nil {
			return err
		}
	}
	people := make([][]track.UserID, d.size.organizations)
	for i := range d.size.users {
		home := i % d.size.organizations
		user := &record.User{
			ID:   track.UserID("user_" + d.hex(12)),
			Name: pick(d.random, firstNames) + " " + pick(d.random, lastNames),
			Keys: []record.Key{{Secret: d.key(), Label: "demo", CreatedAt: demoBegin}},
		}
		people[home] = append(people[home], user.ID)
		// One in a hundred has left but is still the creator of tracks; one in
		// ten works for a second organization. The first of each stay.
		if i < d.size.organizations || d.random.IntN(100) != 0 {
			user.MemberOf = append(user.MemberOf, organizations[home])
			if other := d.random.IntN(d.size.organizations); d.random.IntN(10) == 0 && other != home {
				user.MemberOf = append(user.MemberOf, organizations[other])
				people[other] = append(people[other], user.ID)
			}
		}
		if err := yield(record.Record{User: user}); err != nil {
			return err
		}
	}
	for i, o := range organizations {
		tracks := share(d.size.tracks, d.size.organizations, i)
		saves := share(d.size.saves, d.size.organizations, i)
		if err := d.writeOrganization(o, people[i], tracks, saves, yield); err != nil {
			return err
		}
	}
	return nil
}

// share is the i-th of n nearly equal parts of a number.
func share(number, n, i int) int { return number*(i+1)/n - number*i/n }

func (d *demoData) writeOrganization(o track.OrganizationID, people []track.UserID, count, saves int, yield func(record.Record) error) error {
	ids := make([]track.ID, count)
	times := make([]time.Time, count)
	for i := range count {
		// Evenly through the year, with some disorder within a day.
		at := demoBegin.Add(time.Duration(float64(demoYear) * float64(i) / float64(count)))
		times[i] = at.Add(d.duration(24 * time.Hour))
		r := d.track(o, people[d.skewed(len(people))], times[i])
		ids[i] = r.ID
		if err := yield(record.Record{Track: r}); err != nil {
			return err
		}
		for seq, e := range d.events(r) {
			e.Organization, e.Track, e.Seq, e.Actor, e.At = o, r.ID, seq+1, r.Creator, times[i]
			if err := yield(record.Record{Event: &e}); err != nil {
				return err
			}
		}
	}
	libraries := make([][]edge, len(people))
	for i, n := range d.popularity(count, saves, len(people)) {
		for _, p := range d.choose(n, len(people)) {
			libraries[p] = append(libraries[p], edge{i, times[i].Add(d.duration(30 * 24 * time.Hour))})
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
// random order of the tracks (what is popular is not what is old), with the given sum, none above most.
func (d *demoData) popularity(tracks, saves, most int) []int {
	ranks := d.random.Perm(tracks)
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
func (d *demoData) choose(n, most int) []int {
	if n > most/2 {
		return d.random.Perm(most)[:n]
	}
	chosen := make([]int, 0, n)
	seen := make(map[int]bool, n)
	for len(chosen) < n {
		if i := d.skewed(most); !seen[i] {
			seen[i] = true
			chosen = append(chosen, i)
		}
	}
	return chosen
}

// skewed returns a number below n, the lower the likelier.
func (d *demoData) skewed(n int) int {
	return min(n-1, int(math.Pow(d.random.Float64(), 1.6)*float64(n)))
}

func (d *demoData) track(o track.OrganizationID, creator track.UserID, at time.Time) *record.Track {
	r := &record.Track{
		ID: track.ID(track.IDPrefix + d.hex(16)), Organization: o, Creator: creator, CreatedAt: at,
		Mode: track.ModeCreation, Licence: pick(d.random, demoLicences),
	}
	seconds := math.Exp(5.2 + 0.35*d.random.NormFloat64()) // about three minutes
	engines := creationEngines
	if d.random.IntN(4) == 0 {
		r.Mode, r.Instrumental, engines = track.ModeFocus, true, focusEngines
		seconds *= 10
	} else {
		r.Instrumental = d.random.IntN(3) == 0
	}
	r.Engine = engines[d.skewed(len(engines))]
	if d.random.IntN(30) != 0 {
		r.Duration = new(math.Round(seconds*100) / 100)
	}
	if d.random.IntN(20) != 0 {
		r.Title = new(d.title())
	}
	if d.random.IntN(10) == 0 {
		r.Stems = demoStems[:2+d.random.IntN(len(demoStems)-1)]
	}
	return r
}

func (d *demoData) title() string {
	switch d.random.IntN(4) {
	case 0:
		return pick(d.random, adjectives) + " " + pick(d.random, nouns)
	case 1:
		return pick(d.random, nouns) + " " + pick(d.random, places)
	case 2:
		return pick(d.random, adjectives) + " " + pick(d.random, nouns) + " " + pick(d.random, places)
	default:
		return fmt.Sprintf("%s %s No. %d", pick(d.random, adjectives), pick(d.random, nouns), 1+d.random.IntN(40))
	}
}

// events are what happened to a track when it was made: it was, its length was
// billed, and its stems where it has any.
func (d *demoData) events(r *record.Track) []record.Event {
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
func (d *demoData) duration(most time.Duration) time.Duration {
	return time.Duration(d.random.Int64N(most.Milliseconds())) * time.Millisecond
}

func (d *demoData) hex(digits int) string {
	return fmt.Sprintf("%016x", d.random.Uint64())[:digits]
}

func (d *demoData) key() string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
	var b strings.Builder
	b.WriteString("ak_")
	for range 40 {
		b.WriteByte(alphabet[d.random.IntN(len(alphabet))])
	}
	return b.String()
}

func pick[T any](random *rand.Rand, from []T) T { return from[random.IntN(len(from))] }
