package conformance

import "cmp"

// CaseInfo is a case as data: what it is about and what it needs, without what it does.
type CaseInfo struct {
	// ID is stable, in kebab case below an area ("delete-track/creator-gets-200"), and never renumbered.
	ID    string
	Title string
	// Sends and Expects say in a sentence each what the case does.
	Sends, Expects string
	Level          Level
	// Operation is what the case is about, "" where it is about every operation.
	Operation Operation
	// Requirements are ids of the catalogue, all of one level, which is the level of the case.
	Requirements []string
	// Statuses are the documented statuses of Operation that the case proves.
	Statuses []int
	// Needs are the optional parts of provisioning without which the case is skipped.
	Needs []Feature
	// Scene is made fresh for each run of the case. The zero value asks for none.
	Scene SceneRequest
	// Alone is set where the case measures time, and is to run with nothing beside it.
	Alone bool
	// Slow is set where the case waits for time to pass, and is best started first.
	Slow bool
}

// Selection chooses cases of the suite. The zero value chooses all.
type Selection struct {
	// Profile is what a target claims to serve; "" means all.
	Profile Profile
	// Run and Skip are globs over ids, as with WithRun and WithSkip.
	Run, Skip []string
}

// AllCases lists the cases of the suite, in the order of reports.
func AllCases() []CaseInfo { return describeCases(music().cases) }

// CasesOf lists the cases that a run would have, in the order of reports. The error is a *UsageError.
func CasesOf(s Selection) ([]CaseInfo, error) {
	config := newConfig([]Option{WithProfile(cmp.Or(s.Profile, ProfileFull)), WithRun(s.Run...), WithSkip(s.Skip...)})
	if err := config.check(); err != nil {
		return nil, publicError(err)
	}
	selected, err := selectCases(music().cases, config.profile, config.run, config.skip)
	if err != nil {
		return nil, publicError(err)
	}
	return describeCases(selected), nil
}

// NeededScenes lists the scenes that cases ask for in a run of the profile, one for each use: what a file of scenes has to
// hold. Cases that make further scenes of their own by chance are skipped with such a file.
func NeededScenes(cases []CaseInfo, profile Profile) []SceneRequest {
	var needed []SceneRequest
	if profile != ProfileFull {
		needed = append(needed, music().serves.scene.withoutNull())
	}
	for _, c := range cases {
		if !c.Scene.Empty() {
			needed = append(needed, c.Scene.withoutNull())
		}
	}
	return needed
}

func describeCases(cases []Case) []CaseInfo {
	levels := map[string]Level{}
	for _, r := range music().requirements {
		levels[r.ID] = r.Level
	}
	described := make([]CaseInfo, len(cases))
	for i, c := range cases {
		described[i] = CaseInfo{
			ID: c.ID, Title: c.Title, Sends: c.Sends, Expects: c.Expects, Level: levels[c.Requirements[0]], Operation: c.Operation,
			Requirements: c.Requirements, Statuses: c.Statuses, Needs: c.Needs, Scene: c.Scene, Alone: c.Alone, Slow: c.Slow,
		}
	}
	return described
}
