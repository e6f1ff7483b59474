// Package openapi holds the two contracts, the only hand-edited truth of this
// project: everything else is generated from them, implements them or checks
// them. It imports nothing, so that anybody may import it.
package openapi

import _ "embed"

// Music is the contract of the API, an OpenAPI 3.0.3 document in YAML. It must
// not be modified.
//
//go:embed music.yaml
var Music []byte

// Provisioning is the contract between the conformance suite and the
// provisioner of an implementation, an OpenAPI 3.0.3 document in YAML. It must
// not be modified.
//
//go:embed provisioning.yaml
var Provisioning []byte
