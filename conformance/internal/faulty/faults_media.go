package faulty

import (
	"net/http"
	"net/url"
	"strings"
)

// mediaFaults sign the wrong playback_url, or always the same one.
func mediaFaults() []Fault {
	list := faultsOf(Architecture)
	add := list.add

	signed := func(address func(c *call) string) func(*behaviour) {
		return onResponse(opGet, http.StatusOK, func(c *call, resp *response) {
			resp.body.set("playback_url", address(c))
		})
	}
	media := func(id, signature string) string {
		return "https://media.example/" + url.PathEscape(id) + ".mp3?signature=" + signature
	}
	fresh := func() string { return randomText(lettersAndDigits, 24) }

	add("media-of-last-track",
		"playback_url is that of the track which was got before, by whomever.",
		detectedBy("get-track/media-of-no-other-track"),
		func(b *behaviour) {
			last := ""
			signed(func(c *call) string {
				address := last
				last = media(c.target.id, fresh())
				if address == "" {
					return last
				}
				return address
			})(b)
		})
	add("media-of-first-track",
		"playback_url is that of the first track of the organization.",
		detectedBy("get-track/media-of-no-other-track"),
		signed(func(c *call) string { return media(c.target.organization.tracks[0].id, fresh()) }))
	add("media-of-same-title",
		"playback_url is that of another track of the same title.",
		detectedBy("get-track/media-of-no-other-track"),
		signed(func(c *call) string {
			for _, other := range c.target.organization.tracks {
				if title(other) == title(c.target) {
					return media(other.id, fresh())
				}
			}
			return media(c.target.id, fresh())
		}))
	add("media-by-key",
		"playback_url holds the caller's API key.",
		detectedBy("get-track/media-of-no-other-track"),
		signed(func(c *call) string { return media(c.target.id, url.QueryEscape(c.key)) }))
	add("media-always-the-same",
		"playback_url of a track never changes, so that whoever once had it has it for good.",
		warnedBy("get-track/media-is-minted"),
		signed(func(c *call) string {
			return media(c.target.id, strings.Trim(etag(c.target.id), `"`)+"0123456789abcdef")
		}))
	add("media-in-lists",
		"Every second item of a list has a playback_url.",
		detectedBy("list-tracks/newest-save-first"),
		onResponse(opList, http.StatusOK, func(_ *call, resp *response) {
			items, _ := resp.body.get("items").([]*object)
			for i, item := range items {
				if id, ok := item.get("id").(string); ok && i%2 == 1 {
					item.set("playback_url", media(id, fresh()))
				}
			}
		}))
	return list.faults
}
