package redisstore_test

import (
	"context"
	"testing"
	"time"

	"github.com/seed-5ec2a705/mtrack/impl/embedded"
	"github.com/seed-5ec2a705/mtrack/impl/internal/redistest"
	"github.com/seed-5ec2a705/mtrack/impl/redisstore"
	"github.com/seed-5ec2a705/mtrack/impl/track"
)

func TestSmoke(t *testing.T) {
	e := embedded.Open()
	defer e.Close()
	s := redisstore.New(e.Client())
	defer s.Close()
	for name, s := range map[string]*redisstore.Store{"embedded": s, "redis": redistest.Start(t).Store(t)} {
		t.Run(name, func(t *testing.T) {
			ctx := context.Background()
			now := time.Now()
			title := "hé"
			dur := 3.5
			recs := []track.Record{
				{Organization: &track.OrganizationRecord{ID: "org_{1}", Name: "n"}},
				{User: &track.UserRecord{ID: "user_1", MemberOf: []track.OrganizationID{"org_{1}"}, Keys: []track.KeyRecord{{Secret: "k1"}}}},
				{User: &track.UserRecord{ID: "user_2", MemberOf: []track.OrganizationID{"org_{1}"}, Keys: []track.KeyRecord{{Secret: "k2"}}}},
				{Track: &track.TrackRecord{ID: "mtrack_1", Organization: "org_{1}", Creator: "user_1", Engine: "studio v1", Mode: "creation", Licence: "unclear", CreatedAt: now, Title: &title, Duration: &dur, Stems: []string{"a", "b"}}},
				{Event: &track.EventRecord{Organization: "org_{1}", Track: "mtrack_1", Seq: 1, Type: "track.created", At: now, Actor: "user_1"}},
				{Save: &track.SaveRecord{Organization: "org_{1}", Track: "mtrack_1", User: "user_1", SavedAt: now}},
				{Save: &track.SaveRecord{Organization: "org_{1}", Track: "mtrack_1", User: "user_2", SavedAt: now}},
			}
			for range 2 {
				if err := s.Apply(ctx, recs); err != nil {
					t.Fatal(err)
				}
			}
			c1 := track.Caller{Key: track.NewKey("k1"), Request: "r1"}
			c2 := track.Caller{Key: track.NewKey("k2"), Request: "r2"}
			t.Log(s.Get(ctx, c1, "org_{1}", "mtrack_1"))
			eng := "studio v1"
			t.Log(s.ListSaved(ctx, c2, "org_{1}", track.Filter{Limit: 5, Engine: &eng}))
			t.Log(s.Export(ctx, func(r track.Record) error { return nil }))
			t.Log(s.Delete(ctx, c2, "org_{1}", "mtrack_1"), s.Delete(ctx, c1, "org_{1}", "mtrack_1"), s.Delete(ctx, c1, "org_{1}", "mtrack_1"))
			t.Log(s.History(ctx, "org_{1}", "mtrack_1"))
			t.Log(s.ListSaved(ctx, c2, "org_{1}", track.Filter{Limit: 5, Engine: &eng}))
			t.Log(s.ListSaved(ctx, track.Caller{}, "org_{1}", track.Filter{Limit: 5, Engine: &eng}))
		})
	}
}
