// Command mtrack-conformance checks an implementation of the music track API.
package main

import "os"

func main() { os.Exit(program().Main()) }
