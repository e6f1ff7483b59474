package conformance

import "github.com/seed-5ec2a705/mtrack/conformance/version"

// Version is the version of the suite; [version.Suite] has the rule by which it grows.
const Version = version.Suite
