package suite

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/seed-5ec2a705/mtrack/conformance/internal/excerpt"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/wire"
	"github.com/seed-5ec2a705/mtrack/conformance/provision"
)

// longestFinding is how long a finding may be, in bytes.
const longestFinding = 240

// Finding says what a failure is in words that are the same for all cases that found the same: who
// sent what, what was expected and what came back, without ids. "outsider's GET (getTrack) expected
// 404, got 200".
func (c *Client) Finding(f *Failure) string {
	var about *wire.Exchange
	if n := len(f.Exchanges); n > 0 {
		about = f.Exchanges[n-1]
	}
	var text string
	switch {
	case f.Mismatch != nil:
		text = fmt.Sprintf("%s expected %s, got %d", c.sent(f.Mismatch.Exchange), f.Mismatch.Want, f.Mismatch.Exchange.Status)
	case about != nil && about.Status == 0:
		text = c.sent(about) + " expected a response, got none"
	case f.Contract && about != nil:
		// What breaks the contract does so whoever asks.
		text = fmt.Sprintf("expected %s, got %d", f.Expected, about.Status)
	case about != nil:
		text = fmt.Sprintf("%s expected %s, got %s", c.sent(about), f.Expected, f.Actual)
	default:
		text = fmt.Sprintf("expected %s, got %s", f.Expected, f.Actual)
	}
	return excerpt.Of(strings.Join(strings.Fields(c.names().Replace(text)), " "), longestFinding)
}

// sent is a request by its caller's relation to what it asks for.
func (c *Client) sent(x *wire.Exchange) string {
	request := x.Request.Method
	if x.Operation != "" {
		request += " (" + x.Operation + ")"
	}
	key, ok := x.Request.Field("X-API-Key")
	if !ok {
		var credentials string
		credentials, ok = x.Request.Field("Authorization")
		_, key, _ = strings.Cut(credentials, " ")
	}
	if !ok {
		return request + " without a key"
	}
	for _, s := range c.learned() {
		for name, user := range s.Users {
			if user.APIKey == key {
				return relation(s, name, x.Request.Path) + "'s " + request
			}
		}
	}
	return request + " with a key that is none"
}

// relation is that of a user to the track in a path, or else to the organization in it.
func relation(s *provision.Scene, user, path string) string {
	var segments []string
	for _, segment := range strings.Split(path, "/") {
		if text, err := url.PathUnescape(segment); err == nil {
			segments = append(segments, text)
		}
	}
	in := func(organization string) bool {
		i := slices.IndexFunc(s.Request.Users, func(u provision.UserRequest) bool { return u.Name == user })
		return i >= 0 && slices.Contains(s.Request.Users[i].MemberOf, organization)
	}
	for _, t := range s.Request.Tracks {
		switch {
		case !slices.Contains(segments, s.Tracks[t.Name].ID):
		case !in(t.Organization):
			return "outsider"
		case t.Creator == user:
			return "creator"
		case slices.Contains(t.SavedBy, user):
			return "saver"
		default:
			return "member"
		}
	}
	for name, o := range s.Organizations {
		if slices.Contains(segments, o.ID) && in(name) {
			return "member"
		}
	}
	return "outsider"
}

// learned returns the scenes of the case.
func (c *Client) learned() []*provision.Scene {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.scenes)
}

// names replaces the ids of the case's scenes by their names.
func (c *Client) names() *strings.Replacer {
	var pairs []string
	add := func(id, name string) {
		if len(id) > 3 { // a shorter one may be part of anything
			pairs = append(pairs, id, name, url.PathEscape(id), name)
		}
	}
	for _, s := range c.learned() {
		for _, t := range s.Request.Tracks {
			add(s.Tracks[t.Name].ID, t.Name)
		}
		for _, u := range s.Request.Users {
			add(s.Users[u.Name].ID, u.Name)
		}
		for _, o := range s.Request.Organizations {
			add(s.Organizations[o.Name].ID, o.Name)
		}
	}
	return strings.NewReplacer(pairs...)
}
