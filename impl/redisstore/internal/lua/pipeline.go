package redisstore

import (
	"context"
	"strings"

	"github.com/redis/go-redis/v9"
)

// pipelineMax is how many commands the registry sends at once: enough for
// the network not to matter, few enough not to hold up requests.
const pipelineMax = 256

// readAll sends one command for each item, in pipelines, and returns the
// commands in the items' order. A missing key is no error.
func readAll[T any, C redis.Cmder](ctx context.Context, client redis.UniversalClient, items []T, read func(redis.Pipeliner, T) C) ([]C, error) {
	commands := make([]C, 0, len(items))
	for start := 0; start < len(items); start += pipelineMax {
		chunk := items[start:min(start+pipelineMax, len(items))]
		send := func() ([]C, error) {
			sent := make([]C, len(chunk))
			_, err := client.Pipelined(ctx, func(p redis.Pipeliner) error {
				for i, item := range chunk {
					sent[i] = read(p, item)
				}
				return nil
			})
			if err == redis.Nil {
				err = nil
			}
			return sent, err
		}
		sent, err := send()
		if err != nil && replyLost(err) && ctx.Err() == nil {
			sent, err = send()
		}
		if err != nil {
			return nil, failure(err)
		}
		for _, c := range sent {
			if err := c.Err(); err != nil && err != redis.Nil {
				return nil, failure(err)
			}
		}
		commands = append(commands, sent...)
	}
	return commands, nil
}

// runAll runs scripts in their order, in pipelines, and returns their answers.
// It stops at the first pipeline in which one fails. The scripts must bear
// being run again.
func (s *Store) runAll(ctx context.Context, runs []invocation) ([]answer, error) {
	answers := make([]answer, 0, len(runs))
	for start := 0; start < len(runs); start += pipelineMax {
		chunk := runs[start:min(start+pipelineMax, len(runs))]
		replies, err := s.runChunk(ctx, chunk)
		if err != nil && replyLost(err) && ctx.Err() == nil {
			replies, err = s.runChunk(ctx, chunk)
		}
		if err != nil {
			return nil, failure(err)
		}
		for i, reply := range replies {
			a, err := chunk[i].answer(reply)
			if err != nil {
				return nil, err
			}
			answers = append(answers, a)
		}
	}
	return answers, nil
}

// runChunk runs one pipeline. The order of the scripts matters, so none may be
// unknown to the server while a later one is known, as when somebody else
// teaches it in between: the first run of each script on each node brings its
// source along.
func (s *Store) runChunk(ctx context.Context, chunk []invocation) ([]any, error) {
	type place struct {
		script *script
		tag    string // what has the same hash tag is on the same node
	}
	taught := map[place]bool{}
	first := make([]bool, len(chunk))
	calls := make([]*call, len(chunk))
	for i, run := range chunk {
		calls[i] = &call{invocation: run}
		at := place{run.script, hashTag(run.keys[0])}
		first[i], taught[at] = !taught[at], true
	}
	return results(runPipeline(ctx, s.client, calls, func(i int) bool { return first[i] }))
}

// hashTag returns the part of a key that decides its slot.
func hashTag(key string) string {
	if _, behind, ok := strings.Cut(key, "{"); ok {
		if tag, _, ok := strings.Cut(behind, "}"); ok && tag != "" {
			return tag
		}
	}
	return key
}

// results returns the replies of commands, or the first error among them.
func results(commands []onceCmd) ([]any, error) {
	replies := make([]any, len(commands))
	for i, c := range commands {
		reply, err := c.Result()
		if err != nil {
			return nil, err
		}
		replies[i] = reply
	}
	return replies, nil
}
