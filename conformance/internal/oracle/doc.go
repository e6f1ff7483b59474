// Package oracle knows what is true of a scene, and compares a target with that: [Model] is the
// contract in small, [World] a scene with what was done to it, [Refusal] a request that must change
// nothing, and [Race] requests at the same time. [Succeeds], [RefusesAll], [HistoryOnly] and
// [Listed] make the Run of a case of them.
//
// The cases and package explore call it. It imports expect, suite, provision, requirement and wire.
package oracle
