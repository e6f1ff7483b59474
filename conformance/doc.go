// Package conformance checks over HTTP whether an implementation of the contract (package openapi),
// in any language, keeps it, and says what exactly it breaks.
//
// A run needs a [Target]: where the implementation listens, and a provisioner that puts it into
// known states (package provision). [Run] runs the cases of the suite and returns a report (package
// report):
//
//	provisioner, err := provision.HTTP("http://127.0.0.1:8081", 0, nil)
//	…
//	target := conformance.Target{URL: "http://127.0.0.1:8080", Provisioner: provisioner}
//	result, err := conformance.Run(ctx, target)
//	…
//	result.WriteText(os.Stdout, report.TextOptions{})
//
// [NewRunner] is for those who run the cases one by one, as package conformancetest does for go
// test. [Cases] and [Select] list the cases; package requirement has what they prove.
//
// Case ids, requirement ids and the JSON form of reports are stable.
//
// This package is the front door: it imports the rooms behind it and is imported by commands and
// tests. It links neither the generated code nor the reference implementation, so that a fault of
// theirs cannot hide itself, and speaks HTTP/1 itself, so that it can send what no HTTP library
// would.
package conformance
