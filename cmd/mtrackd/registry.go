package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/seed-5ec2a705/mtrack/cmd/internal/command"
	"github.com/seed-5ec2a705/mtrack/cmd/mtrackd/internal/reach"
	"github.com/seed-5ec2a705/mtrack/impl/record"
	"github.com/seed-5ec2a705/mtrack/impl/redisstore/redisurl"
	"github.com/seed-5ec2a705/mtrack/impl/redisstore/registry"
	"github.com/seed-5ec2a705/mtrack/impl/track"
)

// errReported is the failure of a command that has said on stderr why.
const errReported = command.Status(exitFailed)

// registryFlags are the flags of the commands that look after what is stored.
type registryFlags struct {
	url  string
	wait time.Duration
}

// registryFlag defines them.
func registryFlag(flags *command.FlagSet) *registryFlags {
	var r registryFlags
	flags.StringVar(&r.url, "redis", "", "`URL` of Redis: redis://[[USER]:PASSWORD@]HOST[:PORT][/DB], rediss:// for TLS,\n"+
		"unix:///PATH, redis+cluster:// or redis+sentinel://; needed")
	waitFlag(flags, &r.wait)
	return &r
}

// waitFlag defines the flag that says how long to wait for Redis.
func waitFlag(flags *command.FlagSet, wait *time.Duration) {
	flags.DurationVar(wait, "wait-for-redis", 0, "`TIME` for which to wait at the start until Redis can be reached and has loaded its data;\n"+
		"default: it must be there")
}

// checkWait refuses what that flag cannot mean.
func checkWait(wait time.Duration) error {
	if wait < 0 {
		return errors.New("--wait-for-redis: want nothing or more")
	}
	return nil
}

// withRegistry runs work on the registry in the Redis that the flags name.
func withRegistry(ctx context.Context, env command.Environment, flags *registryFlags, work func(record.Registry) error) error {
	if flags.url == "" {
		return command.Misused("--redis is needed: the URL of the Redis to work on, such as redis://127.0.0.1:6379")
	}
	if err := checkWait(flags.wait); err != nil {
		return command.Misused("%v", err)
	}
	client, err := redisurl.Open(flags.url)
	if err != nil {
		return command.Misused("--redis: %v", err)
	}
	defer client.Close()
	if err := (reach.Redis{Client: client, URL: flags.url}).Wait(ctx, flags.wait, func(reason error) {
		fmt.Fprintf(env.Stderr, "waiting: %v\n", reason)
	}); err != nil {
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
