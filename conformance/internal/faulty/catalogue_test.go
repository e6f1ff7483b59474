package faulty

import (
	"path"
	"testing"
)

func TestEveryCatcherIsAsked(t *testing.T) {
	asked := map[string]bool{}
	for _, f := range Faults() {
		found := false
		for _, c := range catchers() {
			if ok, err := path.Match(c.faults, f.Name); err != nil {
				t.Errorf("%s: %v", c.faults, err)
			} else if ok {
				asked[c.faults], found = true, true
				break
			}
		}
		if !found {
			t.Errorf("%s: no catcher: %s", f.Name, f.Summary)
		}
	}
	for _, c := range catchers() {
		if !asked[c.faults] {
			t.Errorf("%s: matches no fault that is left for it", c.faults)
		}
	}
}
