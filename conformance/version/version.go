// Package version says which edition of the conformance suite this module
// holds. It imports nothing, so that the reference server, which does not
// contain the suite, can say it too. Anybody may import it.
package version

// Suite is the version of the suite, by this rule, the first that applies:
//
//   - the first number grows when a case id is renamed or goes, or when flags,
//     exit statuses or the report's schema change in a way that others have to
//     follow;
//   - the second number grows when cases are added;
//   - the third number grows when cases judge differently without a change of
//     their ids.
//
// The numbers behind the one that grows become zero. The test of this package
// fails for a list of cases that has no version of its own yet, and says what
// to do.
const Suite = "2.6.0"

// Cases is the number of cases in that version.
const Cases = 267
