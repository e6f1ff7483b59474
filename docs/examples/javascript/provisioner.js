// A provisioner in the same process as the API, on its own port: --provision http://127.0.0.1:8081

import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { digest, newID, now } from './store.js';

const FEATURES = ['history', 'histories', 'revoked_keys', 'extra_keys', 'created_at', 'saves', 'revoke_key', 'end_membership'];

// A request that cannot be carried out.
class Refused extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

// Gives each thing in the request a new id or key, by its name.
const byName = (things, made) => Object.fromEntries((things ?? []).map((thing) => [thing.name, made()]));

// Finds what has this name in one part of the scene.
function named(part, name) {
  if (!Object.hasOwn(part, name)) {
    throw new Refused(400, `the scene has no ${JSON.stringify(name)}`);
  }
  return part[name];
}

// Creates a scene, and returns the new ids and keys under the names in the request.
function createScene(store, request) {
  const scene = {
    organizations: byName(request.organizations, () => ({ id: newID('org_') })),
    users: byName(request.users, () => ({ id: newID('user_'), api_key: newID('ak_') })),
    tracks: byName(request.tracks, () => ({ id: newID('mtrack_') })),
    revoked_keys: byName(request.revoked_keys, () => ({ api_key: newID('ak_') })),
    extra_keys: byName(request.extra_keys, () => ({ api_key: newID('ak_') })),
  };
  for (const { id } of Object.values(scene.organizations)) {
    store.organizations.set(id, new Set());
  }
  for (const { name, member_of } of request.users ?? []) {
    const user = scene.users[name];
    store.keys.set(digest(user.api_key), user.id);
    for (const organization of member_of ?? []) {
      store.organizations.get(named(scene.organizations, organization).id).add(user.id);
    }
  }
  for (const { name, user } of request.revoked_keys ?? []) {
    named(scene.users, user);
    store.keys.set(digest(scene.revoked_keys[name].api_key), null);
  }
  for (const { name, user } of request.extra_keys ?? []) {
    store.keys.set(digest(scene.extra_keys[name].api_key), named(scene.users, user).id);
  }
  for (const track of request.tracks ?? []) {
    const { id } = scene.tracks[track.name];
    // A creator or saver who is not a member is a user who has left the organization.
    const creator = named(scene.users, track.creator).id;
    const at = track.created_at ?? now();
    store.tracks.set(id, {
      id, organization: named(scene.organizations, track.organization).id, creator,
      title: track.title ?? null, engine: track.engine ?? 'studio', mode: track.mode ?? 'creation', createdAt: at,
      events: [
        { type: 'track.created', at, actor: creator },
        { type: 'track.billed', at, actor: creator, amount: '0.10', currency: 'CHF' },
      ],
    });
    for (const name of track.saved_by ?? []) { // oldest first
      store.save(named(scene.users, name).id, id);
    }
  }
  for (const { user, track } of request.saves ?? []) { // in this order, after those of the tracks
    store.save(named(scene.users, user).id, named(scene.tracks, track).id);
  }
  return scene;
}

// The events of a track, oldest first, even if it is deleted; null if there never was such a track.
function history(store, organization, id) {
  const track = store.tracks.get(id);
  return track?.organization === organization ? { events: track.events } : null;
}

// The API looks keys up for each request, so nothing that it has cached needs to be cleared.
function revokeKey(store, key) {
  if (!store.keys.has(digest(key))) {
    throw new Refused(404, 'there never was such a key');
  }
  store.keys.set(digest(key), null);
  return {};
}

// The tracks and saves of the user stay.
function endMembership(store, organization, user) {
  if (!store.organizations.get(organization)?.delete(user)) {
    throw new Refused(404, 'there is no such membership');
  }
  return {};
}

async function answer(store, request) {
  const url = new URL(request.url, 'http://provisioner');
  const body = request.method === 'POST' ? JSON.parse(await text(request)) : undefined;
  switch (`${request.method} ${url.pathname}`) {
    case 'GET /capabilities':
      return [200, { protocol: 1, features: FEATURES }];
    case 'POST /scenes':
      return [201, createScene(store, body)];
    case 'GET /history': {
      const found = history(store, url.searchParams.get('organization_id'), url.searchParams.get('track_id'));
      if (!found) {
        throw new Refused(404, 'no such track was ever created');
      }
      return [200, found];
    }
    case 'POST /histories': // no request to the API is carried out in between
      return [200, { histories: body.tracks.map((track) => history(store, track.organization_id, track.track_id)) }];
    case 'POST /revocations':
      return [200, revokeKey(store, body.api_key)];
    case 'POST /departures':
      return [200, endMembership(store, body.organization_id, body.user_id)];
    default:
      throw new Refused(404, 'the provisioner has no such path');
  }
}

export function provisioningServer(store) {
  return createServer(async (request, response) => {
    const [status, value] = await answer(store, request).catch((error) => [error.status ?? 500, { error: error.message }]);
    response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(value));
  });
}
