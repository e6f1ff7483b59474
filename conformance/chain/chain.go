// Package chain is the way from this project's documentation page to what a run of
// the conformance suite did: page → requirement → contract → case → exchange.
// Package trace follows it as far as the cases, package coverage from the contract
// to the exchanges of a run.
//
// Only cmd/mtrack-spec imports these packages. They know the suite's requirements,
// cases and reports, and read contracts as the gate does; they judge no server.
package chain

import (
	"context"

	"github.com/seed-5ec2a705/mtrack/openapi/gate/source"
)

// ContractFile is the path of the contract in the project, as messages name it.
const ContractFile = "openapi/music.yaml"

// LoadContract reads the text of the contract, which has to be understood.
func LoadContract(ctx context.Context, text []byte) (*source.Document, error) {
	return source.LoadComplete(ctx, ContractFile, source.Options{Reader: source.Memory{ContractFile: text}})
}
