package requirement

import "strings"

// TracksPath is the path of an organization's tracks: of listSavedTracks.
func TracksPath(organization string) string {
	return "/v1/music/" + EscapeSegment(organization) + "/tracks"
}

// TrackPath is the path of a track: of getTrack and deleteTrack.
func TrackPath(organization, track string) string {
	return TracksPath(organization) + "/" + EscapeSegment(track)
}

// SavePath is the path of the caller's save of a track: of unsaveTrack.
func SavePath(organization, track string) string { return TrackPath(organization, track) + "/save" }

// EscapeSegment makes one path segment of any bytes: everything but ASCII letters, digits and
// "-._~" is percent-encoded.
func EscapeSegment(s string) string {
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	for i := range len(s) {
		c := s[i]
		if 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte("-._~", c) >= 0 {
			b.WriteByte(c)
			continue
		}
		b.Write([]byte{'%', hex[c>>4], hex[c&15]})
	}
	return b.String()
}
