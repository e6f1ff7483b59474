// Package conformance tells for any implementation of the contract (package openapi), in any language, over HTTP, whether
// it keeps the contract, and what exactly it breaks.
//
// A run is a Target, which is where the implementation listens and how it is put into a known state (a Provisioner), and a
// list of cases. Each Case names the Requirement it proves, asks for a scene of its own, sends requests as several actors,
// and says what it expected. Run returns a Report, which WriteText, WriteJSON, WriteJUnit and WriteHTML show.
//
//	report, err := conformance.Run(ctx, conformance.Target{URL: "http://127.0.0.1:8080", Provisioner: provisioner})
//
// The core speaks HTTP/1 by itself, so that it can send what no HTTP library would, and imports neither the generated
// code nor the reference implementation: a fault of theirs cannot cancel out here.
//
// Case ids, requirement ids, flags, environment variables and the JSON report's schema are stable.
package conformance
