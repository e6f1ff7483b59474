package demodata

import (
	"reflect"
	"slices"
	"testing"

	"github.com/seed-5ec2a705/mtrack/impl/record"
	"github.com/seed-5ec2a705/mtrack/impl/track"
)

// TestWrite looks at whether made-up data is what the help of generate-demo
// says.
func TestWrite(t *testing.T) {
	t.Parallel()
	size := Size{Organizations: 4, Users: 120, Tracks: 2000, Saves: 12000}
	var all []record.Record
	if err := New(size, 1).Write(func(r record.Record) error {
		if err := r.Validate(); err != nil {
			return err
		}
		all = append(all, r)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	var again []record.Record
	New(size, 1).Write(func(r record.Record) error { again = append(again, r); return nil }) // as above
	if !reflect.DeepEqual(all, again) {
		t.Error("the same seed gives other data")
	}
	savers := make(map[track.ID]int)
	var organizations, users, left, tracks, saves, events int
	for _, r := range all {
		switch {
		case r.Organization != nil:
			organizations++
		case r.User != nil:
			users++
			if len(r.User.MemberOf) == 0 {
				left++
			}
		case r.Track != nil:
			tracks++
		case r.Save != nil:
			saves++
			savers[r.Save.Track]++
		case r.Event != nil:
			events++
		}
	}
	if organizations != 4 || users != 120 || tracks != 2000 || saves != 12000 || events < 4000 || left > 10 {
		t.Errorf("%d organizations, %d users (%d of them left), %d tracks, %d saves, %d events", organizations, users, left, tracks, saves, events)
	}
	counts := make([]int, 0, len(savers))
	for _, n := range savers {
		counts = append(counts, n)
	}
	slices.Sort(counts)
	top := 0
	for _, n := range counts[len(counts)-200:] {
		top += n
	}
	if median := counts[len(counts)/2]; counts[len(counts)-1] < 5*median || top < saves/4 {
		t.Errorf("saves are too even: median %d, most %d, the first tenth has %d of %d", median, counts[len(counts)-1], top, saves)
	}
}
