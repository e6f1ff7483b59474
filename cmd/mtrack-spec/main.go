// Command mtrack-spec guards OpenAPI 3.0 contracts: it checks the document,
// compares two versions of it, traces the documentation page of this project
// through contract and conformance cases, and shows what a conformance run
// exercised. `mtrack-spec help` shows how. Packages openapi/gate and conformance/chain
// do the work; here are flags and exit statuses.
package main

import "os"

func main() { os.Exit(program().Main()) }
