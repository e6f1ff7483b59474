package trace

import (
	"bytes"
	_ "embed"
	"fmt"

	"gopkg.in/yaml.v3"
)

// The documentation page, word for word, and what its statements became.
var (
	//go:embed page/delete-track.md
	pageText []byte
	//go:embed page/trace.yaml
	mapText []byte
)

// Their paths in the project, for messages.
const (
	pageFile = "conformance/chain/trace/page/delete-track.md"
	mapFile  = "conformance/chain/trace/page/trace.yaml"
)

// Map says which requirements the statements of a page became.
type Map struct {
	// Page is the path of the page as the contract and the requirements call it.
	Page string `yaml:"page"`
	// Operation is the operationId that the page is about.
	Operation  string       `yaml:"operation"`
	Statements []mapped     `yaml:"statements"`
	Examples   []mapped     `yaml:"examples"`
	Unprovoked []unprovoked `yaml:"unprovoked"`
}

// mapped is one statement or example with the ids of its requirements.
type mapped struct {
	Text         string   `yaml:"text"`
	Name         string   `yaml:"name"`
	Requirements []string `yaml:"requirements"`
	line         int
}

// unprovoked is a status that no case can provoke.
type unprovoked struct {
	Status int    `yaml:"status"`
	Reason string `yaml:"reason"`
	line   int
}

// UnmarshalYAML keeps the line beside the value.
func (m *mapped) UnmarshalYAML(n *yaml.Node) error {
	type plain mapped
	m.line = n.Line
	return n.Decode((*plain)(m))
}

// UnmarshalYAML keeps the line beside the value.
func (u *unprovoked) UnmarshalYAML(n *yaml.Node) error {
	type plain unprovoked
	u.line = n.Line
	return n.Decode((*plain)(u))
}

// ParseMap reads a map in YAML.
func ParseMap(text []byte) (*Map, error) {
	var m Map
	dec := yaml.NewDecoder(bytes.NewReader(text))
	dec.KnownFields(true)
	if err := dec.Decode(&m); err != nil {
		return nil, fmt.Errorf("%s: %w", mapFile, err)
	}
	return &m, nil
}
