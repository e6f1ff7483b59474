// Uses the client that @hey-api/openapi-ts makes. The type of each error follows from its code.

import type { InvalidParameterError, NotCreatorError, OrganizationNotFoundError, TrackNotFoundError, UnauthenticatedError } from './music';
import { deleteTrack, getTrack, listSavedTracks } from './music';
import { client } from './music/client.gen';
import { creatorKey, done, expect, organization, saverKey, track, url } from './expect';

client.setConfig({ baseUrl: url });
const as = (key: string) => ({ auth: (scheme: { type: string }) => (scheme.type === 'apiKey' ? key : undefined) });
const path = { organization_id: organization, track_id: track };

const page = await listSavedTracks({ path, ...as(creatorKey) });
expect(page.data?.items[0]?.id === track && page.data.items[0].playback_url === null, 'list', page.error);
const got = await getTrack({ path, ...as(creatorKey) });
expect(got.data?.playback_url, 'get', got.error);

const unknown = await deleteTrack({ path, ...as('wrong') });
expect(unknown.error?.error.code === 'AUTHENTICATION_REQUIRED', '401', unknown.error);
const unauthenticated: UnauthenticatedError = unknown.error.error;
expect(unauthenticated.status === 401, '401', unauthenticated);
const foreign = await deleteTrack({ path, ...as(saverKey) });
expect(foreign.error?.error.code === 'INSUFFICIENT_PERMISSIONS', '403', foreign.error);
const notCreator: NotCreatorError = foreign.error.error;
expect(notCreator.details.track_id === track, '403', notCreator);
const missing = await deleteTrack({ path: { ...path, track_id: 'mtrack_none' }, ...as(creatorKey) });
expect(missing.error?.error.code === 'RESOURCE_NOT_FOUND', '404', missing.error);
const notFound: TrackNotFoundError = missing.error.error;
expect(notFound.details.track_id === 'mtrack_none', '404', notFound);
const stranger = await listSavedTracks({ path: { organization_id: 'org_none' }, ...as(creatorKey) });
expect(stranger.error?.error.code === 'RESOURCE_NOT_FOUND', '404 of the list', stranger.error);
const organizationNotFound: OrganizationNotFoundError = stranger.error.error;
expect(organizationNotFound.status === 404, '404 of the list', organizationNotFound);
const none = await listSavedTracks({ path, query: { limit: 0 }, ...as(creatorKey) });
expect(none.error?.error.code === 'VALIDATION_ERROR', '422', none.error);
const invalid: InvalidParameterError = none.error.error;
expect(invalid.details.parameter === 'limit', '422', invalid);

const deleted = await deleteTrack({ path, ...as(creatorKey) });
expect(deleted.data?.success === true && deleted.data.id === track, 'delete', deleted.error);
done();
