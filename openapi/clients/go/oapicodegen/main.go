// Command oapicodegen uses the client that oapi-codegen makes.
package main

import (
	"context"
	"fmt"
	"net/http"
	"os"

	"clients/oapicodegen/music"
)

func main() {
	if err := run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println("UnauthenticatedEnvelope, NotCreatorEnvelope, TrackNotFoundEnvelope, OrganizationNotFoundEnvelope, InvalidParameterEnvelope")
}

func run(ctx context.Context) error {
	organization, track := os.Getenv("ORGANIZATION"), os.Getenv("TRACK")
	api, err := music.NewClientWithResponses(os.Getenv("MTRACK_URL"))
	if err != nil {
		return err
	}
	as := func(key string) music.RequestEditorFn {
		return func(_ context.Context, request *http.Request) error {
			request.Header.Set("X-API-Key", key)
			return nil
		}
	}
	creator, saver := as(os.Getenv("CREATOR_KEY")), as(os.Getenv("SAVER_KEY"))

	page, err := api.ListSavedTracksWithResponse(ctx, organization, nil, creator)
	if err != nil || page.JSON200 == nil || len(page.JSON200.Items) != 1 || page.JSON200.Items[0].ID != track || !page.JSON200.Items[0].PlaybackURL.IsNull() {
		return fmt.Errorf("list: %+v, %v", page, err)
	}
	got, err := api.GetTrackWithResponse(ctx, organization, track, creator)
	if err != nil || got.JSON200 == nil || got.JSON200.PlaybackURL == "" {
		return fmt.Errorf("get: %+v, %v", got, err)
	}

	refused, err := api.DeleteTrackWithResponse(ctx, organization, track, as("wrong"))
	if err != nil || refused.JSON401 == nil || refused.JSON401.Error.Code != music.UnauthenticatedCodeAUTHENTICATIONREQUIRED {
		return fmt.Errorf("401: %+v, %v", refused, err)
	}
	refused, err = api.DeleteTrackWithResponse(ctx, organization, track, saver)
	if err != nil || refused.JSON403 == nil || refused.JSON403.Error.Details.TrackID != track {
		return fmt.Errorf("403: %+v, %v", refused, err)
	}
	refused, err = api.DeleteTrackWithResponse(ctx, organization, "mtrack_none", creator)
	if err != nil || refused.JSON404 == nil || refused.JSON404.Error.Details.TrackID != "mtrack_none" {
		return fmt.Errorf("404: %+v, %v", refused, err)
	}
	stranger, err := api.ListSavedTracksWithResponse(ctx, "org_none", nil, creator)
	if err != nil || stranger.JSON404 == nil || stranger.JSON404.Error.Status != 404 {
		return fmt.Errorf("404 of the list: %+v, %v", stranger, err)
	}
	invalid, err := api.ListSavedTracksWithResponse(ctx, organization, &music.ListSavedTracksParams{Limit: new(int32(0))}, creator)
	if err != nil || invalid.JSON422 == nil || *invalid.JSON422.Error.Details.Parameter != "limit" {
		return fmt.Errorf("422: %+v, %v", invalid, err)
	}

	done, err := api.DeleteTrackWithResponse(ctx, organization, track, creator)
	if err != nil || done.JSON200 == nil || !bool(done.JSON200.Success) || done.JSON200.ID != track {
		return fmt.Errorf("delete: %+v, %v", done, err)
	}
	return nil
}
