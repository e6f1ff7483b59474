// Command mtrack-spec keeps an OpenAPI 3.0 contract right: it checks the document,
// compares two versions of it, traces the documentation page of this project
// through contract and conformance cases, and tells what a conformance run really
// exercised. `mtrack-spec help` shows how.
package main

import "os"

func main() { os.Exit(program().Main()) }
