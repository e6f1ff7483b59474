// Package nodes goes through nodes of YAML as what they mean: an alias is what it stands
// for, and a mapping has the entries that its merge keys bring in.
package nodes

import "gopkg.in/yaml.v3"

// MergeTag is the tag of a merge key.
const MergeTag = "!!merge"

// Follow returns what an alias stands for, and any other node as it is.
func Follow(n *yaml.Node) *yaml.Node {
	for n != nil && n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	return n
}

// Each calls visit for the entries of a mapping, with those that a merge key brings in.
// Values may be aliases.
func Each(n *yaml.Node, visit func(key, value *yaml.Node)) {
	var merged []*yaml.Node
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Tag == MergeTag {
			merged = append(merged, n.Content[i+1])
			continue
		}
		visit(n.Content[i], n.Content[i+1])
	}
	if merged == nil {
		return
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		seen[n.Content[i].Value] = true
	}
	for i := 0; i < len(merged); i++ {
		switch from := Follow(merged[i]); from.Kind {
		case yaml.SequenceNode:
			merged = append(merged, from.Content...)
		case yaml.MappingNode:
			Each(from, func(key, value *yaml.Node) {
				if !seen[key.Value] {
					seen[key.Value] = true
					visit(key, value)
				}
			})
		}
	}
}
