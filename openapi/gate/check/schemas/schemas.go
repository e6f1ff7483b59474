// Package schemas holds the rules of package check on schemas, and on the examples
// and defaults beside them: what can be judged without knowing which operation uses
// them. Only package check imports it.
package schemas

import "github.com/seed-5ec2a705/mtrack/openapi/gate/check/rule"

// Families returns the rules, in the order in which they are documented.
func Families() []rule.Family {
	return []rule.Family{examples, keywords, properties, enums, composition, discriminators}
}
