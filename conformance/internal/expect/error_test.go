package expect

import "testing"

func TestTrackInPath(t *testing.T) {
	for path, want := range map[string]string{
		"/v1/music/o/tracks/t":         "t",
		"/v1/music/o/tracks/t%2Fx":     "t%2Fx",
		"/v1/music/o/tracks/t/save":    "t",
		"/v1/music/o/tracks/save":      "save",
		"/v1/music/o/tracks/save/save": "save",
		"/v1/music/tracks/tracks/t":    "t",
		// none
		"/v1/music/o/tracks":          "",
		"/v1/music/o/tracks/":         "",
		"/v1/music/o/tracks//save":    "",
		"/v1/music//tracks/t":         "",
		"/v1/music/o/x/tracks/t":      "",
		"/v1/music/o/tracks/t/x":      "",
		"/v1/music/o/tracks/t/save/x": "",
		"/v1/music/o/tracks/t/":       "",
		"/v2/music/o/tracks/t":        "",
		"/":                           "",
	} {
		got, ok := trackInPath(path)
		if !ok {
			got = ""
		}
		if got != want || ok != (want != "") {
			t.Errorf("%s: %q, %v; want %q", path, got, ok, want)
		}
	}
}

func TestRevealsInternals(t *testing.T) {
	for text, want := range map[string]bool{
		"Music track not found": false,
		"panic: nil map":        true,
		"":                      false,
		"psycopg2.errors":       true,
	} {
		for range 2 {
			if got := revealsInternals(text); got != want {
				t.Errorf("%q: %v", text, got)
			}
		}
	}
}
