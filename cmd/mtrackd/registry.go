package main

import (
	"context"
	"fmt"
	"io"

	"github.com/seed-5ec2a705/mtrack/cmd/internal/command"
	"github.com/seed-5ec2a705/mtrack/impl/record"
	"github.com/seed-5ec2a705/mtrack/impl/redisstore/redisurl"
	"github.com/seed-5ec2a705/mtrack/impl/redisstore/registry"
	"github.com/seed-5ec2a705/mtrack/impl/track"
)

// errReported is the failure of a command that has said on stderr why.
const errReported = command.Status(exitFailed)

// registryFlag is the flag of the commands that look after what is stored.
func registryFlag(flags *command.FlagSet) *string {
	return flags.String("redis", "", "`URL` of Redis: redis://[[USER]:PASSWORD@]HOST[:PORT][/DB], rediss:// for TLS,\n"+
		"unix:///PATH, redis+cluster:// or redis+sentinel://; needed")
}

// withRegistry runs work on the registry in the Redis at a URL.
func withRegistry(ctx context.Context, url string, work func(record.Registry) error) error {
	if url == "" {
		return command.Misused("--redis is needed: the URL of the Redis to work on, such as redis://127.0.0.1:6379")
	}
	client, err := redisurl.OpenPatient(url)
	if err != nil {
		return command.Misused("--redis: %v", err)
	}
	defer client.Close()
	if err := checkRedis(ctx, client, url); err != nil {
		return err
	}
	return withHint(work(registry.New(client)))
}

// withHint says of an error of the store what to try.
func withHint(err error) error {
	if track.CodeOf(err) == track.Unavailable {
		return fmt.Errorf("the Redis does not answer as it should: %w; try again when it does", err)
	}
	return err
}

// writeAll writes text to w, to report what could not be written.
func writeAll(w io.Writer, text string) error {
	if _, err := io.WriteString(w, text); err != nil {
		return fmt.Errorf("cannot write the output: %w", err)
	}
	return nil
}
