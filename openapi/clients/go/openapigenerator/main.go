// Command openapigenerator uses the client that openapi-generator makes for Go.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	openapi "clients/openapigenerator/music"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println("UnauthenticatedEnvelope, NotCreatorEnvelope, TrackNotFoundEnvelope, OrganizationNotFoundEnvelope, InvalidParameterEnvelope")
}

func run() error {
	organization, track := os.Getenv("ORGANIZATION"), os.Getenv("TRACK")
	configuration := openapi.NewConfiguration()
	configuration.Servers = openapi.ServerConfigurations{{URL: os.Getenv("MTRACK_URL")}}
	api := openapi.NewAPIClient(configuration).TracksAPI
	as := func(key string) context.Context {
		return context.WithValue(context.Background(), openapi.ContextAPIKeys, map[string]openapi.APIKey{"ApiKey": {Key: key}})
	}
	creator, saver := as(os.Getenv("CREATOR_KEY")), as(os.Getenv("SAVER_KEY"))

	page, _, err := api.ListSavedTracks(creator, organization).Execute()
	if err != nil || len(page.Items) != 1 || page.Items[0].Id != track || page.Items[0].PlaybackUrl.Get() != nil {
		return fmt.Errorf("list: %+v, %v", page, err)
	}
	got, _, err := api.GetTrack(creator, organization, track).Execute()
	if err != nil || got.PlaybackUrl == "" {
		return fmt.Errorf("get: %+v, %v", got, err)
	}

	_, _, err = api.DeleteTrack(as("wrong"), organization, track).Execute()
	if e, ok := modelOf[openapi.UnauthenticatedEnvelope](err); !ok || e.Error.Code != openapi.AUTHENTICATION_REQUIRED {
		return fmt.Errorf("401: %v", err)
	}
	_, _, err = api.DeleteTrack(saver, organization, track).Execute()
	if e, ok := modelOf[openapi.NotCreatorEnvelope](err); !ok || e.Error.Details.TrackId != track {
		return fmt.Errorf("403: %v", err)
	}
	_, _, err = api.DeleteTrack(creator, organization, "mtrack_none").Execute()
	if e, ok := modelOf[openapi.TrackNotFoundEnvelope](err); !ok || e.Error.Details.TrackId != "mtrack_none" {
		return fmt.Errorf("404: %v", err)
	}
	_, _, err = api.ListSavedTracks(creator, "org_none").Execute()
	if e, ok := modelOf[openapi.OrganizationNotFoundEnvelope](err); !ok || e.Error.Status != 404 {
		return fmt.Errorf("404 of the list: %v", err)
	}
	_, _, err = api.ListSavedTracks(creator, organization).Limit(0).Execute()
	if e, ok := modelOf[openapi.InvalidParameterEnvelope](err); !ok || e.Error.Details.GetParameter() != "limit" {
		return fmt.Errorf("422: %v", err)
	}

	done, _, err := api.DeleteTrack(creator, organization, track).Execute()
	if err != nil || !bool(done.Success) || done.Id != track {
		return fmt.Errorf("delete: %+v, %v", done, err)
	}
	return nil
}

// modelOf returns the typed body of an error.
func modelOf[T any](err error) (T, bool) {
	var typed *openapi.GenericOpenAPIError
	if !errors.As(err, &typed) {
		var none T
		return none, false
	}
	model, ok := typed.Model().(T)
	return model, ok
}
