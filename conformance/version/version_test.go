package version_test

import (
	"crypto/sha256"
	"flag"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/seed-5ec2a705/mtrack/conformance"
	"github.com/seed-5ec2a705/mtrack/conformance/version"
)

var update = flag.Bool("update", false, "add the version of this list of cases to history.txt")

const history = "history.txt"

// edition is a line of the history.
type edition struct {
	version [3]int
	cases   int
	digest  string
}

func parse(t *testing.T, line string) edition {
	t.Helper()
	fields := strings.Fields(line)
	if len(fields) != 3 {
		t.Fatalf("%s: %q is not VERSION CASES DIGEST", history, line)
	}
	e := edition{digest: fields[2]}
	numbers := strings.Split(fields[0], ".")
	if len(numbers) != len(e.version) {
		t.Fatalf("version %q is not of three numbers", fields[0])
	}
	var err error
	for i, number := range numbers {
		if e.version[i], err = strconv.Atoi(number); err != nil {
			t.Fatalf("version %q: %v", fields[0], err)
		}
	}
	if e.cases, err = strconv.Atoi(fields[1]); err != nil {
		t.Fatalf("%s: %q: %v", history, line, err)
	}
	return e
}

func readHistory(t *testing.T) []edition {
	t.Helper()
	text, err := os.ReadFile(history)
	if err != nil {
		t.Fatal(err)
	}
	var editions []edition
	for line := range strings.Lines(string(text)) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			editions = append(editions, parse(t, line))
		}
	}
	return editions
}

// current is the line that the cases as they are now should have.
func current() string {
	var ids []string
	for _, c := range conformance.Cases() {
		ids = append(ids, c.ID)
	}
	slices.Sort(ids)
	sum := sha256.Sum256([]byte(strings.Join(ids, "\n") + "\n"))
	return fmt.Sprintf("%s %d %x", version.Suite, len(ids), sum[:8])
}

// allowed reports why next may not follow last, or nil. It knows the lists by
// number and digest only: that nothing is renamed while something is added, it
// has to be told by whoever bumps.
func allowed(last, next edition) error {
	switch {
	case slices.Compare(next.version[:], last.version[:]) <= 0:
		return fmt.Errorf("version %v does not grow", next.version)
	case next.digest == last.digest:
		return nil
	case next.cases <= last.cases && next.version[0] == last.version[0]:
		return fmt.Errorf("ids were renamed or went: the first number has to grow")
	case slices.Equal(next.version[:2], last.version[:2]):
		return fmt.Errorf("cases were added: the second number has to grow")
	}
	return nil
}

// TestSuite: a list of cases has one version, and a version one list.
func TestSuite(t *testing.T) {
	if version.Cases != len(conformance.Cases()) {
		t.Errorf("Cases is %d, and the suite has %d: set it", version.Cases, len(conformance.Cases()))
	}
	line := current()
	editions, next := readHistory(t), parse(t, line)
	last := editions[len(editions)-1]
	if last == next {
		return
	}
	if err := allowed(last, next); err != nil {
		t.Fatalf("the list of cases is not that of version %s in %s, and %v.\n"+
			"Bump Suite in conformance/version/version.go by the rule beside it, then run\n"+
			"\tgo test ./conformance/version -update", version.Suite, history, err)
	}
	if !*update {
		t.Fatalf("version %s is not in %s: run\n\tgo test ./conformance/version -update", version.Suite, history)
	}
	file, err := os.OpenFile(history, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := fmt.Fprintln(file, line); err != nil {
		t.Error(err)
	}
	if err := file.Close(); err != nil {
		t.Error(err)
	}
}

// TestHistory holds every version so far to the rule.
func TestHistory(t *testing.T) {
	t.Parallel()
	editions := readHistory(t)
	for i := range editions[1:] {
		if err := allowed(editions[i], editions[i+1]); err != nil {
			t.Errorf("after %v: %v", editions[i].version, err)
		}
	}
}

// TestAllowed makes sure that the rule can refuse.
func TestAllowed(t *testing.T) {
	t.Parallel()
	last := parse(t, "2.4.1 10 aa")
	for line, want := range map[string]bool{
		"2.4.1 11 bb": false, // a case without a bump
		"2.4.2 11 bb": false, // a case is no repair
		"2.3.0 11 bb": false,
		"2.5.0 11 bb": true,
		"3.0.0 11 bb": true,
		"2.5.0 9 bb":  false, // a case went
		"2.5.0 10 bb": false, // a case was renamed
		"3.0.0 9 bb":  true,
		"2.4.2 10 aa": true, // a repair
	} {
		if err := allowed(last, parse(t, line)); (err == nil) != want {
			t.Errorf("%s: %v; want it allowed: %v", line, err, want)
		}
	}
}
