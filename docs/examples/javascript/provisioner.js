// A provisioner in the same process as the API, on its own port: --provision http://127.0.0.1:8081

import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { digest, newID, now } from './store.js';

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
  for (const track of request.tracks ?? []) {
    const { id } = scene.tracks[track.name];
    // A creator or saver who is not a member is a user who has left the organization.
    const creator = named(scene.users, track.creator).id;
    const at = now();
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
  return scene;
}

// The events of a track, oldest first, even if it is deleted.
function history(store, query) {
  const track = store.tracks.get(query.get('track_id'));
  if (track?.organization !== query.get('organization_id')) {
    throw new Refused(404, 'no such track was ever created');
  }
  return { events: track.events };
}

async function answer(store, request) {
  const url = new URL(request.url, 'http://provisioner');
  switch (`${request.method} ${url.pathname}`) {
    case 'GET /capabilities':
      return [200, { protocol: 1, features: ['history', 'revoked_keys'] }];
    case 'POST /scenes':
      return [201, createScene(store, JSON.parse(await text(request)))];
    case 'GET /history':
      return [200, history(store, url.searchParams)];
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
