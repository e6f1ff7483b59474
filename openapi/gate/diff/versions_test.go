package diff_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"github.com/seed-5ec2a705/mtrack/openapi/gate/diff"
)

func TestVersions(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("testdata/versions.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var list []struct {
		Name, Before, After string
		Want                []string
	}
	dec := yaml.NewDecoder(strings.NewReader(string(data)))
	dec.KnownFields(true)
	if err := dec.Decode(&list); err != nil {
		t.Fatal(err)
	}
	const top = "openapi: 3.0.3\n"
	for _, v := range list {
		t.Run(v.Name, func(t *testing.T) {
			t.Parallel()
			end := "info: {title: T, version: '1'}\n"
			c := diff.Comparison{Result: compare(t, top+v.Before+end, top+v.After+end)}
			var got []string
			for _, f := range c.Findings() {
				got = append(got, fmt.Sprintf("%s %s %d %s", f.Level, f.Rule, f.Line, f.Operation))
			}
			if slices.Sort(got); !slices.Equal(got, v.Want) && len(got)+len(v.Want) > 0 {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(v.Want, "\n"))
			}
		})
	}
}
