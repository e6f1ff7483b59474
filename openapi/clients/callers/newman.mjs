// Makes a Postman collection of a contract, and runs its requests with newman against mtrackd, with the keys and ids
// of a scene, for each status that a request can bring about.
//
//   node newman.mjs CONTRACT

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const converter = require('openapi-to-postmanv2');
const newman = require('newman');

const { MTRACK_URL, ORGANIZATION, TRACK, CREATOR_KEY, SAVER_KEY } = process.env;

const converted = await new Promise((resolve, reject) => {
  const input = { type: 'string', data: readFileSync(process.argv[2], 'utf8') };
  converter.convertV2(input, { folderStrategy: 'Tags', requestParametersResolution: 'Example' }, (error, result) =>
    error || !result.result ? reject(error ?? new Error(result.reason)) : resolve(result.output[0].data));
});

// requests lists the requests of a folder and of those inside.
function requests(item) {
  return item.item ? item.item.flatMap(requests) : [item];
}

const items = requests(converted);

// request returns a copy of the request of an operation, to be sent with a key and for a track; it expects a status, of
// which the collection has to hold an example.
function request(name, status, key, track, limit) {
  const found = items.find((item) => item.name === name);
  if (!found) throw new Error(`the collection has no request ${name}: ${items.map((item) => item.name)}`);
  const item = structuredClone(found);
  if (!item.response.some((response) => response.code === status)) throw new Error(`${name} has no example of ${status}`);
  for (const variable of item.request.url.variable ?? []) {
    variable.value = variable.key === 'organization_id' ? ORGANIZATION : track;
  }
  // The filters of the examples pass no track of the scene.
  for (const query of item.request.url.query ?? []) {
    query.disabled = query.key !== 'limit' || limit === undefined;
    query.value = limit ?? query.value;
  }
  item.request.auth = {
    type: 'apikey',
    apikey: [{ key: 'key', value: 'X-API-Key' }, { key: 'value', value: key }, { key: 'in', value: 'header' }],
  };
  item.event = [{ listen: 'test', script: { type: 'text/javascript', exec: [
    `pm.test('${status}', () => pm.response.to.have.status(${status}));`,
    `pm.test('success', () => pm.expect(pm.response.json().success ?? true).to.equal(${status === 200}));`,
  ] } }];
  return item;
}

const item = [
  request('List saved tracks', 200, CREATOR_KEY),
  request('List saved tracks', 422, CREATOR_KEY, undefined, '0'),
  request('Get a track', 200, CREATOR_KEY, TRACK),
  request('Delete a music track', 401, 'wrong', TRACK),
  request('Delete a music track', 403, SAVER_KEY, TRACK),
  request('Delete a music track', 404, CREATOR_KEY, 'mtrack_none'),
  request('Remove a saved track', 200, CREATOR_KEY, TRACK),
  request('Delete a music track', 200, CREATOR_KEY, TRACK),
];
const collection = { ...converted, item };

await new Promise((resolve, reject) => {
  newman.run({ collection, envVar: [{ key: 'baseUrl', value: MTRACK_URL }], reporters: ['cli'] }, (error, summary) => {
    if (error || summary.run.failures.length || summary.run.stats.assertions.total !== 2 * item.length) {
      reject(error ?? new Error(`${summary.run.failures.length} failures, ${summary.run.stats.assertions.total} assertions`));
    } else resolve();
  });
});
console.log('-');
