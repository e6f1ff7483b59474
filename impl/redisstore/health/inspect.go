package health

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/redis/go-redis/v9"
)

// demand is what the store expects of its Redis.
type demand struct {
	replicas int  // that deletes wait for
	failover bool // a replica may take over by itself: behind sentinels, and in a cluster
}

// Report is what [Inspect] found.
type Report struct {
	Risks []Finding // by which acknowledged writes may be lost
	Notes []Finding // what is to be known, though it is common and bounded
	// Unknown are the settings that a server does not tell, as some that are
	// managed for their users do not.
	Unknown []Unknown
}

// Unknown is a setting that a server does not tell.
type Unknown struct{ Setting, Server string }

// inspection is what was found of one master.
type inspection struct {
	risks, notes []Finding
	unknown      []Unknown
	err          error
}

// Inspect looks at how every master is set up, for a store whose deletes wait for
// so many replicas. It only reads, and needs no more than INFO; CONFIG GET tells
// more. An error says that a master was not reached or tells nothing; the report
// holds what the others told.
func Inspect(ctx context.Context, client redis.UniversalClient, replicas int) (Report, error) {
	want := demand{replicas: replicas}
	switch c := client.(type) {
	case *redis.Client:
		want.failover = c.Options().Addr == behindSentinels
	case *redis.ClusterClient:
		want.failover = true
	}
	return inspect(ctx, client, want)
}

func inspect(ctx context.Context, client redis.UniversalClient, want demand) (Report, error) {
	found, err := forEachMaster(ctx, client, func(ctx context.Context, m master) inspection {
		s, err := readSettings(ctx, m.client)
		if err != nil {
			return inspection{err: fmt.Errorf("redis %s: %w", m.name, err)}
		}
		risks, notes, unknown := s.judge(m.name, want)
		i := inspection{risks: risks, notes: notes}
		for _, setting := range unknown {
			i.unknown = append(i.unknown, Unknown{setting, m.name})
		}
		return i
	})
	if err != nil {
		return Report{}, err
	}
	var r Report
	var errs []error
	for _, i := range found {
		r.Risks = append(r.Risks, i.risks...)
		r.Notes = append(r.Notes, i.notes...)
		r.Unknown = append(r.Unknown, i.unknown...)
		errs = append(errs, i.err)
	}
	return r, errors.Join(errs...)
}

// settings are what INFO and CONFIG GET tell of a server, by their own names.
type settings map[string]string

// configured are the settings that INFO does not tell.
var configured = []string{"appendfsync", "no-appendfsync-on-rewrite"}

// readSettings asks a server. That it does not let us see its configuration is no
// error.
func readSettings(ctx context.Context, client *redis.Client) (settings, error) {
	p := client.Pipeline()
	info := p.Info(ctx)
	var config []*redis.MapStringStringCmd
	for _, name := range configured { // one by one: older servers take no more
		config = append(config, p.ConfigGet(ctx, name))
	}
	p.Exec(ctx) // each command holds its own error
	text, err := info.Result()
	if err != nil {
		return nil, err
	}
	s := settings{}
	for line := range strings.Lines(text) {
		if name, value, ok := strings.Cut(strings.TrimSpace(line), ":"); ok {
			s[name] = value
		}
	}
	for _, c := range config {
		for name, value := range c.Val() {
			s[name] = value
		}
	}
	return s, nil
}
