// The data that the example API and its provisioner share, in memory. JavaScript runs one function at a time, so a
// function without await is atomic.

import { createHash, randomInt } from 'node:crypto';

export class Store {
  organizations = new Map(); // id -> set of member ids
  keys = new Map(); // digest of the key -> user id, or null if the key is revoked
  tracks = new Map(); // id -> track
  libraries = new Map(); // user id -> set of track ids, oldest save first

  // A user who never saved anything has an empty library.
  library(user) {
    return this.libraries.get(user) ?? new Set();
  }

  save(user, track) {
    this.libraries.set(user, this.library(user).add(track));
  }
}

// The current time in UTC, as the API writes it.
export const now = () => new Date().toISOString();

// An id that was never used before.
export function newID(prefix) {
  const letters = 'abcdefghijklmnopqrstuvwxyz0123456789';
  return prefix + Array.from({ length: 20 }, () => letters[randomInt(letters.length)]).join('');
}

// Keys are stored as digests. Node decodes header fields as Latin-1, so this keeps every byte.
export const digest = (key) => createHash('sha256').update(key, 'latin1').digest('hex');
