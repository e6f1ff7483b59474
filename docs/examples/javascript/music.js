// A small implementation of the music track API. It needs nothing but Node's standard library.
//
//   node main.js --port 8080 --provision-port 8081

import { createServer } from 'node:http';
import { digest, newID, now } from './store.js';

const ERRORS = {
  401: ['AUTHENTICATION_REQUIRED', 'authentication_error'],
  403: ['INSUFFICIENT_PERMISSIONS', 'authorization_error'],
  404: ['RESOURCE_NOT_FOUND', 'client_error'],
  405: ['METHOD_NOT_ALLOWED', 'client_error'],
  422: ['VALIDATION_ERROR', 'client_error'],
  500: ['INTERNAL_ERROR', 'server_error'],
};

// A request that gets an error response.
class Refused extends Error {
  constructor(status, message, details = {}, headers = {}) {
    super(message);
    Object.assign(this, { status, details, headers });
  }
}

const notFound = (details) => new Refused(404, 'The requested resource could not be found.', details);

// The four operations.
class Music {
  constructor(store) {
    this.store = store;
  }

  userOf(key) {
    const user = key && this.store.keys.get(digest(key));
    if (!user) {
      throw new Refused(401, 'Authentication required. Please provide a valid API key.', {}, { 'WWW-Authenticate': 'Bearer' });
    }
    return user;
  }

  // Finds a track that is not deleted and that the user created or saved, in an organization that the user belongs to.
  find(user, organization, id) {
    const track = this.store.tracks.get(id);
    const member = this.store.organizations.get(organization)?.has(user);
    const there = track && track.organization === organization && !track.deletedAt;
    if (!member || !there || (track.creator !== user && !this.store.library(user).has(id))) {
      throw notFound({ track_id: id });
    }
    return track;
  }

  deleteTrack(user, organization, id) {
    const track = this.find(user, organization, id);
    if (track.creator !== user) {
      throw new Refused(403, "Only the track's creator may delete it.", { track_id: id });
    }
    track.deletedAt = now();
    track.events.push({ type: 'track.deleted', at: track.deletedAt, actor: user });
    return { success: true, id, detail: 'Track deleted.' };
  }

  unsaveTrack(user, organization, id) {
    this.find(user, organization, id);
    this.store.library(user).delete(id);
    return { success: true, id, detail: 'Track removed from the library.' };
  }

  getTrack(user, organization, id) {
    const url = `https://media.example.com/${id}/mix?signature=${newID('')}`;
    return { ...facts(this.find(user, organization, id)), playback_url: url };
  }

  listTracks(user, organization, query) {
    if (!this.store.organizations.get(organization)?.has(user)) {
      throw notFound();
    }
    for (const name of ['limit', 'offset', 'mode', 'engine', 'collection_id']) {
      if (query.getAll(name).length > 1) {
        throw invalid(name, 'is given twice');
      }
    }
    const limit = number(query, 'limit', 50, 1, 100);
    const offset = number(query, 'offset', 0, 0, 1_000_000_000);
    const [mode, engine] = [query.get('mode'), query.get('engine')];
    if (mode !== null && mode !== 'creation' && mode !== 'focus') {
      throw invalid('mode', 'must be creation or focus');
    }
    const found = [...this.store.library(user)]
      .reverse() // the newest save first
      .map((id) => this.store.tracks.get(id))
      .filter((track) => track.organization === organization && !track.deletedAt)
      .filter((track) => (mode === null || track.mode === mode) && (engine === null || track.engine === engine))
      .filter(() => !query.has('collection_id')); // this example has no collections, so none contains a track
    const items = found.slice(offset, offset + limit).map((track) => ({ ...facts(track), playback_url: null, stem_urls: null }));
    return { items, limit, offset };
  }
}

const facts = ({ id, title, engine, mode, createdAt }) => ({
  id, title, engine, mode, measured_duration_seconds: null, instrumental: false, licence_class: 'unclear', created_at: createdAt,
});

const invalid = (parameter, why) => new Refused(422, `${parameter} ${why}`, { parameter });

function number(query, name, byDefault, least, greatest) {
  const text = query.get(name);
  if (text === null) {
    return byDefault;
  }
  if (!/^[0-9]{1,10}$/.test(text) || Number(text) < least || Number(text) > greatest) {
    throw invalid(name, `must be a whole number from ${least} to ${greatest}`);
  }
  return Number(text);
}

// If both headers are sent, X-API-Key counts, even if it is empty.
function keyOf(headers) {
  if (headers['x-api-key'] !== undefined) {
    return headers['x-api-key'];
  }
  return /^bearer +(.+)$/i.exec(headers.authorization ?? '')?.[1];
}

// Decodes a path segment; null if it cannot be an id.
function text(segment) {
  try {
    const id = decodeURIComponent(segment);
    return id === '' || id === '.' || id === '..' || id.length > 2048 || /[\0/]/.test(id) ? null : id;
  } catch {
    return null; // not UTF-8
  }
}

function route(music, request) {
  const user = music.userOf(keyOf(request.headers));
  const [path, query = ''] = request.url.split(/\?(.*)/s);
  const [root, v1, api, ...rest] = path.split('/');
  const [organization, tracks, track, save] = rest.map(text);
  const valid = root === '' && v1 === 'v1' && api === 'music' && rest[1] === 'tracks' && ![organization, tracks].includes(null);
  let operations = {};
  if (valid && rest.length === 2) {
    operations = { GET: () => music.listTracks(user, organization, new URLSearchParams(query)) };
  } else if (valid && rest.length === 3 && track !== null) {
    operations = { GET: () => music.getTrack(user, organization, track), DELETE: () => music.deleteTrack(user, organization, track) };
  } else if (valid && rest.length === 4 && track !== null && rest[3] === 'save') {
    operations = { DELETE: () => music.unsaveTrack(user, organization, track) };
  }
  const methods = Object.keys(operations);
  if (methods.length === 0) {
    throw notFound();
  }
  if (!methods.includes(request.method)) {
    throw new Refused(405, 'The method is not allowed here.', {}, { Allow: methods.join(', ') });
  }
  return operations[request.method]();
}

function answer(music, request) {
  try {
    return [200, route(music, request), {}];
  } catch (error) {
    if (error instanceof Refused) {
      return [error.status, error, error.headers];
    }
    console.error(error); // the reason goes to the log, not to the caller
    return [500, new Refused(500, 'An unexpected error occurred.'), {}];
  }
}

// The API over HTTP. The body is ignored, but read to its end before the response is sent.
export function musicServer(store) {
  const music = new Music(store);
  return createServer((request, response) => {
    request.resume().on('end', () => {
      const trace = newID('req_');
      let [status, value, headers] = answer(music, request);
      if (value instanceof Refused) {
        const [code, type] = ERRORS[status];
        const { message, details } = value;
        value = { success: false, error: { code, message, system_message: message, type, status, details, trace_id: trace, timestamp: now() } };
      }
      const body = Buffer.from(JSON.stringify(value));
      response.writeHead(status, { 'Content-Type': 'application/json', 'Content-Length': body.length, 'X-Request-Id': trace, ...headers });
      response.end(body);
    });
  });
}
