package proof

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// contractNeutral are the packages that know a contract only as what they are handed, so that a
// second contract could be put beside the first one without touching them.
var contractNeutral = []string{
	"internal/contract", "internal/evidence", "internal/excerpt", "internal/runner", "internal/strictjson",
	"internal/suite", "internal/wire", "report",
}

// ofMusic matches what belongs to the music contract: its paths, its document, its operations and
// their requirements.
var ofMusic = regexp.MustCompile(`/v1/music|openapi\.Music|` +
	`requirement\.(All|Operations|TrackPath|TracksPath|SavePath)\(|` +
	`requirement\.(DeleteTrack|GetTrack|ListSavedTracks|UnsaveTrack)\b`)

func TestRunnerKnowsNoContractByName(t *testing.T) {
	t.Parallel()
	for _, name := range contractNeutral {
		t.Run(name, func(t *testing.T) {
			files, err := filepath.Glob(filepath.Join("..", "..", filepath.FromSlash(name), "*.go"))
			if err != nil || len(files) == 0 {
				t.Fatalf("no sources: %v", err)
			}
			for _, file := range files {
				if strings.HasSuffix(file, "_test.go") {
					continue
				}
				source, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				for number, line := range strings.Split(string(source), "\n") {
					if found := ofMusic.FindString(line); found != "" {
						t.Errorf("%s:%d has %q: take it from the suite or the report", file, number+1, found)
					}
				}
			}
		})
	}
}
