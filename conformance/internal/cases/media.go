package cases

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/seed-5ec2a705/mtrack/conformance/internal/expect"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/oracle"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/suite"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/wire"
	"github.com/seed-5ec2a705/mtrack/conformance/provision"
	"github.com/seed-5ec2a705/mtrack/conformance/requirement"
)

// mediaCases are about the signed URLs of a track.
func mediaCases() []suite.Case {
	return []suite.Case{
		{
			Area: getTrack, Slug: "media-of-no-other-track",
			Title:        "The signed URLs of a track are not those of another, and hold no key",
			Operation:    requirement.GetTrack,
			Requirements: []requirement.ID{requirement.GetMediaOfNoOther},
			Statuses:     []int{200},
			Scene:        sceneStandard,
			Sends:        "Gets of three tracks of one title by their creator and by a saver, by turns.",
			Expects: "No URL that another track had before, none that names another track and not its own, " +
				"and no API key in any.",
			Run: mediaOfNoOther,
		},
		{
			Area: getTrack, Slug: "media-is-minted",
			Title:        "Signed URLs are new with each get",
			Operation:    requirement.GetTrack,
			Requirements: []requirement.ID{requirement.GetMediaMinted},
			Statuses:     []int{200},
			Slow:         true,
			Scene:        sceneStandard,
			Sends:        "Gets of a track by its creator and a saver, and again after about two seconds.",
			Expects:      "Other URLs the second time.",
			Run:          mediaIsMinted,
		},
	}
}

// mediaOf are the URLs of a successful get by their names.
func mediaOf(ctx context.Context, c *suite.Client, a oracle.Action) (map[string]string, *wire.Exchange, error) {
	x, err := c.Do(ctx, oracle.RequestOf(c.Scene, a))
	if err != nil {
		return nil, x, err
	}
	if _, err := expect.Track(x, c.Scene.Track(a.Track)); err != nil {
		return nil, x, err
	}
	var shown struct {
		PlaybackURL string            `json:"playback_url"`
		StemURLs    map[string]string `json:"stem_urls"`
	}
	if err := expect.JSON(x, &shown); err != nil {
		return nil, x, err
	}
	media := map[string]string{"playback_url": shown.PlaybackURL}
	for name, address := range shown.StemURLs {
		media["stem_urls."+name] = address
	}
	return media, x, nil
}

func mediaOfNoOther(ctx context.Context, c *suite.Client) error {
	type sight struct {
		track string
		x     *wire.Exchange
	}
	seen := map[string]sight{}
	for _, a := range []oracle.Action{
		oracle.Gets("creator", "before"),
		oracle.Gets("creator", "song"),
		oracle.Gets("saver", "before"),
		oracle.Gets("saver", "song"),
		oracle.Gets("creator", "after"),
		oracle.Gets("creator", "before"),
		oracle.Gets("outsider", "foreign").In("abroad"),
		oracle.Gets("saver", "after"),
	} {
		media, x, err := mediaOf(ctx, c, a)
		if err != nil {
			return err
		}
		for _, name := range slices.Sorted(maps.Keys(media)) {
			address := media[name]
			if before, found := seen[address]; found && before.track != a.Track {
				return suite.Fail("another "+name+" for another track", address+" for both", before.x, x)
			}
			seen[address] = sight{a.Track, x.Excerpt()}
			if odd := namedIn(c.Scene, a, address); odd != "" {
				return suite.Fail(name+" of "+a.Track, fmt.Sprintf("%s, which holds %s", address, odd), x)
			}
		}
	}
	return nil
}

// longKey is how long a key has to be so that no URL has it by chance.
const longKey = 12

// namedIn says what a URL of a track names that it must not: another track, where it does not name
// its own, or the key of a user. It is "" if there is nothing of the kind.
func namedIn(s *provision.Scene, a oracle.Action, address string) string {
	for _, u := range s.Request.Users {
		if key := s.User(u.Name).Key; len(key) >= longKey && strings.Contains(address, key) {
			return "the key of " + u.Name
		}
	}
	parts := strings.FieldsFunc(address, func(r rune) bool { return strings.ContainsRune("/?&=#:;,.", r) })
	if slices.Contains(parts, s.Track(a.Track)) {
		return ""
	}
	for _, t := range s.Request.Tracks {
		if slices.Contains(parts, s.Track(t.Name)) {
			return "the id of " + t.Name
		}
	}
	return ""
}

// mintedAfter is more than a second, after which a time in a signature is another.
const mintedAfter = 2100 * time.Millisecond

func mediaIsMinted(ctx context.Context, c *suite.Client) error {
	callers := []string{"creator", "saver"}
	first := map[string]map[string]string{}
	exchanges := map[string]*wire.Exchange{}
	for _, as := range callers {
		media, x, err := mediaOf(ctx, c, oracle.Gets(as, "song"))
		if err != nil {
			return err
		}
		first[as], exchanges[as] = media, x
	}
	if err := oracle.Pause(ctx, mintedAfter); err != nil {
		return err
	}
	for _, as := range callers {
		media, x, err := mediaOf(ctx, c, oracle.Gets(as, "song"))
		if err != nil {
			return err
		}
		for _, name := range slices.Sorted(maps.Keys(media)) {
			if media[name] == first[as][name] {
				return suite.Fail("a "+name+" that is minted for this response", media[name]+" as before", exchanges[as], x)
			}
		}
	}
	return nil
}
