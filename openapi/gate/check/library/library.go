// Package library is what kin-openapi's validator objects to in a document.
//
// It gives its errors a place, and leaves out what it gets wrong. Which rule an
// objection belongs to is decided by package check, the only one that imports this.
package library

import (
	"github.com/seed-5ec2a705/mtrack/openapi/gate/finding"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/source"
)

// Objection is something that the validator finds wrong.
type Objection struct {
	// Code is its name of the fault, or "".
	Code     string
	Position finding.Position
	Pointer  string
	Message  string
}

// guard calls the validator, which promises nothing about hostile input: a panic of it
// is an objection, and does not hide what else is found.
func guard(doc *source.Document, into *[]Objection, call func()) {
	defer func() {
		if recover() != nil {
			at := finding.Position{File: doc.Root.Display, Line: 1, Column: 1}
			*into = append(*into, Objection{Position: at, Message: "the OpenAPI library cannot work with this document"})
		}
	}()
	call()
}
