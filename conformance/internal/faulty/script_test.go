package faulty

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

func (p *prober) home(track, tail string) string { return p.path("home", track, tail) }

func (p *prober) key(user string) string { return p.scene.Users[user].APIKey }

// The acts of the script. What is sent in a later one is judged after the earlier ones that were
// played.

// lists asks for windows and filters.
func (p *prober) lists() {
	for _, query := range []string{
		"", "?limit=100", "?limit=1", "?limit=3", "?limit=50", "?limit=60", "?limit=99",
		"?offset=2&limit=3", "?offset=100", "?offset=300", "?offset=1&limit=2", "?limit=101",
		"?limit=1000",
		"?limit=0", "?limit=-1", "?limit=x", "?limit=2.5", "?limit=12abc", "?limit=0x10",
		"?limit=4294967298", "?limit=99999999999999999999", "?offset=-1",
		"?offset=x", "?offset=1.5", "?mode=focus", "?engine=draft", "?engine=Draft", "?engine=dra",
		"?engine=none", "?mode=focus&engine=draft&limit=5&offset=1",
		"?mode=creation&engine=draft", "?mode=focus&limit=3",
	} {
		p.send("list", "GET", p.home("", query), "hoarder")
		p.send("list", "GET", p.home("", query), "creator")
	}
	p.send("free: mode", "GET", p.home("", "?mode=none"), "creator")
	p.send("free: limit", "GET", p.home("", "?limit="), "creator")
	p.send("free: limits", "GET", p.home("", "?limit=1&limit=2"), "creator")
	p.send("list of nothing", "GET", p.home("", ""), "member")
	p.send("list of outsider", "GET", p.home("", ""), "outsider")
	p.send("free: window of outsider", "GET", p.home("", "?limit=0"), "outsider")
	p.send("list of leaver", "GET", p.home("", ""), "leaver")
	p.send("list of nowhere", "GET", p.path("nowhere", "", ""), "creator")
}

// refuse asks for what the caller may not, with each operation.
func (p *prober) refuse(label string) {
	for _, op := range []struct{ method, tail string }{{"GET", ""}, {"DELETE", ""}} {
		for _, by := range []struct{ organization, track, user string }{
			{"home", "song", "saver"}, {"home", "song", "other"}, {"home", "song", "member"},
			{"home", "song", "founder"}, {"home", "song", "outsider"},
			{"abroad", "song", "outsider"},
			{"home", "far", "traveller"}, {"home", "far", "saver"}, {"abroad", "near", "traveller"},
			{"home", "left", "leaver"}, {"home", "left", "goner"}, {"home", "left", "saver"},
			{"home", "sole", "saver"}, {"home", "near", "saver"}, {"home", "none", "creator"},
			{"home", "none", "outsider"}, {"nowhere", "song", "creator"},
			{"home", "private", "other"},
		} {
			p.send(label, op.method, p.path(by.organization, by.track, op.tail), by.user)
		}
	}
	for _, by := range []struct{ organization, track, user string }{
		{"home", "song", "member"}, {"home", "song", "outsider"}, {"home", "far", "traveller"},
		{"home", "left", "leaver"}, {"home", "left", "goner"}, {"home", "none", "creator"},
		{"home", "song", ""},
	} {
		p.send(label, "DELETE", p.path(by.organization, by.track, "/save"), by.user)
	}
}

// refusals is refuse, and organizations that are nearly the right one.
func (p *prober) refusals() {
	songID, homeID := p.scene.Tracks["song"].ID, p.scene.Organizations["home"].ID
	p.look("before")
	p.refuse("refused")
	for _, organization := range []string{homeID[:len(homeID)-1], homeID + "x", swapCase(homeID), " " + homeID, strings.Repeat("o", 300), "abroad"} {
		if organization != homeID {
			p.send("free: nearly home", "GET", "/v1/music/"+url.PathEscape(organization)+"/tracks/"+url.PathEscape(songID), "creator")
		}
	}
	p.look("after refusals")
}

// unsaves takes tracks out of libraries.
func (p *prober) unsaves() {
	for _, by := range []struct{ track, user string }{
		{"kept", "saver"}, {"kept", "saver"}, {"kept", "creator"}, {"kept", "creator"},
		{"theirs", "creator"}, {"other", "creator"}, {"private", "creator"},
	} {
		p.send("unsave", "DELETE", p.home(by.track, "/save"), by.user)
		p.send("after unsave", "GET", p.home(by.track, ""), by.user)
		p.send("after unsave", "DELETE", p.home(by.track, ""), map[string]string{"creator": "member", "saver": "saver"}[by.user])
	}
	p.look("after unsaves")
}

// tricks hides deletes, each on a hoarded track, so that one that should not be done shows.
func (p *prober) tricks() {
	homeID := p.scene.Organizations["home"].ID
	hoard := func(i int) string { return p.home(fmt.Sprintf("hoard-%d", i), "") }
	p.send("overridden", "POST", hoard(0), "hoarder", header("X-HTTP-Method-Override", "DELETE"))
	p.send("overridden", "POST", hoard(0), "hoarder", header("X-HTTP-Method", "DELETE"))
	p.send("overridden", "POST", hoard(0), "hoarder", header("X-Method-Override", "DELETE"))
	p.send("overridden", "POST", hoard(0)+"?_method=DELETE", "hoarder")
	p.send("overridden", "POST", hoard(0), "hoarder", body("application/x-www-form-urlencoded", "_method=DELETE"))
	p.send("body", "DELETE", p.home("none", ""), "hoarder", body("application/json", `{"track_id":"`+p.scene.Tracks["hoard-2"].ID+`"}`))
	p.send("body", "DELETE", p.path("nowhere", "hoard-2", ""), "hoarder", body("application/json", `{"organization_id":"`+homeID+`"}`))
	p.send("query", "DELETE", p.home("none", "?track_id="+url.QueryEscape(p.scene.Tracks["hoard-2"].ID)), "hoarder")
	p.send("query", "DELETE", p.home("none", "?id="+url.QueryEscape(p.scene.Tracks["hoard-2"].ID)), "hoarder")
	p.send("query", "DELETE", p.path("nowhere", "hoard-2", "?organization_id="+url.QueryEscape(homeID)), "hoarder")
	p.send("free: query", "DELETE", hoard(3)+"?a=%zz&b", "hoarder")
	p.send("query", "DELETE", hoard(4)+"?dry_run=1", "hoarder")
	p.send("body", "DELETE", hoard(5), "hoarder", body("application/json", `{`))
	p.send("body", "DELETE", hoard(6), "hoarder", body("text/plain", `hello`))
	p.send("body", "DELETE", hoard(7), "hoarder", body("application/json", strings.Repeat(" ", 100<<10)))
	p.send("body", "DELETE", hoard(8), "hoarder", body("application/json", `{}`), func(r *http.Request) { r.TransferEncoding, r.ContentLength = []string{"chunked"}, -1 })
	p.send("bearer", "DELETE", hoard(9), "", header("Authorization", "Bearer "+p.key("hoarder")))
	p.send("list", "GET", p.home("", "?limit=100"), "hoarder")
}

// deletes deletes, and looks at what became of it.
func (p *prober) deletes() {
	song := p.home("song", "")
	for _, track := range []string{"song", "unsaved"} {
		for _, by := range []string{"", "old"} {
			p.send("delete", "DELETE", p.home(track, ""), by)
			p.send("delete", "GET", p.home(track, ""), "creator")
		}
	}
	p.look("before")
	p.send("delete", "DELETE", song, "", header("X-API-Key", "ak_nobody"))
	p.send("delete", "DELETE", song, "creator")
	p.look("after the delete")
	p.refuse("after the delete")
	p.send("again", "DELETE", song, "saver")
	p.look("after refused repeats")
	for range 3 {
		p.send("again", "DELETE", song, "creator")
	}
	p.send("again", "DELETE", p.home("song", "/save"), "saver")
	p.send("leaks", "DELETE", song, "")
	p.look("after repeats")
	for _, track := range []string{"unsaved", "first", "sole", "near", "private", "focus"} {
		user := map[bool]string{true: "traveller", false: "creator"}[track == "near"]
		p.send("delete", "DELETE", p.home(track, ""), user)
		p.send("delete", "GET", p.home(track, ""), user)
		p.send("delete", "GET", p.home("", "?offset=0&mode=creation&engine=studio"), "saver")
	}
	for _, query := range []string{"", "?limit=2", "?offset=1", "?mode=focus", "?engine=draft", "?engine=studio&limit=2&offset=1"} {
		p.send("list", "GET", p.home("", query), "saver")
		p.send("list", "GET", p.home("", query), "creator")
	}
	p.send("delete", "GET", p.home("twin", ""), "creator")
	p.look("at the end")
}
