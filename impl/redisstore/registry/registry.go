// Package registry implements record.Registry on Redis: imports and exports,
// the histories of tracks, users and their keys. It works on the same data as
// the store of package redisstore, beside whom it may be used at any time.
package registry

import (
	"context"

	"github.com/redis/go-redis/v9"

	"github.com/seed-5ec2a705/mtrack/impl/record"
	"github.com/seed-5ec2a705/mtrack/impl/redisstore/internal/lua"
	"github.com/seed-5ec2a705/mtrack/impl/redisstore/internal/schema"
	"github.com/seed-5ec2a705/mtrack/impl/track"
)

var _ record.Registry = (*Registry)(nil)

// Registry looks after what a store in Redis holds. Its methods may be called
// concurrently, also by several processes on the same Redis.
type Registry struct {
	client redis.UniversalClient
	keys   schema.Keyspace
	runner *lua.Runner
}

// Option changes how a [Registry] works.
type Option func(*Registry)

// WithPrefix sets what every key begins with, as the option of that name does
// for the store.
func WithPrefix(prefix string) Option {
	return func(r *Registry) { r.keys = schema.NewKeyspace(prefix) }
}

// New returns a registry on the client, which stays the caller's to close. Its
// calls carry a good deal of work each, so the client should be one of
// redisurl.OpenPatient.
func New(client redis.UniversalClient, options ...Option) *Registry {
	r := &Registry{client: client, keys: schema.NewKeyspace(schema.DefaultPrefix), runner: lua.NewRunner(client)}
	for _, option := range options {
		option(r)
	}
	return r
}

// History implements [record.Registry].
func (r *Registry) History(ctx context.Context, organization track.OrganizationID, id track.ID) ([]track.Event, error) {
	if organization.Validate() != nil || id.Validate() != nil {
		return nil, track.Refuse(track.NotFound) // nothing has such an id
	}
	fields, histories, err := r.readTracks(ctx, []trackRef{{schema.Encode(organization), schema.Encode(id)}})
	if err != nil {
		return nil, err
	}
	if len(fields[0]) == 0 {
		return nil, track.Refuse(track.NotFound)
	}
	return histories[0], nil
}
