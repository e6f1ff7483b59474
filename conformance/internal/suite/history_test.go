package suite

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seed-5ec2a705/mtrack/conformance/internal/wire"
	"github.com/seed-5ec2a705/mtrack/conformance/provision"
)

// archive is a provisioner with histories, which notes what it is asked for.
type archive struct {
	provision.Provisioner
	histories map[string][]provision.Event // by track
	asked     []string
	ended     error
}

func (a *archive) String() string { return "the archive" }

func (a *archive) History(_ context.Context, organization, track string) ([]provision.Event, error) {
	a.asked = append(a.asked, "history "+organization+" "+track)
	events, ok := a.histories[track]
	if !ok {
		return nil, provision.ErrNoHistory
	}
	return events, nil
}

func (a *archive) Histories(_ context.Context, tracks []provision.TrackReference) ([][]provision.Event, error) {
	a.asked = append(a.asked, fmt.Sprintf("histories %v", tracks))
	var found [][]provision.Event
	for _, t := range tracks {
		found = append(found, a.histories[t.Track])
	}
	return found, nil
}

func (a *archive) RevokeKey(_ context.Context, key string) error {
	a.asked = append(a.asked, "revoke "+key)
	return a.ended
}

func (a *archive) EndMembership(_ context.Context, organization, user string) error {
	a.asked = append(a.asked, "end "+organization+" "+user)
	return a.ended
}

func archived(a *archive, features ...provision.Feature) *Client {
	return NewClient(&Session{Endpoint: &wire.Endpoint{}, Provisioner: a, Features: features,
		EventTypes: []string{provision.EventCreated, provision.EventBilled, provision.EventDeleted}}, "area/case")
}

var twoTracks = []provision.TrackReference{{Organization: "o", Track: "a"}, {Organization: "o", Track: "b"}}

func TestHistories(t *testing.T) {
	events := []provision.Event{{Type: provision.EventCreated}, {Type: "track.played"}, {Type: provision.EventBilled}}
	for _, row := range []struct {
		features []provision.Feature
		asked    []string
	}{
		{[]provision.Feature{provision.FeatureHistory}, []string{"history o a", "history o b"}},
		{[]provision.Feature{provision.FeatureHistory, provision.FeatureHistories}, []string{"histories [{o a} {o b}]"}},
	} {
		a := &archive{histories: map[string][]provision.Event{"a": events, "b": {}}}
		c := archived(a, row.features...)
		found, err := c.Histories(t.Context(), twoTracks...)
		if err != nil || len(found) != 2 || len(found[0]) != 2 || len(found[1]) != 0 || !slices.Equal(a.asked, row.asked) {
			t.Errorf("%v: %v %v, asked %q", row.features, found, err, a.asked)
		}

		// What was there and is gone is the target's fault, what never was there the provisioner's.
		a.histories = nil
		var failure *Failure
		if _, err := c.History(t.Context(), "o", "a"); !errors.As(err, &failure) {
			t.Errorf("a history that is gone: %v", err)
		}
		var wrong *provision.Error
		_, err = c.History(t.Context(), "o", "c")
		if !errors.As(err, &wrong) || !strings.Contains(err.Error(), "it has just made") || wrong.Request == "" || wrong.Response == "" {
			t.Errorf("a history that never was there: %v", err)
		}
	}
}

func TestEndingsNeedTheirFeatures(t *testing.T) {
	a := &archive{}
	c := archived(a)
	if err := errors.Join(c.RevokeKey(t.Context(), "k")); err == nil || !strings.Contains(err.Error(), `needs "revoke_key"`) {
		t.Errorf("%v", err)
	}
	if err := c.EndMembership(t.Context(), "o", "u"); err == nil || !strings.Contains(err.Error(), `needs "end_membership"`) {
		t.Errorf("%v", err)
	}
	_, err := c.Provision(t.Context(), provision.Request{
		Users:     []provision.UserRequest{{Name: "u"}},
		ExtraKeys: []provision.ExtraKeyRequest{{Name: "k", User: "u"}},
	})
	if err == nil || !strings.Contains(err.Error(), `"extra_keys"`) {
		t.Errorf("%v", err)
	}
	if a.asked != nil {
		t.Errorf("asked %q of a provisioner that does not offer it", a.asked)
	}

	c = archived(a, provision.FeatureRevokeKey, provision.FeatureEndMembership)
	if err := errors.Join(c.RevokeKey(t.Context(), "k"), c.EndMembership(t.Context(), "o", "u")); err != nil {
		t.Error(err)
	}
	if want := []string{"revoke k", "end o u"}; !slices.Equal(a.asked, want) {
		t.Errorf("asked %q", a.asked)
	}
	a.ended = errors.New("no such thing")
	var wrong *provision.Error
	if err := c.RevokeKey(t.Context(), "k"); !errors.As(err, &wrong) {
		t.Errorf("%v", err)
	}
}

// Histories of new tracks are known once many were alike, and read again once one is not.
func TestFreshHistories(t *testing.T) {
	events := func(creator, amount string) []provision.Event {
		return []provision.Event{
			{Type: provision.EventCreated, Actor: creator, At: time.Now()},
			{Type: provision.EventBilled, Actor: creator, Amount: amount, Currency: "CHF"},
		}
	}
	var f FreshHistories
	learn := func() {
		for i := range freshTracks {
			if creator := fmt.Sprintf("user_%d", i); !f.Learn(events(creator, "0.10"), creator) {
				t.Fatal("the same is not alike")
			}
		}
	}
	if f.Known("delete/a") != nil || f.Known("delete/b") != nil || f.Known("delete/c") != nil {
		t.Error("known without having been read")
	}
	learn()
	if got := f.Known("delete/d"); len(got) != 2 || got[0].Actor != "" || got[1].Amount != "0.10" {
		t.Errorf("known: %+v", got)
	}
	if f.Known("get/a") != nil || f.Known("get/b") != nil || f.Known("get/c") == nil {
		t.Error("the first scenes of an area are not read")
	}
	if f.Learn(events("u", "0.20"), "u") || f.Known("delete/e") != nil {
		t.Error("known although one was another")
	}
	if f.Learn(events("u", "0.20"), "u") {
		t.Error("alike again")
	}
}
