package cases

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/seed-5ec2a705/mtrack/conformance/internal/oracle"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/suite"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/wire"
	"github.com/seed-5ec2a705/mtrack/conformance/provision"
	"github.com/seed-5ec2a705/mtrack/conformance/requirement"
)

// callerCases have callers with different rights ask for the same path, one after another and at
// the same time: a response that was made for one of them must not reach another.
func callerCases() []suite.Case {
	var cases []suite.Case
	for _, o := range requirement.Operations() {
		cases = append(cases, callersInTurn(o)...)
		cases = append(cases, callersAtOnce(o), notPubliclyCacheable(o))
	}
	return cases
}

// voices are callers who ask in turn, one a letter: the creator, a saver, a member without access
// and an outsider, in upper case with the key in X-API-Key and in lower case with the key as Bearer;
// and N without a key.
var voices = map[rune]oracle.Action{
	'C': {As: "creator"},
	'S': {As: "saver"},
	'M': {As: "member"},
	'O': {As: "outsider"},
	'c': {As: "creator", Bearer: true},
	's': {As: "saver", Bearer: true},
	'm': {As: "member", Bearer: true},
	'o': {As: "outsider", Bearer: true},
	'N': {},
}

// turns are orders in which they ask for one path. Those who may come first, last and in between,
// and each follows on those who may not, by either header. The creator comes once in each run of
// those that a delete ends.
var turns = []string{
	"cmsoNCMSO",
	"CNMSOcmso",
	"smoNSMOcC",
	"OSMNomsCc",
	"msNoCMScO",
	"MSOcmNsoC",
}

// asks is what a voice asks for.
func asks(voice rune, o requirement.Operation, track string) oracle.Action {
	who := voices[voice]
	a := oracle.Does(who.As, o, track)
	a.Bearer = who.Bearer
	return a
}

func callersInTurn(o requirement.Operation) []suite.Case {
	statuses := []int{200, 401, 404}
	if o == requirement.DeleteTrack {
		statuses = []int{200, 401, 403, 404}
	}
	return []suite.Case{
		{
			Area: areaOf(o), Slug: "callers-in-turn",
			Title:     "Callers who ask for the same path one after another each get their own response",
			Operation: o,
			Requirements: []requirement.ID{
				requirement.AccessOwnResponse,
				requirement.AccessMatrix,
				requirement.KeyRequired,
			},
			Statuses: statuses,
			Scene:    sceneTurns,
			Sends: "The same request by the creator, a saver, a member, an outsider and without a key, with " +
				"the key in either header, in several orders.",
			Expects: "For each the response that this caller gets alone.",
			Run: func(ctx context.Context, c *suite.Client) error {
				return inTurn(ctx, c, o, func(_ int, r wire.Request) (*wire.Exchange, error) { return c.Do(ctx, r) })
			},
		},
		{
			Area: areaOf(o), Slug: "callers-in-turn-on-one-connection",
			Title:     "Callers who share a connection each get their own response",
			Operation: o,
			Requirements: []requirement.ID{
				requirement.AccessOwnResponse,
				requirement.AccessMatrix,
				requirement.KeyRequired,
				requirement.InputConnectionReuse,
			},
			Statuses: statuses,
			Scene:    sceneTurns,
			Sends: "The same request by the creator, a saver, a member, an outsider and without a key, with " +
				"the key in either header, in several orders, each order on one connection as long as the " +
				"target keeps it open.",
			Expects: "For each the response that this caller gets alone.",
			Run: func(ctx context.Context, c *suite.Client) error {
				k := c.KeepAlive()
				defer k.Release()
				return inTurn(ctx, c, o, func(turn int, r wire.Request) (*wire.Exchange, error) {
					if turn == 0 {
						k.Release()
					}
					return k.Do(ctx, r)
				})
			},
		},
	}
}

// inTurn has all voices ask in all orders, for another track in each. Send gets the place of the
// request in its order.
func inTurn(
	ctx context.Context,
	c *suite.Client,
	o requirement.Operation,
	send func(turn int, r wire.Request) (*wire.Exchange, error),
) error {
	model := oracle.NewModel(c.Scene.Request)
	for i, order := range turns {
		for turn, voice := range order {
			a := asks(voice, o, turnNames[i])
			x, err := send(turn, oracle.RequestOf(c.Scene, a))
			if err != nil {
				return err
			}
			if err := judgeAlone(c.Scene, model.Apply(a), a, x); err != nil {
				return err
			}
		}
	}
	return nil
}

// judgeAlone compares the response to an action with what its caller gets when nobody else asks.
func judgeAlone(s *provision.Scene, want oracle.Expectation, a oracle.Action, x *wire.Exchange) error {
	if actual := want.Mismatch(s, a, x); actual != "" {
		return suite.Fail(fmt.Sprintf("%s when %s", want.Describe(a), a), actual, x)
	}
	return oracle.Attempt{Action: a, Exchange: x}.JudgeBody(s)
}

func callersAtOnce(o requirement.Operation) suite.Case {
	statuses := []int{200, 401, 404}
	return suite.Case{
		Area: areaOf(o), Slug: "callers-at-once",
		Title:     "Callers who ask for the same path at the same time each get their own response",
		Operation: o,
		Requirements: []requirement.ID{
			requirement.AccessOwnResponse,
			requirement.AccessMatrix,
			requirement.InputLoad,
		},
		Statuses: statuses,
		Scene:    sceneTurns,
		Sends: "The same request by the creator, a saver, a member, an outsider and without a key at the " +
			"same instant, another of them first each time.",
		Expects: "For each the response that this caller gets alone; 403 or 404 for a saver's delete " +
			"beside the creator's.",
		Run: func(ctx context.Context, c *suite.Client) error { return atOnce(ctx, c, o) },
	}
}

// atOnceOrders are who asks at the same time, in the order in which they are sent.
var atOnceOrders = []string{
	"CMSoN",
	"mCsON",
	"NSmCO",
	"scMOm",
	"OcSMN",
	"MNsoC",
	"cSNmO",
	"SCmNo",
}

func atOnce(ctx context.Context, c *suite.Client, o requirement.Operation) error {
	r := bareRace(c)
	model := r.World.Model
	for i, order := range atOnceOrders {
		var actions []oracle.Action
		for _, voice := range order {
			actions = append(actions, asks(voice, o, turnNames[i]))
		}
		// What is right before and after all of them: only deletes change what others get.
		before, after := map[oracle.Action]oracle.Expectation{}, map[oracle.Action]oracle.Expectation{}
		for _, a := range actions {
			before[a] = r.World.Expected(a)
		}
		for _, a := range actions {
			model.Apply(a)
		}
		for _, a := range actions {
			after[a] = r.World.Expected(a)
		}
		attempts, err := r.Run(ctx, actions, func(a oracle.Action) []int {
			if o == requirement.DeleteTrack && a.As == "saver" {
				return []int{before[a].Status, after[a].Status}
			}
			return []int{before[a].Status}
		})
		if err != nil {
			return err
		}
		if o == requirement.ListSavedTracks {
			for _, s := range attempts {
				if err := judgeAlone(c.Scene, before[s.Action], s.Action, s.Exchange); err != nil {
					return err
				}
			}
		}
		if r.Over() {
			break
		}
	}
	return nil
}

// bareRace is a race whose world has a model and is not observed.
func bareRace(c *suite.Client) *oracle.Race {
	w := &oracle.World{Client: c, Scene: c.Scene, Model: oracle.NewModel(c.Scene.Request)}
	return &oracle.Race{World: w, Start: time.Now()}
}

// serving keeps the actions that the target serves.
func serving(ctx context.Context, c *suite.Client, actions ...oracle.Action) []oracle.Action {
	return slices.DeleteFunc(actions, func(a oracle.Action) bool { return !c.Serves(ctx, a.Operation) })
}

func notPubliclyCacheable(o requirement.Operation) suite.Case {
	statuses := []int{200, 404}
	if o == requirement.DeleteTrack {
		statuses = []int{200, 403, 404}
	}
	return suite.Case{
		Area: areaOf(o), Slug: "not-publicly-cacheable",
		Title:        "No shared cache may keep a response to a request with a key",
		Operation:    o,
		Requirements: []requirement.ID{requirement.AccessNotPublic},
		Statuses:     statuses,
		Scene:        sceneStandard,
		Sends:        "The request by a member, an outsider, a saver and the creator, with the key in either header.",
		Expects:      "No Cache-Control with public or s-maxage.",
		Run: func(ctx context.Context, c *suite.Client) error {
			for _, voice := range "MosSmcC" {
				x, err := c.Do(ctx, oracle.RequestOf(c.Scene, asks(voice, o, "song")))
				if err != nil {
					return err
				}
				if field := strings.Join(x.Header.Values("Cache-Control"), ", "); isPublic(field) {
					return suite.Fail("no response that shared caches may keep", "Cache-Control: "+field, x)
				}
			}
			return nil
		},
	}
}

// isPublic reports whether a Cache-Control lets shared caches keep a response although the request
// has a key.
func isPublic(field string) bool {
	public := false
	for directive := range strings.SplitSeq(strings.ToLower(field), ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(directive), "=")
		switch name {
		case "no-store", "private":
			return false
		case "public":
			public = true
		case "s-maxage":
			public = public || strings.Trim(value, `" `) != "0"
		}
	}
	return public
}
