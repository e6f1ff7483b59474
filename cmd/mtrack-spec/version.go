package main

import "github.com/seed-5ec2a705/mtrack/cmd/internal/build"

// version returns what reports name as the version of this program.
func version() string { return build.Read().Version }
