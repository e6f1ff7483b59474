// Command ogen uses the client that ogen makes.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/ogen-go/ogen/ogenerrors"

	"clients/ogen/music"
)

func main() {
	if err := run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println("UnauthenticatedEnvelope, NotCreatorEnvelope, TrackNotFoundEnvelope, OrganizationNotFoundEnvelope, InvalidParameterEnvelope")
}

// key is the API key of a caller.
type key string

func (k key) ApiKey(context.Context, music.OperationName) (music.ApiKey, error) {
	return music.ApiKey{APIKey: string(k)}, nil
}

func (k key) BearerKey(context.Context, music.OperationName) (music.BearerKey, error) {
	return music.BearerKey{}, ogenerrors.ErrSkipClientSecurity
}

func run(ctx context.Context) error {
	organization, track := os.Getenv("ORGANIZATION"), os.Getenv("TRACK")
	as := func(k string) *music.Client {
		client, err := music.NewClient(os.Getenv("MTRACK_URL"), key(k))
		if err != nil {
			panic(err)
		}
		return client
	}
	creator, saver := as(os.Getenv("CREATOR_KEY")), as(os.Getenv("SAVER_KEY"))
	song := music.DeleteTrackParams{OrganizationID: organization, TrackID: track}

	list, err := creator.ListSavedTracks(ctx, music.ListSavedTracksParams{OrganizationID: organization})
	if page, ok := list.(*music.TrackPageHeaders); !ok || len(page.Response.Items) != 1 || page.Response.Items[0].ID != track ||
		!page.Response.Items[0].PlaybackURL.IsNull() {
		return fmt.Errorf("list: %+v, %v", list, err)
	}
	got, err := creator.GetTrack(ctx, music.GetTrackParams{OrganizationID: organization, TrackID: track})
	if shown, ok := got.(*music.TrackHeaders); !ok || shown.Response.PlaybackURL.Host == "" {
		return fmt.Errorf("get: %+v, %v", got, err)
	}

	refused, err := as("wrong").DeleteTrack(ctx, song)
	if e, ok := refused.(*music.UnauthenticatedHeaders); !ok || e.Response.Error.Code != music.UnauthenticatedCodeAUTHENTICATIONREQUIRED {
		return fmt.Errorf("401: %+v, %v", refused, err)
	}
	refused, err = saver.DeleteTrack(ctx, song)
	if e, ok := refused.(*music.NotCreatorHeaders); !ok || e.Response.Error.Details.TrackID != track {
		return fmt.Errorf("403: %+v, %v", refused, err)
	}
	refused, err = creator.DeleteTrack(ctx, music.DeleteTrackParams{OrganizationID: organization, TrackID: "mtrack_none"})
	if e, ok := refused.(*music.TrackNotFoundHeaders); !ok || e.Response.Error.Details.TrackID != "mtrack_none" {
		return fmt.Errorf("404: %+v, %v", refused, err)
	}
	list, err = creator.ListSavedTracks(ctx, music.ListSavedTracksParams{OrganizationID: "org_none"})
	if e, ok := list.(*music.OrganizationNotFoundHeaders); !ok || e.Response.Error.Status != 404 {
		return fmt.Errorf("404 of the list: %+v, %v", list, err)
	}
	list, err = creator.ListSavedTracks(ctx, music.ListSavedTracksParams{OrganizationID: organization, Limit: music.NewOptInt32(0)})
	if e, ok := list.(*music.InvalidParameterHeaders); !ok || e.Response.Error.Details.Parameter.Value != "limit" {
		return fmt.Errorf("422: %+v, %v", list, err)
	}

	deleted, err := creator.DeleteTrack(ctx, song)
	if done, ok := deleted.(*music.DeletedHeaders); !ok || !bool(done.Response.Success) || done.Response.ID != track {
		return fmt.Errorf("delete: %+v, %v", deleted, err)
	}
	return nil
}
