package proof

import (
	"go/scanner"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// contractNeutral are the packages that know a contract only as what they are handed, so that a
// second contract could be put beside the first one without touching them.
var contractNeutral = []string{
	"internal/contract", "internal/evidence", "internal/excerpt", "internal/runner",
	"internal/suite", "internal/wire", "report",
}

// ofMusic matches what belongs to the music contract: its paths, its document, its operations and
// their requirements, and the events of its histories.
var ofMusic = regexp.MustCompile(`/v1\b|openapi\.Music|openapi/music|music\.yaml|` +
	`provision\.Event[A-Z]|\btrack\.(created|billed|deleted)\b|` +
	`requirement\.(All|Operations|TrackPath|TracksPath|SavePath)\(|` +
	`requirement\.(DeleteTrack|GetTrack|ListSavedTracks|UnsaveTrack)\b`)

// withoutKeys are those that do not even know in which header a key is sent.
var withoutKeys = map[string]bool{"internal/runner": true, "internal/wire": true, "report": true}

// withoutComments blanks the comments of a Go source, which may give examples.
func withoutComments(source []byte) []byte {
	files := token.NewFileSet()
	file := files.AddFile("", files.Base(), len(source))
	var s scanner.Scanner
	s.Init(file, source, nil, scanner.ScanComments)
	blank := append([]byte{}, source...)
	for {
		position, kind, text := s.Scan()
		switch kind {
		case token.EOF:
			return blank
		case token.COMMENT:
			for i := range len(text) {
				if at := file.Offset(position) + i; blank[at] != '\n' {
					blank[at] = ' '
				}
			}
		}
	}
}

func TestRunnerKnowsNoContractByName(t *testing.T) {
	t.Parallel()
	for _, name := range contractNeutral {
		t.Run(name, func(t *testing.T) {
			folder := filepath.Join("..", "..", filepath.FromSlash(name))
			files, err := filepath.Glob(filepath.Join(folder, "*.go"))
			if err != nil || len(files) == 0 {
				t.Fatalf("no sources: %v", err)
			}
			templates, err := filepath.Glob(filepath.Join(folder, "*.tmpl"))
			if err != nil {
				t.Fatal(err)
			}
			pattern := ofMusic
			if withoutKeys[name] {
				pattern = regexp.MustCompile(ofMusic.String() + `|X-API-Key`)
			}
			for _, file := range append(files, templates...) {
				if strings.HasSuffix(file, "_test.go") {
					continue
				}
				source, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				if strings.HasSuffix(file, ".go") {
					source = withoutComments(source)
				}
				for number, line := range strings.Split(string(source), "\n") {
					if found := pattern.FindString(line); found != "" {
						t.Errorf("%s:%d has %q: take it from the suite or the report", file, number+1, found)
					}
				}
			}
		})
	}
}
