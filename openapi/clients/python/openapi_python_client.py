"""Uses the client that openapi-python-client makes. What a call returns has the type of its status."""

import os

from music import AuthenticatedClient
from music.api.tracks import delete_track, get_track, list_saved_tracks
from music.models import (
    Acknowledgement,
    InvalidParameterEnvelope,
    NotCreatorEnvelope,
    OrganizationNotFoundEnvelope,
    Track,
    TrackNotFoundEnvelope,
    TrackPage,
    UnauthenticatedCode,
    UnauthenticatedEnvelope,
)

organization, track = os.environ["ORGANIZATION"], os.environ["TRACK"]


def client(key):
    return AuthenticatedClient(base_url=os.environ["MTRACK_URL"], token=key, auth_header_name="X-API-Key", prefix="")


def typed(got, kind):
    assert isinstance(got, kind), got
    return got


creator, saver = client(os.environ["CREATOR_KEY"]), client(os.environ["SAVER_KEY"])

page = typed(list_saved_tracks.sync(organization, client=creator), TrackPage)
assert [item.id for item in page.items] == [track] and page.items[0].playback_url is None, page
assert typed(get_track.sync(organization, track, client=creator), Track).playback_url

error = typed(delete_track.sync(organization, track, client=client("wrong")), UnauthenticatedEnvelope).error
assert error.code == UnauthenticatedCode.AUTHENTICATION_REQUIRED
error = typed(delete_track.sync(organization, track, client=saver), NotCreatorEnvelope).error
assert error.details.track_id == track
error = typed(delete_track.sync(organization, "mtrack_none", client=creator), TrackNotFoundEnvelope).error
assert error.details.track_id == "mtrack_none"
error = typed(list_saved_tracks.sync("org_none", client=creator), OrganizationNotFoundEnvelope).error
assert error.status == 404
error = typed(list_saved_tracks.sync(organization, client=creator, limit=0), InvalidParameterEnvelope).error
assert error.details.parameter == "limit"

done = typed(delete_track.sync(organization, track, client=creator), Acknowledgement)
assert done.success and done.id == track, done
print("UnauthenticatedEnvelope, NotCreatorEnvelope, TrackNotFoundEnvelope, OrganizationNotFoundEnvelope, InvalidParameterEnvelope")
