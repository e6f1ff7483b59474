// What the example API and its provisioner share: everything in memory. JavaScript runs one function at a time, so a
// function that does not await is atomic.

import { createHash, randomInt } from 'node:crypto';

export class Store {
  organizations = new Map(); // id -> set of the ids of its members
  keys = new Map(); // digest of the key -> id of the user, null once it is revoked
  tracks = new Map(); // id -> track
  libraries = new Map(); // id of the user -> set of ids of tracks, the oldest save first

  // A library of somebody who never saved anything is empty.
  library(user) {
    return this.libraries.get(user) ?? new Set();
  }

  save(user, track) {
    this.libraries.set(user, this.library(user).add(track));
  }
}

// This moment in UTC, as the API writes it.
export const now = () => new Date().toISOString();

// An id that nobody has had before.
export function newID(prefix) {
  const letters = 'abcdefghijklmnopqrstuvwxyz0123456789';
  return prefix + Array.from({ length: 20 }, () => letters[randomInt(letters.length)]).join('');
}

// What is stored of a key. Header fields arrive as Latin-1, so that every byte counts.
export const digest = (key) => createHash('sha256').update(key, 'latin1').digest('hex');
