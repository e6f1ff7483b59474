package cases

import (
	"fmt"
	"time"

	"github.com/seed-5ec2a705/mtrack/conformance/provision"
)

// The scenes that cases ask for are few, since an implementer who seeds them by hand makes each of
// them.

// sceneStandard has one track to act on, song, with neighbours that look like it, and one of each
// kind of actor.
var sceneStandard = provision.Request{
	Organizations: []provision.OrganizationRequest{{Name: "home"}, {Name: "abroad"}},
	Users: []provision.UserRequest{
		{Name: "creator", MemberOf: []string{"home"}},
		{Name: "saver", MemberOf: []string{"home"}},
		{Name: "member", MemberOf: []string{"home"}},
		{Name: "outsider", MemberOf: []string{"abroad"}},
	},
	Tracks: []provision.TrackRequest{
		{Name: "before", Organization: "home", Creator: "creator", SavedBy: []string{"creator", "saver"},
			Title: shared, Engine: "studio", Mode: "creation"},
		{Name: "song", Organization: "home", Creator: "creator", SavedBy: []string{"creator", "saver"},
			Title: shared, Engine: "studio", Mode: "creation"},
		{Name: "after", Organization: "home", Creator: "creator", SavedBy: []string{"saver", "creator"},
			Title: shared, Engine: "studio", Mode: "creation"},
		{Name: "foreign", Organization: "abroad", Creator: "outsider", SavedBy: []string{"outsider"},
			Title: shared, Engine: "studio", Mode: "creation"},
	},
}

// shared is a title that several tracks have, with characters that mean something in SQL, HTML,
// format strings or URLs.
const shared = `Rock 'n' Roll & "Late" <Night> 100% \d + more?`

// oddTitle is long, and has characters of one to four bytes.
const oddTitle = "Spät – „früh“ 夜想曲  \\1 🎧 and then, since some columns are narrow, a good deal more of it: " +
	"née, naïve, Σίσυφος, Ничего, لا شيء, 🥁🎹 (take 27, the long one)"

// sceneRevoked is sceneStandard with a key of the creator that was revoked.
var sceneRevoked = provision.Request{
	Organizations: sceneStandard.Organizations,
	Users:         sceneStandard.Users,
	Tracks:        sceneStandard.Tracks,
	RevokedKeys:   []provision.RevokedKeyRequest{{Name: "old", User: "creator"}},
}

// sceneSecondKeys is sceneStandard with a second key of the creator and of the saver.
var sceneSecondKeys = provision.Request{
	Organizations: sceneStandard.Organizations,
	Users:         sceneStandard.Users,
	Tracks:        sceneStandard.Tracks,
	ExtraKeys: []provision.ExtraKeyRequest{
		{Name: "creator-second", User: "creator"},
		{Name: "saver-second", User: "saver"},
	},
}

// sceneKeysOfLeaver has two users with two keys each, who belong to two organizations.
var sceneKeysOfLeaver = provision.Request{
	Organizations: sceneDeparture.Organizations,
	Users:         sceneDeparture.Users,
	Tracks:        sceneDeparture.Tracks,
	ExtraKeys:     sceneSecondKeys.ExtraKeys,
}

// sceneDeparture has a creator who belongs to two organizations and is about to leave one of them.
var sceneDeparture = provision.Request{
	Organizations: []provision.OrganizationRequest{{Name: "home"}, {Name: "abroad"}},
	Users: []provision.UserRequest{
		{Name: "creator", MemberOf: []string{"home", "abroad"}},
		{Name: "saver", MemberOf: []string{"home", "abroad"}},
	},
	Tracks: []provision.TrackRequest{
		{Name: "before", Organization: "home", Creator: "creator", SavedBy: []string{"creator", "saver"}},
		{Name: "song", Organization: "home", Creator: "creator", SavedBy: []string{"creator", "saver"}},
		{Name: "after", Organization: "home", Creator: "creator", SavedBy: []string{"saver", "creator"}},
		{Name: "away", Organization: "abroad", Creator: "creator", SavedBy: []string{"saver", "creator"}},
	},
}

// sceneOld has tracks of some decades, the newest of which was saved first. Where calendars have
// edges, there they are: days that belong to the week of another year, the end of a February, and
// seconds since 1970 that have fewer digits than today.
var sceneOld = provision.Request{
	Organizations: []provision.OrganizationRequest{{Name: "home"}},
	Users: []provision.UserRequest{
		{Name: "creator", MemberOf: []string{"home"}},
		{Name: "saver", MemberOf: []string{"home"}},
	},
	Tracks: []provision.TrackRequest{
		byCreator("new", "creator", "saver"),
		created(byCreator("of-2024", "creator", "saver"), time.Date(2024, time.December, 30, 23, 59, 59, 0, time.UTC)),
		created(byCreator("of-2016", "saver", "creator"), time.Date(2016, time.January, 2, 0, 0, 0, 0, time.UTC)),
		created(byCreator("of-2001", "creator", "saver"), time.Date(2001, time.February, 28, 23, 59, 59, 0, time.UTC)),
		created(byCreator("of-1971", "creator"), time.Date(1971, time.February, 28, 23, 59, 59, 0, time.UTC)),
	},
}

func created(t provision.TrackRequest, at time.Time) provision.TrackRequest {
	t.CreatedAt = at
	return t
}

// sceneSaves has tracks that two users saved in two orders, neither of which is that of the tracks.
var sceneSaves = provision.Request{
	Organizations: []provision.OrganizationRequest{{Name: "home"}},
	Users: []provision.UserRequest{
		{Name: "creator", MemberOf: []string{"home"}},
		{Name: "saver", MemberOf: []string{"home"}},
	},
	Tracks: []provision.TrackRequest{
		{Name: "one", Organization: "home", Creator: "creator", SavedBy: []string{}, Engine: "studio", Mode: "creation"},
		{Name: "two", Organization: "home", Creator: "creator", SavedBy: []string{}, Engine: "studio", Mode: "focus"},
		{Name: "three", Organization: "home", Creator: "saver", SavedBy: []string{"saver"}, Engine: "draft", Mode: "creation"},
		{Name: "four", Organization: "home", Creator: "creator", SavedBy: []string{}, Engine: "studio", Mode: "creation"},
		{Name: "five", Organization: "home", Creator: "saver", SavedBy: []string{}, Engine: "studio", Mode: "creation"},
	},
	Saves: []provision.SaveRequest{
		{User: "creator", Track: "four"},
		{User: "saver", Track: "five"},
		{User: "creator", Track: "one"},
		{User: "saver", Track: "one"},
		{User: "creator", Track: "five"},
		{User: "creator", Track: "two"},
		{User: "saver", Track: "four"},
		{User: "creator", Track: "three"},
		{User: "saver", Track: "two"},
	},
}

// sceneLibraries has a track in many libraries, between others, with every kind of neighbour: of
// the same creator, title, engine and saver, unsaved, untitled, by somebody else, by somebody who
// left, and in another organization.
var sceneLibraries = provision.Request{
	Organizations: []provision.OrganizationRequest{{Name: "home"}, {Name: "abroad"}},
	Users: []provision.UserRequest{
		{Name: "creator", MemberOf: []string{"home", "abroad"}},
		{Name: "first", MemberOf: []string{"home"}},
		{Name: "second", MemberOf: []string{"home", "abroad"}},
		{Name: "left", MemberOf: []string{}},
	},
	Tracks: []provision.TrackRequest{
		{Name: "oldest", Organization: "home", Creator: "first", SavedBy: []string{"first", "second", "creator"},
			Title: oddTitle, Engine: "draft", Mode: "focus"},
		{Name: "unsaved", Organization: "home", Creator: "creator", SavedBy: []string{},
			Engine: "studio", Mode: "creation"},
		{Name: "twin", Organization: "home", Creator: "creator", SavedBy: []string{"second", "creator", "first", "left"},
			Title: shared, Engine: "studio", Mode: "creation"},
		{Name: "song", Organization: "home", Creator: "creator", SavedBy: []string{"first", "creator", "second", "left"},
			Title: shared, Engine: "studio", Mode: "creation"},
		{Name: "next", Organization: "home", Creator: "second", SavedBy: []string{"creator", "first", "second"},
			Title: shared, Engine: "studio", Mode: "creation"},
		{Name: "away", Organization: "abroad", Creator: "creator", SavedBy: []string{"second", "creator"},
			Title: shared, Engine: "studio", Mode: "creation"},
		{Name: "orphan", Organization: "home", Creator: "left", SavedBy: []string{"left", "second", "first", "creator"},
			Engine: "studio", Mode: "focus"},
	},
}

// sceneCatalogue has eight tracks of one creator that can each be deleted, saved by somebody else
// too.
var sceneCatalogue = provision.Request{
	Organizations: []provision.OrganizationRequest{{Name: "home"}},
	Users: []provision.UserRequest{
		{Name: "creator", MemberOf: []string{"home"}},
		{Name: "saver", MemberOf: []string{"home"}},
	},
	Tracks: catalogueTracks(catalogueNames),
}

// sceneRaces is sceneCatalogue with enough tracks to repeat a race: where little time passes
// between a check and its effect, it is lost only now and then.
var sceneRaces = provision.Request{
	Organizations: sceneCatalogue.Organizations,
	Users:         sceneCatalogue.Users,
	Tracks:        catalogueTracks(raceNames),
}

var raceNames = numbered("race", 32)

// numbered are n names, counted from 1.
func numbered(name string, n int) []string {
	var names []string
	for i := range n {
		names = append(names, fmt.Sprintf("%s-%d", name, i+1))
	}
	return names
}

// sceneMany has many tracks that are only there to be deleted.
var sceneMany = provision.Request{
	Organizations: []provision.OrganizationRequest{{Name: "home"}},
	Users:         []provision.UserRequest{{Name: "creator", MemberOf: []string{"home"}}},
	Tracks:        manyTracks(),
}

// byCreator is a track of home that creator made.
func byCreator(name string, savedBy ...string) provision.TrackRequest {
	saved := append([]string{}, savedBy...) // empty, not nil, if nobody saved it
	return provision.TrackRequest{Name: name, Organization: "home", Creator: "creator", SavedBy: saved}
}

func manyTracks() []provision.TrackRequest {
	var tracks []provision.TrackRequest
	for _, name := range numbered("track", 96) {
		tracks = append(tracks, byCreator(name))
	}
	return tracks
}

// sceneUnsaved has a creator who never saved anything.
var sceneUnsaved = provision.Request{
	Organizations: []provision.OrganizationRequest{{Name: "home"}},
	Users: []provision.UserRequest{
		{Name: "creator", MemberOf: []string{"home"}},
		{Name: "saver", MemberOf: []string{"home"}},
	},
	Tracks: []provision.TrackRequest{
		{Name: "unsaved", Organization: "home", Creator: "creator", SavedBy: []string{}},
		{Name: "saved", Organization: "home", Creator: "creator", SavedBy: []string{"saver"}},
	},
}

func catalogueTracks(names []string) []provision.TrackRequest {
	var tracks []provision.TrackRequest
	for _, name := range names {
		tracks = append(tracks, byCreator(name, "creator", "saver"))
	}
	return tracks
}

var catalogueNames = []string{"one", "two", "three", "four", "five", "six", "seven", "eight"}

// sceneCrowd has tracks in more libraries than fit into a page of them.
var sceneCrowd = provision.Request{
	Organizations: []provision.OrganizationRequest{{Name: "home"}},
	Users:         crowd(),
	Tracks: []provision.TrackRequest{
		{Name: "song", Organization: "home", Creator: "creator", SavedBy: crowdNames()},
		{Name: "next", Organization: "home", Creator: "creator", SavedBy: crowdNames()},
	},
}

// crowdSize is how many users sceneCrowd has besides the creator: some more than a page of 100.
const crowdSize = 102

func crowd() []provision.UserRequest {
	users := []provision.UserRequest{{Name: "creator", MemberOf: []string{"home"}}}
	for _, name := range crowdNames() {
		users = append(users, provision.UserRequest{Name: name, MemberOf: []string{"home"}})
	}
	return users
}

func crowdNames() []string { return numbered("listener", crowdSize) }

// sceneLibrary has a library worth filtering: two engines of which one name begins with the other,
// two modes, a track that its creator did not save, one that only another user saved, and another
// organization.
var sceneLibrary = provision.Request{
	Organizations: []provision.OrganizationRequest{{Name: "home"}, {Name: "abroad"}},
	Users: []provision.UserRequest{
		{Name: "listener", MemberOf: []string{"home", "abroad"}},
		{Name: "other", MemberOf: []string{"home"}},
	},
	Tracks: []provision.TrackRequest{
		{Name: "a", Organization: "home", Creator: "other", SavedBy: []string{"listener"},
			Title: "Harbour", Engine: "studio", Mode: "creation"},
		{Name: "b", Organization: "home", Creator: "listener", SavedBy: []string{"other", "listener"},
			Title: "Breakwater", Engine: "studio-live", Mode: "focus"},
		{Name: "c", Organization: "home", Creator: "listener", SavedBy: []string{},
			Title: "Unsaved", Engine: "studio", Mode: "creation"},
		{Name: "d", Organization: "abroad", Creator: "listener", SavedBy: []string{"listener"},
			Title: "Abroad", Engine: "studio", Mode: "creation"},
		{Name: "e", Organization: "home", Creator: "listener", SavedBy: []string{"listener", "other"},
			Engine: "studio", Mode: "focus"},
		{Name: "f", Organization: "home", Creator: "other", SavedBy: []string{"other"},
			Engine: "studio", Mode: "creation"},
		{Name: "g", Organization: "home", Creator: "other", SavedBy: []string{"other", "listener"},
			Engine: "studio", Mode: "creation"},
		{Name: "h", Organization: "home", Creator: "listener", SavedBy: []string{"listener"},
			Title: "Tide Table", Engine: "studio-live", Mode: "creation"},
	},
}

// sceneLong has a library of more than the largest page, of tracks that somebody else created and
// did not save, of two modes and two engines.
var sceneLong = provision.Request{
	Organizations: []provision.OrganizationRequest{{Name: "home"}},
	Users: []provision.UserRequest{
		{Name: "listener", MemberOf: []string{"home"}},
		{Name: "creator", MemberOf: []string{"home"}},
	},
	Tracks: longTracks(),
}

// longLibrary is three tracks over the largest page of 100.
const longLibrary = 103

func longTracks() []provision.TrackRequest {
	var tracks []provision.TrackRequest
	for i := range longLibrary {
		t := byCreator(string(rune('a'+i/26))+string(rune('a'+i%26)), "listener")
		t.Engine, t.Mode = "studio", "creation"
		if i%3 == 1 {
			t.Mode = "focus"
		}
		if i%5 == 2 {
			t.Engine = "studio1"
		}
		tracks = append(tracks, t)
	}
	return tracks
}

// sceneTurns has tracks for which several callers ask at the same time or one after another: the
// creator, a saver, a member without access, and an outsider.
var sceneTurns = provision.Request{
	Organizations: sceneStandard.Organizations,
	Users:         sceneStandard.Users,
	Tracks: append(catalogueTracks(turnNames), provision.TrackRequest{
		Name: "foreign", Organization: "abroad", Creator: "outsider", SavedBy: []string{"outsider"},
	}),
}

var turnNames = numbered("turn", 8)

// sceneShared has many tracks that are only there to be deleted by their creator or unsaved by
// their saver.
var sceneShared = provision.Request{
	Organizations: []provision.OrganizationRequest{{Name: "home"}},
	Users: []provision.UserRequest{
		{Name: "creator", MemberOf: []string{"home"}},
		{Name: "saver", MemberOf: []string{"home"}},
	},
	Tracks: savedTracks(numbered("track", 64), "saver"),
}

// sceneVast has more tracks than two of the largest pages, all in one library.
var sceneVast = provision.Request{
	Organizations: []provision.OrganizationRequest{{Name: "home"}},
	Users: []provision.UserRequest{
		{Name: "creator", MemberOf: []string{"home"}},
		{Name: "listener", MemberOf: []string{"home"}},
	},
	Tracks: savedTracks(vastNames, "listener"),
}

const vastSize = 250

var vastNames = numbered("track", vastSize)

func savedTracks(names []string, savedBy string) []provision.TrackRequest {
	var tracks []provision.TrackRequest
	for _, name := range names {
		tracks = append(tracks, byCreator(name, savedBy))
	}
	return tracks
}

// someOfCrowd are the first, the last and some more of the savers in sceneCrowd.
var someOfCrowd = []string{
	"listener-1", "listener-8", "listener-9", "listener-10", "listener-11", "listener-20", "listener-21", "listener-32",
	"listener-50", "listener-51", "listener-64", "listener-65", "listener-100", "listener-101", "listener-102",
}

// sceneSeveral has callers who belong to one, three and four of its four organizations, and tracks
// of two of them in each.
var sceneSeveral = provision.Request{
	Organizations: []provision.OrganizationRequest{
		{Name: "north"}, {Name: "east"}, {Name: "south"}, {Name: "west"},
	},
	Users: []provision.UserRequest{
		{Name: "one", MemberOf: []string{"south"}},
		{Name: "three", MemberOf: []string{"west", "north", "south"}},
		{Name: "four", MemberOf: severalNames},
	},
	Tracks: severalTracks(),
}

var severalNames = []string{"north", "east", "south", "west"}

// severalTracks has a track by each of two callers in every organization. Who does not belong there
// has left it.
func severalTracks() []provision.TrackRequest {
	var tracks []provision.TrackRequest
	for _, organization := range severalNames {
		tracks = append(tracks,
			provision.TrackRequest{
				Name: "by-four-" + organization, Organization: organization, Creator: "four",
				SavedBy: []string{"three", "four", "one"},
			},
			provision.TrackRequest{
				Name: "by-three-" + organization, Organization: organization, Creator: "three",
				SavedBy: []string{"one", "four", "three"},
			})
	}
	return tracks
}
