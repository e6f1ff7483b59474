package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/seed-5ec2a705/mtrack/impl/redisstore"
	"github.com/seed-5ec2a705/mtrack/impl/track"
)

// registryFlag is the flag of the commands that look after what is stored.
func registryFlag(f *flagSet) *string {
	return f.String("redis", "", "`URL` of Redis: redis://[[USER]:PASSWORD@]HOST[:PORT][/DB], rediss:// for TLS,\n"+
		"unix:///PATH, redis+cluster:// or redis+sentinel://; needed")
}

// withRegistry runs work on the registry in the Redis at a URL, and returns
// the exit status. Stderr is told what went wrong.
func withRegistry(ctx context.Context, f *flagSet, url string, work func(context.Context, track.Registry) error) int {
	if url == "" {
		return f.refuse("--redis is needed: the URL of the Redis to work on, such as redis://127.0.0.1:6379")
	}
	client, err := redisstore.OpenPatient(url)
	if err != nil {
		return f.refuse("--redis: " + err.Error())
	}
	defer client.Close()
	if err := checkRedis(ctx, client, url); err != nil {
		return f.fail(err)
	}
	store := redisstore.New(client, redisstore.WithoutSweeping())
	defer store.Close()
	if err := work(ctx, store); err != nil {
		return f.fail(err)
	}
	return exitOK
}

// errTold is the failure of a command that has told stderr already.
var errTold = errors.New("told")

// fail tells stderr why the command could not do its work. It returns the exit
// status.
func (f *flagSet) fail(err error) int {
	if errors.Is(err, errTold) {
		return exitFailed
	}
	text := err.Error()
	switch {
	case errors.Is(err, context.Canceled):
		text = "interrupted"
	case track.CodeOf(err) == track.Unavailable:
		text = "Redis does not answer as it should: " + text + "; try again when it does"
	}
	fmt.Fprintf(f.env.stderr, "mtrackd %s: %s\n", f.command, text)
	return exitFailed
}

// writeAll writes text to w, to report what could not be written.
func writeAll(w io.Writer, text string) error {
	if _, err := io.WriteString(w, text); err != nil {
		return fmt.Errorf("cannot write the output: %w", err)
	}
	return nil
}
