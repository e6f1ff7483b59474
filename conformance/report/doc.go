// Package report is what a run of the suite found: a [Report] of [Case]s with their [Outcome]s, its
// [Verdict], and its forms as text, JSON, JUnit XML and HTML.
//
// Package conformance returns reports; whoever gets one, or reads one with [Read], may use it. Keys
// are redacted in all of it. It imports provision and requirement for the types in a report.
package report
