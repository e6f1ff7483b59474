package conformance

import (
	"cmp"
	"slices"

	"github.com/seed-5ec2a705/mtrack/conformance/internal/cases"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/runner"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/suite"
	"github.com/seed-5ec2a705/mtrack/conformance/provision"
	"github.com/seed-5ec2a705/mtrack/conformance/requirement"
)

// Case describes a case of the suite: what it is about, and what it needs.
type Case struct {
	// ID is stable, in kebab case below an area ("delete-track/creator-gets-200"), and never
	// renumbered.
	ID string
	// Where is the file and line of this module at which the case is written.
	Where string
	Title string
	// Sends and Expects say in a sentence each what the case does.
	Sends, Expects string
	Level          requirement.Level
	// Operation is what the case is about, "" where it is about every operation.
	Operation requirement.Operation
	// Requirements are ids of the catalogue, all of one level, which is the level of the case.
	Requirements []requirement.ID
	// Statuses are the documented statuses of Operation that the case proves.
	Statuses []int
	// Needs are the optional parts of provisioning without which the case is skipped.
	Needs []provision.Feature
	// Scene is made fresh for each run of the case. The zero value asks for none.
	Scene provision.Request
	// Alone is set where the case measures time, and is to run with nothing beside it.
	Alone bool
	// Slow is set where the case waits for time to pass, and is best started first.
	Slow bool
}

// Selection chooses cases of the suite. The zero value chooses all.
type Selection struct {
	// Profile is what a target claims to serve; "" means all.
	Profile requirement.Profile
	// Run and Skip are globs over ids, as with [WithRun] and [WithSkip].
	Run, Skip []string
}

// Cases lists all cases of the suite, in the order of reports.
func Cases() []Case {
	music := cases.Music()
	return describeCases(music, music.Cases)
}

// Select lists the cases that a run would have, in the order of reports. The error is a
// [*UsageError].
func Select(s Selection) ([]Case, error) {
	profile := cmp.Or(s.Profile, requirement.ProfileFull)
	config := newConfig([]Option{WithProfile(profile), WithRun(s.Run...), WithSkip(s.Skip...)})
	if err := config.Check(); err != nil {
		return nil, publicError(err)
	}
	music := cases.Music()
	selected, err := runner.Select(music.Cases, config.Profile, config.Run, config.Skip)
	if err != nil {
		return nil, publicError(err)
	}
	return describeCases(music, selected), nil
}

// NeededScenes lists the scenes that cases ask for in a run of the profile, one for each use: what
// a file of scenes has to have. Cases that draw further scenes at random are skipped with such a
// file.
func NeededScenes(selected []Case, profile requirement.Profile) []provision.Request {
	var needed []provision.Request
	if profile != requirement.ProfileFull {
		needed = append(needed, cases.Music().Serves.Scene.WithEmptyLists())
	}
	inFile := func(f provision.Feature) bool { return slices.Contains(provision.FileFeatures(), f) }
	for _, c := range selected {
		skipped := slices.ContainsFunc(c.Needs, func(f provision.Feature) bool { return !inFile(f) })
		if !c.Scene.Empty() && !skipped {
			needed = append(needed, c.Scene.WithEmptyLists())
		}
	}
	return needed
}

func describeCases(of suite.Suite, selected []suite.Case) []Case {
	catalog, err := of.Catalog()
	if err != nil {
		panic("conformance: " + err.Error()) // the tests of package cases hold the suite to it
	}
	described := make([]Case, len(selected))
	for i, c := range selected {
		described[i] = Case{
			ID: c.ID(), Where: c.Where, Title: c.Title, Sends: c.Sends, Expects: c.Expects,
			Level: catalog.Level(c), Operation: c.Operation, Requirements: c.Requirements, Statuses: c.Statuses,
			Needs: c.Needs, Scene: c.Scene, Alone: c.Alone, Slow: c.Slow,
		}
	}
	return described
}
