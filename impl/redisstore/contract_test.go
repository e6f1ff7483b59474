package redisstore_test

import (
	"testing"

	"github.com/seed-5ec2a705/mtrack/impl/internal/redistest"
	"github.com/seed-5ec2a705/mtrack/impl/record"
	"github.com/seed-5ec2a705/mtrack/impl/storetest"
	"github.com/seed-5ec2a705/mtrack/impl/track"
)

func TestContract(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	storetest.Run(t, func(t *testing.T) (track.Store, record.Registry) {
		return server.Store(t), server.Registry(t)
	})
}
