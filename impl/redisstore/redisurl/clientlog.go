package redisurl

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/redis/go-redis/v9"
)

// LogClient sends what the Redis client library reports by itself, such as
// failed dials, to log at the debug level: whatever matters of it comes back
// as the error of a call too. Without it the library writes to standard error.
// The setting is the library's and holds for the whole process, so main calls
// this, once, before it opens a client.
func LogClient(log *slog.Logger) { redis.SetLogger(clientLog{log}) }

type clientLog struct{ log *slog.Logger }

// Printf implements the library's logger.
func (c clientLog) Printf(ctx context.Context, format string, values ...any) {
	c.log.DebugContext(ctx, "redis client: "+fmt.Sprintf(format, values...))
}
