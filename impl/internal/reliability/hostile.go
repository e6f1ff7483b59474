package main

import "context"

// hostility is callers who mean no good.
type hostility struct {
	name, done string
	quick      bool
	play       func(context.Context, settings) row
}

func hostilities() []hostility { return nil }
