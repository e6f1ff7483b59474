package diff

import (
	"strings"

	"github.com/oasdiff/oasdiff/checker"

	"github.com/seed-5ec2a705/mtrack/openapi/gate/finding"
)

// title returns what a change is called: the message of its findings, without the names in it.
func title(r checker.BackwardCompatibilityRule, localize checker.Localizer) string {
	text := strings.TrimSpace(localize(r.Id))
	if text == "" || text == r.Id {
		return strings.ReplaceAll(r.Id, "-", " ")
	}
	for _, verb := range []string{"s", "d", "v", "q"} {
		text = strings.ReplaceAll(text, "%!"+verb+"(MISSING)", "…")
	}
	return text
}

// consequence says what a change does to those on the other side.
func consequence(r checker.BackwardCompatibilityRule) string {
	switch {
	case r.Direction == checker.DirectionRequest && r.Effect == checker.EffectNarrows:
		return "The server accepts less than before. "
	case r.Direction == checker.DirectionRequest && r.Effect == checker.EffectWidens:
		return "The server accepts more than before. "
	case r.Direction == checker.DirectionRequest && r.Effect == checker.EffectIncomparable:
		return "The server accepts something else than before. "
	case r.Direction == checker.DirectionResponse && r.Effect == checker.EffectNarrows:
		return "The server promises more of its responses than before. "
	case r.Direction == checker.DirectionResponse && r.Effect == checker.EffectWidens:
		return "The server may send what callers have never met, or leave out what they rely on. "
	case r.Direction == checker.DirectionResponse && r.Effect == checker.EffectIncomparable:
		return "The server sends something else than before. "
	}
	return ""
}

// fixes say what to do instead, by the kind of the change.
var (
	requestFixes = map[checker.Kind]string{
		checker.KindExistence:    "Keep accepting what was there and mark it deprecated; make what is new optional.",
		checker.KindRequiredness: "Make it optional, and let leaving it out mean what it meant.",
		checker.KindConstraints:  "Keep the old bounds for old requests, or put the stricter ones on a new parameter, property or path.",
		checker.KindValues:       "Keep accepting the old values beside the new ones.",
		checker.KindType:         "Keep accepting the old type, and add a parameter or property of the new type beside it.",
	}
	responseFixes = map[checker.Kind]string{
		checker.KindExistence:    "Keep sending what was there and mark it deprecated; send what is new beside it.",
		checker.KindRequiredness: "Keep sending it always.",
		checker.KindConstraints:  "Keep within the old bounds, or send what goes beyond them in a new property.",
		checker.KindValues:       "Send only the old values here, and new ones in a new property or under a new path such as /v2.",
		checker.KindType:         "Keep the old type, and send the new one in a new property beside it.",
	}
)

// fix says how to keep the promise.
func fix(r checker.BackwardCompatibilityRule) string {
	switch {
	case r.Id == checker.APIOperationIdRemovedId:
		return "Keep the operation id: clients are generated from it."
	case r.Area == checker.AreaPaths && r.Kind == checker.KindExistence:
		return "Keep the operation and mark it deprecated, or release the change under a new path such as /v2."
	case r.Area == checker.AreaSecurity:
		return "Accept the old credentials beside the new ones."
	case r.Direction == checker.DirectionRequest && requestFixes[r.Kind] != "":
		return requestFixes[r.Kind]
	case r.Direction == checker.DirectionRequest:
		return "Keep accepting the old requests: make what is new optional, and do not tighten what is there."
	case r.Direction == checker.DirectionResponse && responseFixes[r.Kind] != "":
		return responseFixes[r.Kind]
	case r.Direction == checker.DirectionResponse:
		return "Keep the old promise beside the new one, or release the change under a new path such as /v2."
	}
	return "Keep the old contract working, or release the change under a new path such as /v2."
}

// described returns the catalogue's entry of a change that the library finds.
func described(r checker.BackwardCompatibilityRule, worst checker.Level, localize checker.Localizer) finding.Rule {
	rule := finding.Rule{
		ID: r.Id, Level: level(worst), Title: title(r, localize),
		Why: consequence(r) + "It breaks " + affected(r) + ".", Fix: fix(r),
	}
	if worst < checker.WARN {
		rule.Why, rule.Fix = consequence(r)+"It breaks nobody.", "Nothing is to be done."
		if demands(r) {
			rule.Why, rule.Fix = consequence(r)+"It breaks no caller, and asks more of implementations than before.", newCase
		}
	}
	return rule
}
