package suite

import (
	"context"

	"github.com/seed-5ec2a705/mtrack/conformance/provision"
	"github.com/seed-5ec2a705/mtrack/conformance/requirement"
)

// Case is one check. It is a literal: nothing registers itself, and cases.All lists them all in
// order.
//
// A case asks for its own scene, so that it can run alone, beside others and in any order, also
// against a deployment that others use.
type Case struct {
	// Area and Slug are the id's halves: "delete-track" and "creator-gets-200". A slug is a literal
	// in the source of its case, so that searching for it finds the case.
	Area, Slug string
	// Where is the file and line at which the slug stands.
	Where string
	Title string
	// Operation is what the case is about. It decides which profiles the case belongs to.
	Operation requirement.Operation
	// Requirements are ids of the catalogue, all of one level, which is the level of the case.
	Requirements []requirement.ID
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
	// Run does the check. It returns nil (passed), the errors of Fail and Skip, or whatever the
	// Client's methods returned. Several goroutines of one Run may use the Client at once.
	Run func(ctx context.Context, c *Client) error
}

// ID is stable, in kebab case, and never given to another case: "delete-track/creator-gets-200".
func (c Case) ID() string { return c.Area + "/" + c.Slug }
