package redisstore

import (
	"context"
	"sync"

	"github.com/redis/go-redis/v9"
)

// lanes runs scripts through one batcher for each node of a cluster: a
// pipeline ends when its slowest node has answered, and a node that is down or
// hangs must not hold up what the others have to do. A single server has a
// single lane. It may be used concurrently.
type lanes struct {
	client redis.UniversalClient
	name   func(ctx context.Context, key string) string // of the lane for a key

	mu     sync.RWMutex
	byName map[string]*batcher
	closed bool
}

func newLanes(client redis.UniversalClient) *lanes {
	l := &lanes{
		client: client,
		name:   func(context.Context, string) string { return "" },
		byName: make(map[string]*batcher),
	}
	if cluster, ok := client.(*redis.ClusterClient); ok {
		l.name = func(ctx context.Context, key string) string {
			master, err := cluster.MasterForKey(ctx, key)
			if err != nil {
				return "" // the call itself will tell what is wrong
			}
			return master.Options().Addr
		}
	}
	return l
}

// do runs a script, as [batcher.do] does.
func (l *lanes) do(ctx context.Context, i invocation) (any, error) {
	lane, err := l.lane(l.name(ctx, i.keys[0]))
	if err != nil {
		return nil, err
	}
	return lane.do(ctx, i)
}

// lane returns the lane of that name. Lanes of nodes that left the cluster stay:
// they are few and idle.
func (l *lanes) lane(name string) (*batcher, error) {
	l.mu.RLock()
	lane, closed := l.byName[name], l.closed
	l.mu.RUnlock()
	if closed {
		return nil, errClosed
	}
	if lane != nil {
		return lane, nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return nil, errClosed
	}
	if lane = l.byName[name]; lane == nil {
		lane = newBatcher(l.client)
		l.byName[name] = lane
	}
	return lane, nil
}

// close lets the calls that were sent finish; it fails the others.
func (l *lanes) close() {
	l.mu.Lock()
	l.closed = true
	l.mu.Unlock()
	for _, lane := range l.byName { // which no longer changes
		lane.close()
	}
}
