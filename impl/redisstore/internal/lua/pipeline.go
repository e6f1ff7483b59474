package lua

import (
	"context"

	"github.com/redis/go-redis/v9"
)

// pipeline sends calls at once, each as the command that form makes of it, and
// returns the commands with their replies or errors.
func pipeline(ctx context.Context, client redis.UniversalClient, calls []Call, form func(Call, context.Context) singleCommand) []singleCommand {
	commands := make([]singleCommand, len(calls))
	if len(calls) == 1 {
		commands[0] = form(calls[0], ctx)
		client.Process(ctx, commands[0]) // the command holds the error
		return commands
	}
	p := client.Pipeline()
	for i, c := range calls {
		commands[i] = form(c, ctx)
		p.Process(ctx, commands[i]) // queues; never fails
	}
	if _, err := p.Exec(ctx); err != nil {
		// Each command holds its own error, unless Redis itself refused the connection (another
		// password, loading, too many clients): that the library says here alone. No script replies
		// with nothing.
		for _, c := range commands {
			if c.Err() == nil && c.Val() == nil {
				c.SetErr(err)
			}
		}
	}
	return commands
}
