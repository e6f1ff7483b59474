"""Uses the client that openapi-generator makes for Python. Its exceptions have the typed body of the error as data."""

import os

from openapi_client import (
    ApiClient,
    Configuration,
    InvalidParameterEnvelope,
    NotCreatorEnvelope,
    OrganizationNotFoundEnvelope,
    TrackNotFoundEnvelope,
    TracksApi,
    UnauthenticatedCode,
    UnauthenticatedEnvelope,
)
from openapi_client.exceptions import ApiException

organization, track = os.environ["ORGANIZATION"], os.environ["TRACK"]


def client(key):
    return TracksApi(ApiClient(Configuration(host=os.environ["MTRACK_URL"], api_key={"ApiKey": key})))


def refused(call, status, kind):
    try:
        call()
    except ApiException as e:
        assert e.status == status and isinstance(e.data, kind), (e.status, type(e.data), e.body)
        return e.data.error
    raise AssertionError(f"not refused: {status}")


creator, saver = client(os.environ["CREATOR_KEY"]), client(os.environ["SAVER_KEY"])

page = creator.list_saved_tracks(organization)
assert [item.id for item in page.items] == [track] and page.items[0].playback_url is None, page
assert creator.get_track(organization, track).playback_url

error = refused(lambda: client("wrong").delete_track(organization, track), 401, UnauthenticatedEnvelope)
assert error.code is UnauthenticatedCode.AUTHENTICATION_REQUIRED
error = refused(lambda: saver.delete_track(organization, track), 403, NotCreatorEnvelope)
assert error.details.track_id == track
error = refused(lambda: creator.delete_track(organization, "mtrack_none"), 404, TrackNotFoundEnvelope)
assert error.details.track_id == "mtrack_none"
error = refused(lambda: creator.list_saved_tracks("org_none"), 404, OrganizationNotFoundEnvelope)
assert error.status == 404
# The client refuses a limit of 0 by itself; below that check is what sends it.
send = TracksApi.list_saved_tracks.raw_function
error = refused(lambda: send(creator, organization, limit=0), 422, InvalidParameterEnvelope)
assert error.details.parameter == "limit"

done = creator.delete_track(organization, track)
assert done.success and done.id == track, done
print("UnauthenticatedEnvelope, NotCreatorEnvelope, TrackNotFoundEnvelope, OrganizationNotFoundEnvelope, InvalidParameterEnvelope")
