// Uses the client that openapi-generator makes as typescript-axios. Axios leaves the type of an error's body to its
// caller, who names a generated one.

import { isAxiosError } from 'axios';
import type {
  InvalidParameterEnvelope, NotCreatorEnvelope, OrganizationNotFoundEnvelope, TrackNotFoundEnvelope, UnauthenticatedEnvelope,
} from './music';
import { Configuration, TracksApi, UnauthenticatedCode } from './music';
import { creatorKey, done, expect, organization, saverKey, track, url } from './expect';

const as = (key: string) =>
  new TracksApi(new Configuration({ basePath: url, apiKey: (name: string) => (name === 'X-API-Key' ? key : '') }));
const creator = as(creatorKey);

async function refused<T>(call: Promise<unknown>): Promise<T> {
  try {
    await call;
  } catch (e) {
    if (isAxiosError<T>(e) && e.response) return e.response.data;
    throw e;
  }
  throw new Error('not refused');
}

const page = await creator.listSavedTracks(organization);
expect(page.data.items[0]?.id === track && page.data.items[0].playback_url === null, 'list', page.data);
const got = await creator.getTrack(organization, track);
expect(got.data.playback_url, 'get', got.data);

const unauthenticated = await refused<UnauthenticatedEnvelope>(as('wrong').deleteTrack(organization, track));
expect(unauthenticated.error.code === UnauthenticatedCode.AuthenticationRequired, '401', unauthenticated);
const notCreator = await refused<NotCreatorEnvelope>(as(saverKey).deleteTrack(organization, track));
expect(notCreator.error.details.track_id === track, '403', notCreator);
const notFound = await refused<TrackNotFoundEnvelope>(creator.deleteTrack(organization, 'mtrack_none'));
expect(notFound.error.details.track_id === 'mtrack_none', '404', notFound);
const stranger = await refused<OrganizationNotFoundEnvelope>(creator.listSavedTracks('org_none'));
expect(stranger.error.status === 404, '404 of the list', stranger);
const invalid = await refused<InvalidParameterEnvelope>(creator.listSavedTracks(organization, undefined, undefined, undefined, 0));
expect(invalid.error.details.parameter === 'limit', '422', invalid);

const deleted = await creator.deleteTrack(organization, track);
expect(deleted.data.success && deleted.data.id === track, 'delete', deleted.data);
done();
