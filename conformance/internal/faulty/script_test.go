package faulty

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
)

func (p *prober) home(track, tail string) string { return p.path("home", track, tail) }

func (p *prober) key(user string) string { return p.scene.Users[user].APIKey }

// The acts of the script. What is sent in a later one is judged after the earlier ones that were played.

// keys shows keys of all kinds on a live track, a missing one and a list.
func (p *prober) keys() {
	song := p.home("song", "")
	for _, at := range []struct{ method, target string }{
		{"GET", song}, {"GET", p.home("none", "")}, {"GET", p.home("", "")}, {"DELETE", p.home("none", "/save")}, {"DELETE", p.home("none", "")},
		{"GET", p.path("nowhere", "", "")}, {"GET", p.home("", "?limit=0")}, {"GET", p.path("nowhere", "song", "")},
	} {
		p.send("no key", at.method, at.target, "")
		p.send("empty key", at.method, at.target, "", header("X-API-Key", ""))
		p.send("revoked key", at.method, at.target, "old")
		p.send("revoked bearer", at.method, at.target, "", header("Authorization", "Bearer "+p.scene.RevokedKeys["old"].APIKey))
		for _, wrong := range []string{
			"ak_nobody", "nonsense", "*", p.scene.Users["creator"].ID, p.key("creator")[:len(p.key("creator"))-1], p.key("creator") + "x", "x" + p.key("creator"),
			p.key("creator")[:20], p.key("creator")[:len(p.key("creator"))-1] + "~", `"` + p.key("creator") + `"`, "ak_x," + p.key("creator"),
			strings.TrimPrefix(p.key("creator"), "ak_"), strings.ReplaceAll(p.key("creator"), "_", "%5F"), strings.Repeat("k", 600), "schlüssel",
		} {
			if wrong != p.key("creator") {
				p.send("wrong key", at.method, at.target, "", header("X-API-Key", wrong))
			}
		}
		if swapCase(p.key("creator")) != p.key("creator") {
			p.send("swapped key", at.method, at.target, "", header("X-API-Key", swapCase(p.key("creator"))))
		}
		for _, form := range []string{"Bearer ", "bearer ", "BEARER ", "Token ", "", "Basic "} {
			p.send("scheme "+form, at.method, at.target, "", header("Authorization", form+p.key("creator")))
		}
		p.send("empty bearer", at.method, at.target, "", header("Authorization", "Bearer"))
		p.send("unknown bearer", at.method, at.target, "", header("Authorization", "Bearer ak_nobody"))
		p.send("basic", at.method, at.target, "", func(r *http.Request) { r.SetBasicAuth(p.key("creator"), "") })
		p.send("cookie", at.method, at.target, "", header("Cookie", "api_key="+p.key("creator")))
		p.send("both, bearer wrong", at.method, at.target, "creator", header("Authorization", "Bearer ak_nobody"))
		p.send("both, key wrong", at.method, at.target, "", header("X-API-Key", "ak_nobody"), header("Authorization", "Bearer "+p.key("creator")))
		p.send("both, key empty", at.method, at.target, "", header("X-API-Key", ""), header("Authorization", "Bearer "+p.key("creator")))
	}
	for _, name := range []string{"api_key", "access_token"} {
		p.send("key in query", "GET", song+"?"+name+"="+url.QueryEscape(p.key("creator")), "")
	}
}

// lists asks for windows and filters.
func (p *prober) lists() {
	for _, query := range []string{
		"", "?limit=100", "?limit=1", "?limit=3", "?limit=50", "?limit=60", "?limit=99", "?offset=2&limit=3", "?offset=100", "?offset=300", "?offset=1&limit=2", "?limit=101", "?limit=1000",
		"?limit=0", "?limit=-1", "?limit=x", "?limit=2.5", "?limit=12abc", "?limit=0x10", "?limit=4294967298", "?limit=99999999999999999999", "?offset=-1",
		"?offset=x", "?offset=1.5", "?mode=focus", "?engine=draft", "?engine=Draft", "?engine=dra", "?engine=none", "?mode=focus&engine=draft&limit=5&offset=1",
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
	p.send("list of outsider", "GET", p.home("", "?limit=0"), "outsider")
	p.send("list of leaver", "GET", p.home("", ""), "leaver")
	p.send("list of nowhere", "GET", p.path("nowhere", "", ""), "creator")
}

// refuse asks for what the caller may not, with each operation.
func (p *prober) refuse(label string) {
	for _, op := range []struct{ method, tail string }{{"GET", ""}, {"DELETE", ""}} {
		for _, by := range []struct{ organization, track, user string }{
			{"home", "song", "saver"}, {"home", "song", "other"}, {"home", "song", "member"}, {"home", "song", "founder"}, {"home", "song", "outsider"}, {"abroad", "song", "outsider"},
			{"home", "far", "traveller"}, {"home", "far", "saver"}, {"abroad", "near", "traveller"}, {"home", "left", "leaver"}, {"home", "left", "goner"}, {"home", "left", "saver"},
			{"home", "sole", "saver"}, {"home", "near", "saver"}, {"home", "none", "creator"}, {"home", "none", "outsider"}, {"nowhere", "song", "creator"}, {"home", "private", "other"},
		} {
			p.send(label, op.method, p.path(by.organization, by.track, op.tail), by.user)
		}
	}
	for _, by := range []struct{ organization, track, user string }{
		{"home", "song", "member"}, {"home", "song", "outsider"}, {"home", "far", "traveller"}, {"home", "left", "leaver"}, {"home", "left", "goner"}, {"home", "none", "creator"}, {"home", "song", ""},
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
			p.send("nearly home", "GET", "/v1/music/"+url.PathEscape(organization)+"/tracks/"+url.PathEscape(songID), "creator")
		}
	}
	p.look("after refusals")
}

// oddities sends what is no id, no path and no method.
func (p *prober) oddities() {
	song := p.home("song", "")
	songID, homeID := p.scene.Tracks["song"].ID, p.scene.Organizations["home"].ID
	for _, id := range []string{
		"x", "mtrack_", "song", url.PathEscape(swapCase(songID)), "%20" + url.PathEscape(songID), url.PathEscape(songID) + "%0A", url.PathEscape(songID) + "x", url.PathEscape(songID) + strings.Repeat("x", 300),
		url.PathEscape(songID[:len(songID)-2]), url.PathEscape(strings.TrimPrefix(songID, "mtrack_")), url.PathEscape("track_" + strings.TrimPrefix(songID, "mtrack_")),
		url.PathEscape(songID + ",mtrack_x"), "mtrack_%25", "mtrack_*", url.PathEscape(songID[:len(songID)-1] + "_"), "x'%20OR%20'1'='1", url.PathEscape(strings.Replace(songID, "m", "ｍ", 1)),
		url.PathEscape(songID + "\u200b"), "a%22b%5C", strings.Repeat("x", 100), url.PathEscape("mtrack_ä"), url.PathEscape(songID) + "%01", "..", "%2e%2e",
	} {
		for _, method := range []string{"GET", "DELETE"} {
			p.send("no id", method, "/v1/music/"+url.PathEscape(homeID)+"/tracks/"+id, "creator")
		}
	}
	for _, id := range []string{url.PathEscape(songID) + "%00", "mtrack_%ff", url.PathEscape(songID) + "%ff", strings.Repeat("x", 3000), url.PathEscape(songID) + "%2Fsave", "%2e%2e%2Ftracks"} {
		for _, method := range []string{"GET", "DELETE"} {
			p.send("free: bytes", method, "/v1/music/"+url.PathEscape(homeID)+"/tracks/"+id, "creator")
		}
	}
	for _, path := range []string{"/", "/v1", "/docs", strings.ToUpper(song[:9]) + song[9:], song[3:], song + "/", song + "/saves", song + ".json", song + ";v=1", p.home("song", "/save/")} {
		p.send("unknown path", "GET", path, "creator")
		p.send("unknown path", "DELETE", path, "creator")
	}
	for _, path := range []string{p.home("", "//save"), strings.Replace(song, "/tracks", "//tracks", 1), strings.Replace(song, "/tracks", "/./tracks", 1),
		strings.Replace(song, "/tracks", "/x/../tracks", 1), strings.Replace(song, "/tracks", "/x/%2e%2e/tracks", 1), strings.Replace(song, "/tracks/", "/tracks%2f", 1),
		strings.Replace(song, "/tracks/", "/tracks%5c", 1), strings.Replace(song, "/tracks/", "/tracks%252f", 1)} {
		p.send("free: unclean path", "GET", path, "creator")
		p.send("free: unclean path", "DELETE", path, "creator")
	}
	p.send("replaced path", "GET", p.home("none", ""), "creator", header("X-Original-URL", song))
	for _, method := range []string{"HEAD", "OPTIONS"} {
		for _, track := range []string{"song", "none"} {
			p.send("free: method", method, p.home(track, ""), "member")
		}
	}
	for _, method := range []string{"POST", "PUT", "PATCH", "PURGE"} {
		for _, track := range []string{"song", "none"} {
			p.send("wrong method", method, p.home(track, ""), "creator")
			p.send("wrong method", method, p.home(track, "/save"), "saver")
		}
	}
	p.send("wrong method", "GET", p.home("song", "/save"), "saver")
	p.send("wrong method", "POST", p.home("song", "/save"), "member")
	p.send("accept", "GET", p.home("none", ""), "creator", header("Accept", "text/html"))
	p.send("accept", "DELETE", p.home("none", ""), "creator", header("Accept", "application/xml"))
	p.look("after hostile input")
}

// unsaves takes tracks out of libraries.
func (p *prober) unsaves() {
	for _, by := range []struct{ track, user string }{
		{"kept", "saver"}, {"kept", "saver"}, {"kept", "creator"}, {"kept", "creator"}, {"theirs", "creator"}, {"other", "creator"}, {"private", "creator"},
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
	time.Sleep(p.patience)
	p.send("delete", "GET", p.home("twin", ""), "creator")
	p.look("at the end")
}

// atOnce sends requests together.
func (p *prober) atOnce() {
	homeID := p.scene.Organizations["home"].ID
	hoard := func(i int) string { return p.home(fmt.Sprintf("hoard-%d", i), "") }
	deletes := slices.Repeat([]string{"DELETE " + hoard(20)}, 12)
	p.together("deletes at once", deletes, "hoarder")
	var different, unsaves []string
	for i := 30; i < 38; i++ {
		different = append(different, "DELETE "+hoard(i))
		unsaves = append(unsaves, "DELETE "+hoard(i+10)+"/save")
	}
	p.together("different deletes at once", different, "hoarder")
	p.together("unsaves at once", unsaves, "hoarder")
	var wg sync.WaitGroup
	for i := 60; i < 70; i++ { // which of the two comes first is open, and that the track is gone is not
		wg.Go(func() { p.do("DELETE", hoard(i)+"/save", "hoarder") })
		wg.Go(func() { p.do("DELETE", hoard(i), "hoarder") })
	}
	wg.Wait()
	p.together("gets of what was deleted", []string{"GET " + hoard(60), "GET " + hoard(61), "GET " + hoard(62), "GET " + hoard(64), "GET " + hoard(66), "GET " + hoard(68)}, "hoarder")
	callers := []string{"hoarder", "member", "outsider", "creator", "hoarder", "saver", "member", "hoarder"}
	answers := make([]string, len(callers))
	for i, caller := range callers {
		wg.Go(func() { answers[i] = fmt.Sprintf("%s: %d", caller, p.do("GET", hoard(71), caller).Code) })
	}
	wg.Wait()
	p.note("callers at once: %v", answers)
	p.together("refused at once", slices.Repeat([]string{"GET " + p.home("none", "")}, 12), "hoarder")
	p.together("gets at once", slices.Repeat([]string{"GET " + hoard(70)}, 24), "hoarder")
	w := httptest.NewRecorder()
	p.provisioner.ServeHTTP(w, httptest.NewRequest("GET", "/history?organization_id="+url.QueryEscape(homeID)+"&track_id="+url.QueryEscape(p.scene.Tracks["hoard-20"].ID), nil))
	p.note("history of what was deleted at once: %s", p.settled(w.Body.String(), ""))
	p.send("list", "GET", p.home("", "?limit=100"), "hoarder")
}
