package source

import (
	"gopkg.in/yaml.v3"

	"github.com/seed-5ec2a705/mtrack/openapi/gate/source/link"
)

// problems gives a place to what the OpenAPI library cannot hold of a document.
func (d *Document) problems(faults []link.Fault) []Problem {
	places := d.placesOf(faults)
	var list []Problem
	for _, fault := range faults {
		place := places[fault.At]
		if fault.Message == link.NoValue {
			list = append(list, Problem{RuleStructure, d.KeyPosition(place), place.Pointer.String(), "the field " + place.Name() + " has no value"})
			continue
		}
		if fault.Field != "" {
			place = place.At(fault.Field)
		}
		message := fault.Message
		if place.Name() == "$ref" && message == "expected a mapping, got a string" {
			message = "no $ref can stand here: OpenAPI 3.0 reads it as an entry of that name"
		}
		list = append(list, Problem{RuleStructure, d.Position(place), place.Pointer.String(), message})
	}
	return list
}

// placesOf returns the places of the values that faults are about.
func (d *Document) placesOf(faults []link.Fault) map[*yaml.Node]Place {
	places := map[*yaml.Node]Place{}
	for _, fault := range faults {
		places[fault.At] = d.RootPlace()
	}
	for name, f := range d.Files {
		f.nodes(func(ptr Pointer, n *yaml.Node) {
			if _, wanted := places[n]; wanted {
				places[n] = Place{name, append(Pointer(nil), ptr...)}
			}
		})
	}
	return places
}
