package registry

import (
	"context"
	"slices"

	"github.com/redis/go-redis/v9"

	"github.com/seed-5ec2a705/mtrack/impl/redisstore/internal/lua"
	"github.com/seed-5ec2a705/mtrack/impl/redisstore/internal/schema"
	"github.com/seed-5ec2a705/mtrack/impl/redisstore/internal/scripts"
)

// commandsMax is how many commands the registry sends at once: enough for the
// network not to matter, few enough not to hold up requests.
const commandsMax = 1024

// database is the Redis that a registry works on.
type database struct {
	client redis.UniversalClient
	keys   schema.Keyspace
	runner *lua.Runner
}

// send sends the commands, in pipelines, in their order. A missing key is no
// error; the command has it.
func (db *database) send(ctx context.Context, all commands) error {
	for chunk := range slices.Chunk(all, commandsMax) {
		if err := lua.Again(ctx, func() error {
			sent, err := db.client.Pipelined(ctx, func(p redis.Pipeliner) error {
				for _, queue := range chunk {
					queue(p)
				}
				return nil
			})
			for _, c := range sent {
				if c.Err() != nil && c.Err() != redis.Nil {
					return c.Err()
				}
			}
			if err == redis.Nil {
				return nil
			}
			return err
		}, lua.Pauses...); err != nil {
			return err
		}
	}
	return nil
}

// run runs calls of scripts, in their order. It fails with errChanged where one
// finds something else than what it was planned for.
func (db *database) run(ctx context.Context, calls []lua.Call) error {
	replies, err := db.runner.DoInOrder(ctx, calls)
	if err != nil {
		return err
	}
	for _, reply := range replies {
		switch reply.Code {
		case scripts.OK:
		case scripts.Changed:
			return errChanged
		default:
			return reply.Unexpected()
		}
	}
	return nil
}

// commands are single commands that may be repeated: reads, and writes of what
// is not there yet. Each is a function that queues it.
type commands []func(redis.Pipeliner)

// each adds a command for every item, and returns where the commands will stand
// once they are sent, in the items' order.
func each[T any, C redis.Cmder](c *commands, items []T, command func(redis.Pipeliner, T) C) []C {
	sent := make([]C, len(items))
	for i, item := range items {
		*c = append(*c, func(p redis.Pipeliner) { sent[i] = command(p, item) })
	}
	return sent
}

// one sends a single command and returns it.
func one[C redis.Cmder](ctx context.Context, db *database, command func(redis.Pipeliner) C) (C, error) {
	var sent C
	err := db.send(ctx, commands{func(p redis.Pipeliner) { sent = command(p) }})
	return sent, err
}
