package suite

import (
	"context"

	"github.com/seed-5ec2a705/mtrack/conformance/provision"
	"github.com/seed-5ec2a705/mtrack/conformance/requirement"
)

// Case is one check. It is a literal: nothing registers itself, and suite.go lists them all in order.
//
// A case asks for its own scene, so that it can run alone, beside others and in any order, also against a deployment that
// others use.
type Case struct {
	// ID is stable, in kebab case below an area ("delete-track/creator-gets-200"), and never renumbered.
	ID    string
	Title string
	// Operation is what the case is about. It decides which profiles the case belongs to.
	Operation requirement.Operation
	// Requirements are ids of the catalogue, all of one level, which is the level of the case.
	Requirements []string
	// Statuses are the documented statuses of Operation that the case proves.
	Statuses []int
	// Needs are the optional parts of provisioning without which the case is skipped.
	Needs []provision.Feature
	// Alone is set where time is measured: the case runs after all others with nothing beside it.
	Alone bool
	// Slow is set where the case waits for time to pass: it is started first.
	Slow bool
	// Scene is made fresh for each run of the case. The zero value asks for none.
	Scene provision.Request
	// Sends and Expects tell a reader in a sentence each what the case does.
	Sends, Expects string
	// Run does the check. It returns nil (passed), the errors of Fail and Skip, or whatever the Client's methods returned.
	// Several goroutines of one Run may use the Client at once.
	Run func(ctx context.Context, c *Client) error
}
