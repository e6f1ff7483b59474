// Command mtrackd serves the music track API over Redis, and looks after what
// is stored there. "mtrackd help" tells how.
package main

import (
	"log/slog"
	"os"

	"github.com/seed-5ec2a705/mtrack/impl/redisstore/redisurl"
)

func main() {
	// What the Redis library reports by itself comes back as the error of a
	// call too, and that is where it is told.
	redisurl.LogClient(slog.New(slog.DiscardHandler))
	os.Exit(program().Main())
}
