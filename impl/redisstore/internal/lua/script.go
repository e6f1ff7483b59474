// Package lua runs Lua scripts on Redis, each once: a script that may have run
// is not sent again by the client library, and where a reply is lost or long in
// coming the [Runner] repeats the script itself, which must recognize a
// repetition or bear it. Whatever goes wrong becomes an error of the domain here.
//
// The store's request path and its registry use it, and nobody else.
package lua

import (
	"context"
	"crypto/sha1" // Redis names scripts by their SHA-1
	"encoding/hex"
	"fmt"

	"github.com/redis/go-redis/v9"
)

// Script is the source of a Lua script and the name that Redis knows it by.
type Script struct {
	name   string
	source string
	sha    string
}

// NewScript returns the script with that source. Name is for errors.
func NewScript(name, source string) *Script {
	sum := sha1.Sum([]byte(source))
	return &Script{name, source, hex.EncodeToString(sum[:])}
}

// Call is a script with what it is to work on. The keys, of which there is at
// least one, lie in one slot.
type Call struct {
	Script *Script
	Keys   []string
	Args   []any
}

// byName returns the command that runs the call's script by its name.
func (c Call) byName(ctx context.Context) singleCommand {
	return c.command(ctx, "evalsha", &c.Script.sha)
}

// bySource returns the command that runs the call's script by its source,
// which also teaches the server its name.
func (c Call) bySource(ctx context.Context) singleCommand {
	return c.command(ctx, "eval", &c.Script.source)
}

// command takes pointers to texts, so that none is copied to the heap.
func (c Call) command(ctx context.Context, verb any, script *string) singleCommand {
	words := make([]any, 0, 3+len(c.Keys)+len(c.Args))
	words = append(words, verb, script, len(c.Keys))
	for i := range c.Keys {
		words = append(words, &c.Keys[i])
	}
	return singleCommand{redis.NewCmd(ctx, append(words, c.Args...)...)}
}

// reply reads what the script returned: its code, alone or at the head of a list.
func (c Call) reply(raw any) (Reply, error) {
	if code, ok := raw.(string); ok {
		return Reply{c.Script, Code(code), nil}, nil
	}
	values, ok := raw.([]any)
	if !ok || len(values) == 0 {
		return Reply{}, fmt.Errorf("script %s: unexpected reply %T", c.Script.name, raw)
	}
	code, ok := values[0].(string)
	if !ok {
		return Reply{}, fmt.Errorf("script %s: unexpected code %T", c.Script.name, values[0])
	}
	return Reply{c.Script, Code(code), values[1:]}, nil
}

// singleCommand is a command that the client library must not send again by itself
// after a lost reply, nor a pipeline that holds it: by default it would run a
// script up to four times.
type singleCommand struct{ *redis.Cmd }

// NoRetry implements [redis.Cmder].
func (singleCommand) NoRetry() bool { return true }

// Code is what a script says first.
type Code string

// Reply is what a script returned: its code, and what follows it.
type Reply struct {
	script *Script
	Code   Code
	Values []any
}

// Text returns the only value of a reply, which is a string.
func (r Reply) Text() (string, error) {
	if len(r.Values) == 1 {
		if s, ok := r.Values[0].(string); ok {
			return s, nil
		}
	}
	return "", r.Unexpected()
}

// Unexpected is the error for a reply that the script's header does not
// promise.
func (r Reply) Unexpected() error {
	return fmt.Errorf("script %s: unexpected reply %q with %d values", r.script.name, r.Code, len(r.Values))
}
