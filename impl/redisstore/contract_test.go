package redisstore_test

import (
	"testing"

	"github.com/seed-5ec2a705/mtrack/impl/internal/redistest"
	"github.com/seed-5ec2a705/mtrack/impl/record"
	"github.com/seed-5ec2a705/mtrack/impl/track"
	"github.com/seed-5ec2a705/mtrack/impl/track/tracktest"
)

func TestContract(t *testing.T) {
	server := redistest.Start(t)
	tracktest.Run(t, func(t *testing.T) (track.Store, record.Registry) {
		store := server.Store(t)
		return store, store
	})
}
