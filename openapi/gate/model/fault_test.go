package model_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/seed-5ec2a705/mtrack/openapi/gate/model"
)

func TestFaults(t *testing.T) {
	schema := openapi3.NewObjectSchema().
		WithProperty("a", openapi3.NewIntegerSchema()).WithProperty("b", openapi3.NewStringSchema()).WithRequired([]string{"c"})
	faults := model.Faults(schema.VisitJSON(map[string]any{"a": "x", "b": 1.0}, openapi3.MultiErrors()))
	var got []string
	for _, f := range faults {
		got = append(got, f.Pointer.String())
	}
	slices.Sort(got)
	if !slices.Equal(got, []string{"/a", "/b", "/c"}) {
		t.Errorf("got %q", got)
	}
	if model.Faults(nil) != nil {
		t.Error("nothing wrong is a fault")
	}
	if got := model.Faults(errors.New("other")); len(got) != 1 || got[0].Reason != "other" {
		t.Errorf("%+v", got)
	}
}
