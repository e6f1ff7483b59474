package health

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/redis/go-redis/v9"
)

// slotCount is how many slots a Redis Cluster has.
const slotCount = 16384

// behindSentinels is what the client library has for the address of a server that
// it asks sentinels for.
const behindSentinels = "FailoverClient"

// master is a server that writes go to.
type master struct {
	client *redis.Client
	name   string // its address
	slots  slots  // that it serves in a cluster; nil outside of one
}

// slots are ranges, ends included.
type slots [][2]int

// forEachMaster calls look for every master, at once, and returns the outcomes
// in the order of the masters' names. It fails where it cannot be found out who
// they are.
func forEachMaster[T any](ctx context.Context, client redis.UniversalClient, look func(context.Context, master) T) ([]T, error) {
	switch c := client.(type) {
	case *redis.Client:
		name := c.Options().Addr
		if name == behindSentinels {
			name = "behind the sentinels"
		}
		return []T{look(ctx, master{client: c, name: name})}, nil
	case *redis.ClusterClient:
		var mu sync.Mutex
		outcomes := make(map[string]T)
		err := c.ForEachMaster(ctx, func(ctx context.Context, node *redis.Client) error {
			m := master{client: node, name: node.Options().Addr}
			outcome := look(ctx, m)
			mu.Lock()
			defer mu.Unlock()
			outcomes[m.name] = outcome
			return nil
		})
		if err != nil {
			return nil, err
		}
		names := make([]string, 0, len(outcomes))
		for name := range outcomes {
			names = append(names, name)
		}
		slices.Sort(names)
		list := make([]T, len(names))
		for i, name := range names {
			list[i] = outcomes[name]
		}
		return list, nil
	default:
		return nil, fmt.Errorf("a %T cannot be looked at", c)
	}
}

// readSlots asks a node of a cluster which slots it serves.
func (m *master) readSlots(ctx context.Context) error {
	nodes, err := m.client.ClusterNodes(ctx).Result()
	if err != nil {
		return err
	}
	m.slots, err = ownSlots(nodes)
	return err
}

// ownSlots reads the slots of the node that wrote a list of nodes. What is in
// brackets is on its way from or to another node.
func ownSlots(nodes string) (slots, error) {
	for line := range strings.Lines(nodes) {
		words := strings.Fields(line)
		if len(words) < 8 || !slices.Contains(strings.Split(words[2], ","), "myself") {
			continue
		}
		own := slots{}
		for _, word := range words[8:] {
			if strings.HasPrefix(word, "[") {
				continue
			}
			from, to, isRange := strings.Cut(word, "-")
			if !isRange {
				to = from
			}
			first, err1 := strconv.Atoi(from)
			last, err2 := strconv.Atoi(to)
			if err1 != nil || err2 != nil {
				return nil, fmt.Errorf("unexpected slots %q", word)
			}
			own = append(own, [2]int{first, last})
		}
		return own, nil
	}
	return nil, fmt.Errorf("the node is not in its own list of nodes")
}

// count returns how many slots there are.
func (s slots) count() int {
	n := 0
	for _, r := range s {
		n += r[1] - r[0] + 1
	}
	return n
}

// tag returns a hash tag in one of the slots, always the same one; there is at
// least one slot.
func (s slots) tag() string {
	for n := 0; ; n++ {
		tag := strconv.Itoa(n)
		slot := int(crc16(tag)) % slotCount
		for _, r := range s {
			if r[0] <= slot && slot <= r[1] {
				return tag
			}
		}
	}
}

// crc16 is the checksum that finds the slot of a hash tag (CRC-16/XMODEM).
func crc16(tag string) uint16 {
	var crc uint16
	for _, b := range []byte(tag) {
		crc ^= uint16(b) << 8
		for range 8 {
			if crc&0x8000 != 0 {
				crc = crc<<1 ^ 0x1021
			} else {
				crc <<= 1
			}
		}
	}
	return crc
}
