package redisstore

import (
	"context"
	"crypto/sha1" // Redis names scripts by their SHA-1
	"embed"
	"encoding/hex"
	"fmt"

	"github.com/redis/go-redis/v9"
)

//go:embed scripts/*.lua
var scriptFiles embed.FS

// The scripts, one for each atomic operation. Each file begins with what it
// takes, returns and costs.
var (
	authorizeScript = loadScript("authorize")
	deleteScript    = loadScript("delete")
	enlistScript    = loadScript("enlist")
	getScript       = loadScript("get")
	listScript      = loadScript("list")
	lookUpKeyScript = loadScript("look_up_key")
	putEventScript  = loadScript("put_event")
	putKeyScript    = loadScript("put_key")
	putSaveScript   = loadScript("put_save")
	putTrackScript  = loadScript("put_track")
	revokeKeyScript = loadScript("revoke_key")
	skimScript      = loadScript("skim")
	unsaveScript    = loadScript("unsave")
)

// What a script says first.
const (
	codeOK         = "OK"
	codeNoKey      = "NO_KEY"
	codeNotFound   = "NOT_FOUND"
	codeNotCreator = "NOT_CREATOR"
	codeBehind     = "BEHIND"
	codeExists     = "EXISTS"
	codeGap        = "GAP"
)

// script is the source of a Lua script and the name that Redis knows it by.
type script struct {
	name   string
	source string
	sha    string
}

func loadScript(name string) *script {
	source, err := scriptFiles.ReadFile("scripts/" + name + ".lua")
	if err != nil {
		panic(err) // the files are part of the binary
	}
	sum := sha1.Sum(source)
	return &script{name, string(source), hex.EncodeToString(sum[:])}
}

// invocation is one call of a script.
type invocation struct {
	script *script
	keys   []string
	args   []any
}

// command returns the Redis command that runs the script: by name, or with
// its source, which also teaches the server the name.
func (i invocation) command(ctx context.Context, withSource bool) onceCmd {
	words := make([]any, 0, 3+len(i.keys)+len(i.args))
	if withSource {
		words = append(words, "eval", i.script.source)
	} else {
		words = append(words, "evalsha", i.script.sha)
	}
	words = append(words, len(i.keys))
	for _, k := range i.keys {
		words = append(words, k)
	}
	return onceCmd{redis.NewCmd(ctx, append(words, i.args...)...)}
}

// onceCmd is a command that the client library must not send again by itself
// after a lost reply, nor a pipeline that holds it: by default it would run a
// script up to four times.
type onceCmd struct{ *redis.Cmd }

// NoRetry implements [redis.Cmder].
func (onceCmd) NoRetry() bool { return true }

// answer is what a script returned: its code, and what follows it.
type answer struct {
	code string
	rest []any
}

func (i invocation) answer(reply any) (answer, error) {
	values, ok := reply.([]any)
	if !ok || len(values) == 0 {
		return answer{}, fmt.Errorf("script %s: unexpected reply %T", i.script.name, reply)
	}
	code, ok := values[0].(string)
	if !ok {
		return answer{}, fmt.Errorf("script %s: unexpected code %T", i.script.name, values[0])
	}
	return answer{code, values[1:]}, nil
}

// unexpected is the error for an answer that the script's header does not
// promise.
func (i invocation) unexpected(a answer) error {
	return fmt.Errorf("script %s: unexpected answer %q with %d values", i.script.name, a.code, len(a.rest))
}
