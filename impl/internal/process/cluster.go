package process

import (
	"context"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"
)

// agreeMax is how long the nodes of a cluster may take to agree on a slot's owner.
const agreeMax = 20 * time.Second

// GiveSlot gives a slot of a cluster, whose keys have moved already, to a node, and waits
// until all of the others agree; from is its owner up to now. Where a heartbeat of that one
// crosses what the nodes are told, they go on disagreeing: so it is said again until they
// do not. One slot is to be given at a time.
func GiveSlot(ctx context.Context, slot int64, to, from redis.UniversalClient, others ...redis.UniversalClient) error {
	owner, err := to.Do(ctx, "CLUSTER", "MYID").Text()
	if err != nil {
		return err
	}
	deadline := time.Now().Add(agreeMax)
	for agreed := 0; agreed < 3; time.Sleep(20 * time.Millisecond) {
		agreed++
		for _, node := range append([]redis.UniversalClient{to, from}, others...) {
			seen, err := ownerOf(ctx, slot, node)
			if err == nil && seen != owner {
				agreed = 0
				err = node.Do(ctx, "CLUSTER", "SETSLOT", slot, "NODE", owner).Err()
			}
			if err != nil {
				return err
			}
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("the nodes do not agree that slot %d has moved", slot)
		}
	}
	return nil
}

// ownerOf returns the name of the node to which a slot belongs, as a node sees it.
func ownerOf(ctx context.Context, slot int64, node redis.UniversalClient) (string, error) {
	ranges, err := node.ClusterSlots(ctx).Result()
	if err != nil {
		return "", err
	}
	for _, r := range ranges {
		if int64(r.Start) <= slot && slot <= int64(r.End) && len(r.Nodes) > 0 {
			return r.Nodes[0].ID, nil
		}
	}
	return "", nil
}
