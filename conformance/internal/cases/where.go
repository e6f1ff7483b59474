package cases

import (
	"embed"
	"fmt"
	"strings"
	"sync"
)

// sources are the files of this package, in which the line of a case is started up: nothing has to
// be written again when lines move.
//
//go:embed *.go
var sources embed.FS

// directory is where the sources stand in the module.
const directory = "conformance/internal/cases/"

// place is a line of the sources.
type place struct {
	file string
	line int
	text string
}

// String writes it as editors and terminals take it.
func (p place) String() string { return fmt.Sprintf("%s%s:%d", directory, p.file, p.line) }

// whereIs returns the line of a case, or "" where its slug stands nowhere. Several areas may have
// the same slug: then it is the line that names the area too.
func whereIs(area, slug string) string {
	candidates := candidatesFor(area, slug)
	if len(candidates) == 0 {
		return ""
	}
	return candidates[0].String()
}

// candidatesFor are the lines on which a case may be written. In a sound catalogue there is one.
func candidatesFor(area, slug string) []place {
	var named, others []place
	for _, p := range literalLines()[slug] {
		switch {
		case strings.Contains(p.text, "Area: "+areaName(area)+","):
			named = append(named, p)
		case !strings.Contains(p.text, "Area: ") || strings.Contains(p.text, "Area: areaOf("):
			others = append(others, p)
		}
	}
	if named != nil {
		return named
	}
	return others
}

// areaName is the constant that stands for an area in the literals of cases.
func areaName(area string) string {
	for _, p := range literalLines()[area] {
		if name, _, ok := strings.Cut(p.text, " = "); ok {
			return strings.TrimSpace(name)
		}
	}
	return ""
}

// literalLines are the lines of the sources, tests aside, by the quoted texts in them.
var literalLines = sync.OnceValue(func() map[string][]place {
	lines := map[string][]place{}
	entries, err := sources.ReadDir(".")
	if err != nil {
		panic(err) // they are part of the program
	}
	for _, entry := range entries {
		if strings.HasSuffix(entry.Name(), "_test.go") {
			continue
		}
		text, err := sources.ReadFile(entry.Name())
		if err != nil {
			panic(err)
		}
		n := 0
		for line := range strings.Lines(string(text)) {
			n++
			parts := strings.Split(line, `"`)
			for i := 1; i < len(parts); i += 2 {
				lines[parts[i]] = append(lines[parts[i]], place{entry.Name(), n, line})
			}
		}
	}
	return lines
})
