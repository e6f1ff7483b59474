// Uses the client that openapi-generator makes as typescript-fetch. It throws the response, which the generated functions
// turn into the typed error.

import {
  Configuration, InvalidParameterEnvelopeFromJSON, NotCreatorEnvelopeFromJSON, OrganizationNotFoundEnvelopeFromJSON,
  ResponseError, TrackNotFoundEnvelopeFromJSON, TracksApi, UnauthenticatedCode, UnauthenticatedEnvelopeFromJSON,
} from './music';
import { creatorKey, done, expect, organization as organizationId, saverKey, track as trackId, url } from './expect';

const as = (key: string) =>
  new TracksApi(new Configuration({ basePath: url, apiKey: (name: string) => (name === 'X-API-Key' ? key : '') }));
const creator = as(creatorKey);

async function refused<T>(call: Promise<unknown>, typed: (body: unknown) => T): Promise<T> {
  try {
    await call;
  } catch (e) {
    if (e instanceof ResponseError) return typed(await e.response.json());
    throw e;
  }
  throw new Error('not refused');
}

const page = await creator.listSavedTracks({ organizationId });
expect(page.items[0]?.id === trackId && page.items[0].playbackUrl === null, 'list', page);
const got = await creator.getTrack({ organizationId, trackId });
expect(got.playbackUrl, 'get', got);

const unauthenticated = await refused(as('wrong').deleteTrack({ organizationId, trackId }), UnauthenticatedEnvelopeFromJSON);
expect(unauthenticated.error.code === UnauthenticatedCode.AuthenticationRequired, '401', unauthenticated);
const notCreator = await refused(as(saverKey).deleteTrack({ organizationId, trackId }), NotCreatorEnvelopeFromJSON);
expect(notCreator.error.details.trackId === trackId, '403', notCreator);
const notFound = await refused(creator.deleteTrack({ organizationId, trackId: 'mtrack_none' }), TrackNotFoundEnvelopeFromJSON);
expect(notFound.error.details.trackId === 'mtrack_none', '404', notFound);
const stranger = await refused(creator.listSavedTracks({ organizationId: 'org_none' }), OrganizationNotFoundEnvelopeFromJSON);
expect(stranger.error.status === 404, '404 of the list', stranger);
const invalid = await refused(creator.listSavedTracks({ organizationId, limit: 0 }), InvalidParameterEnvelopeFromJSON);
expect(invalid.error.details.parameter === 'limit', '422', invalid);

const deleted = await creator.deleteTrack({ organizationId, trackId });
expect(deleted.success && deleted.id === trackId, 'delete', deleted);
done();
