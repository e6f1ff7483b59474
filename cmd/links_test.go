package cmd_test

import (
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/seed-5ec2a705/mtrack/conformance/testenv"
)

// pageOfOthers is a copy of somebody else's page, whose links lead to their site.
const pageOfOthers = "conformance/chain/trace/page/"

// TestLinks follows every link between this repository's pages: the file is
// there, and so is the heading.
func TestLinks(t *testing.T) {
	t.Parallel()
	list := exec.CommandContext(t.Context(), testenv.Need(t, "git"), "-C", "..", "ls-files",
		"--cached", "--others", "--exclude-standard", "*.md")
	output, err := list.Output()
	if err != nil {
		testenv.Missing(t, "git does not list the pages: run this in a clone (%v)", err)
	}
	pages := slices.DeleteFunc(strings.Fields(string(output)), func(name string) bool {
		_, err := os.Stat(filepath.Join("..", name)) // not there: deleted, but not committed yet
		return strings.HasPrefix(name, pageOfOthers) || err != nil
	})
	followed := 0
	for _, page := range pages {
		for _, link := range links(prose(t, page)) {
			followed++
			if problem := follow(t, page, link); problem != "" {
				t.Errorf("%s: the link %s: %s", page, link, problem)
			}
		}
	}
	if followed < 20 {
		t.Errorf("only %d links in %q: are they read?", followed, pages)
	}
}

var (
	codePattern    = regexp.MustCompile("(?ms)^```.*?^```$|`[^`\n]*`")
	fencePattern   = regexp.MustCompile("(?ms)^```.*?^```$")
	linkPattern    = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	headingPattern = regexp.MustCompile(`(?m)^#+ (.*)$`)
)

// prose returns a page without its blocks of code.
func prose(t *testing.T, page string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", page))
	if err != nil {
		t.Fatal(err)
	}
	return fencePattern.ReplaceAllString(string(text), "")
}

// links returns where the links of a page lead within the repository.
func links(text string) []string {
	var found []string
	for _, link := range linkPattern.FindAllStringSubmatch(codePattern.ReplaceAllString(text, ""), -1) {
		if !strings.Contains(link[1], "://") {
			found = append(found, link[1])
		}
	}
	return found
}

// follow says what is wrong with a link of a page, or "".
func follow(t *testing.T, page, link string) string {
	t.Helper()
	target, anchor, _ := strings.Cut(link, "#")
	if target == "" {
		target = path.Base(page)
	}
	target = path.Join(path.Dir(page), target)
	if _, err := os.Stat(filepath.Join("..", target)); err != nil {
		return err.Error()
	}
	if anchor == "" {
		return ""
	}
	if known := anchors(prose(t, target)); !slices.Contains(known, anchor) {
		return fmt.Sprintf("no such heading; there are %q", known)
	}
	return ""
}

var notInAnchors = regexp.MustCompile(`[^a-z0-9 _-]`)

// anchors returns what GitHub calls the headings of a page in links.
func anchors(text string) []string {
	var found []string
	for _, heading := range headingPattern.FindAllStringSubmatch(text, -1) {
		kept := notInAnchors.ReplaceAllString(strings.ToLower(heading[1]), "")
		found = append(found, strings.ReplaceAll(kept, " ", "-"))
	}
	return found
}

// TestLinksFollowed makes sure that a broken link is found.
func TestLinksFollowed(t *testing.T) {
	t.Parallel()
	text := "[a](x.md#here) `[b](code.md)` [c](https://example.com/x.md) [d](#there)\n```\n[e](block.md)\n```\n"
	if got := links(text); !slices.Equal(got, []string{"x.md#here", "#there"}) {
		t.Errorf("links are %q", got)
	}
	if got := anchors("# In `go test`, and more\n## _b_\n"); !slices.Equal(got, []string{"in-go-test-and-more", "_b_"}) {
		t.Errorf("anchors are %q", got)
	}
	for link, whole := range map[string]bool{
		"LICENSE": true, "#layout": true, "docs/report.md#json": true, "docs/examples/python": true,
		"docs/none.md": false, "#nowhere": false, "docs/report.md#nowhere": false,
	} {
		if problem := follow(t, "README.md", link); (problem == "") != whole {
			t.Errorf("%s: %q", link, problem)
		}
	}
}
