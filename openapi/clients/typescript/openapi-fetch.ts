// Uses openapi-fetch with the types that openapi-typescript makes. The type of each error follows from its code.

import createClient from 'openapi-fetch';
import type { components, paths } from './music/schema';
import { creatorKey, done, expect, organization, saverKey, track, url } from './expect';

const api = createClient<paths>({ baseUrl: url });
const as = (key: string) => ({ 'X-API-Key': key });
const tracks = '/v1/music/{organization_id}/tracks';
const one = '/v1/music/{organization_id}/tracks/{track_id}';
const path = { organization_id: organization, track_id: track };

const page = await api.GET(tracks, { params: { path: { organization_id: organization } }, headers: as(creatorKey) });
expect(page.data?.items[0]?.id === track && page.data.items[0].playback_url === null, 'list', page.error);
const got = await api.GET(one, { params: { path }, headers: as(creatorKey) });
expect(got.data?.playback_url, 'get', got.error);

const unknown = await api.DELETE(one, { params: { path }, headers: as('wrong') });
expect(unknown.error?.error.code === 'AUTHENTICATION_REQUIRED', '401', unknown);
const unauthenticated: components['schemas']['UnauthenticatedError'] = unknown.error.error;
expect(unauthenticated.status === 401, '401', unauthenticated);
const foreign = await api.DELETE(one, { params: { path }, headers: as(saverKey) });
expect(foreign.error?.error.code === 'INSUFFICIENT_PERMISSIONS', '403', foreign);
const notCreator: components['schemas']['NotCreatorError'] = foreign.error.error;
expect(notCreator.details.track_id === track, '403', notCreator);
const missing = await api.DELETE(one, { params: { path: { ...path, track_id: 'mtrack_none' } }, headers: as(creatorKey) });
expect(missing.error?.error.code === 'RESOURCE_NOT_FOUND', '404', missing);
const notFound: components['schemas']['TrackNotFoundError'] = missing.error.error;
expect(notFound.details.track_id === 'mtrack_none', '404', notFound);
const stranger = await api.GET(tracks, { params: { path: { organization_id: 'org_none' } }, headers: as(creatorKey) });
expect(stranger.error?.error.code === 'RESOURCE_NOT_FOUND', '404 of the list', stranger);
const organizationNotFound: components['schemas']['OrganizationNotFoundError'] = stranger.error.error;
expect(organizationNotFound.status === 404, '404 of the list', organizationNotFound);
const none = await api.GET(tracks, { params: { path: { organization_id: organization }, query: { limit: 0 } }, headers: as(creatorKey) });
expect(none.error?.error.code === 'VALIDATION_ERROR', '422', none);
const invalid: components['schemas']['InvalidParameterError'] = none.error.error;
expect(invalid.details.parameter === 'limit', '422', invalid);

const deleted = await api.DELETE(one, { params: { path }, headers: as(creatorKey) });
expect(deleted.data?.success === true && deleted.data.id === track, 'delete', deleted);
done();
