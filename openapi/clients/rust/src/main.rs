//! Uses the client that openapi-generator makes for Rust. The entity of an error is an enum of the typed bodies.

use openapi::apis::configuration::{ApiKey, Configuration};
use openapi::apis::tracks_api::{delete_track, get_track, list_saved_tracks, DeleteTrackError, ListSavedTracksError};
use openapi::apis::Error;
use std::env::var;

fn client(key: String) -> Configuration {
    Configuration {
        base_path: var("MTRACK_URL").unwrap(),
        api_key: Some(ApiKey { prefix: None, key }),
        ..Configuration::new()
    }
}

fn entity<T, E>(result: Result<T, Error<E>>) -> E {
    match result {
        Err(Error::ResponseError(content)) => content.entity.expect("a typed error"),
        _ => panic!("not refused"),
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let (organization, track) = (var("ORGANIZATION").unwrap(), var("TRACK").unwrap());
    let creator = client(var("CREATOR_KEY").unwrap());
    let saver = client(var("SAVER_KEY").unwrap());

    let page = list_saved_tracks(&creator, &organization, None, None, None, None, None).await.unwrap();
    assert!(page.items[0].id == track && page.items[0].playback_url.is_none());
    assert!(!get_track(&creator, &organization, &track).await.unwrap().playback_url.is_empty());

    match entity(delete_track(&client("wrong".into()), &organization, &track).await) {
        DeleteTrackError::Status401(e) => assert_eq!(e.error.code.to_string(), "AUTHENTICATION_REQUIRED"),
        e => panic!("401: {e:?}"),
    }
    match entity(delete_track(&saver, &organization, &track).await) {
        DeleteTrackError::Status403(e) => assert_eq!(e.error.details.track_id, track),
        e => panic!("403: {e:?}"),
    }
    match entity(delete_track(&creator, &organization, "mtrack_none").await) {
        DeleteTrackError::Status404(e) => assert_eq!(e.error.details.track_id, "mtrack_none"),
        e => panic!("404: {e:?}"),
    }
    match entity(list_saved_tracks(&creator, "org_none", None, None, None, None, None).await) {
        ListSavedTracksError::Status404(e) => assert_eq!(e.error.code.to_string(), "RESOURCE_NOT_FOUND"),
        e => panic!("404 of the list: {e:?}"),
    }
    match entity(list_saved_tracks(&creator, &organization, None, None, None, Some(0), None).await) {
        ListSavedTracksError::Status422(e) => assert_eq!(e.error.details.parameter.as_deref(), Some("limit")),
        e => panic!("422: {e:?}"),
    }

    assert_eq!(delete_track(&creator, &organization, &track).await.unwrap().id, track);
    println!("UnauthenticatedEnvelope, NotCreatorEnvelope, TrackNotFoundEnvelope, OrganizationNotFoundEnvelope, InvalidParameterEnvelope");
}
