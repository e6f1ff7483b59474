// Starts Prism's mock server of a contract and calls it as a client would. With `static` it sends the contract's examples,
// with `dynamic` what it makes up by the schemas.
//
//   node program.mjs static|dynamic CONTRACT

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';

const [mode, contract] = process.argv.slice(2);

const probe = createServer().listen(0, '127.0.0.1');
await once(probe, 'listening');
const { port } = probe.address();
probe.close();

const flags = mode === 'dynamic' ? ['--dynamic'] : [];
const prism = spawn('node_modules/.bin/prism', ['mock', '--port', String(port), ...flags, contract], {
  stdio: ['ignore', 'pipe', 'inherit'],
});
process.on('exit', () => prism.kill());
await new Promise((resolve, reject) => {
  prism.stdout.on('data', (text) => String(text).includes('is listening') && resolve());
  prism.on('exit', () => reject(new Error('prism ended')));
});

const base = `http://127.0.0.1:${port}/v1/music/org_abc123/tracks`;

function expect(fact, what, got) {
  if (!fact) throw new Error(`${what}: got ${JSON.stringify(got)}`);
}

async function call(method, url, headers = {}) {
  const response = await fetch(url, { method, headers });
  return { status: response.status, body: await response.json() };
}

const key = { 'X-API-Key': 'any' };

const list = await call('GET', base, key);
expect(list.status === 200 && Array.isArray(list.body.items), 'list', list);
// What a list names can be asked for: an id that a mock makes up has to be one.
const id = list.body.items[0]?.id ?? 'mtrack_7c1a9e2f4b8d';
expect(/^mtrack_.+/.test(id), 'the id of a track', id);
const one = `${base}/${encodeURIComponent(id)}`;
const got = await call('GET', one, key);
expect(got.status === 200 && /^mtrack_.+/.test(got.body.id) && got.body.playback_url, 'get', got);
for (const [method, url] of [['DELETE', one], ['DELETE', `${one}/save`]]) {
  const done = await call(method, url, key);
  expect(done.status === 200 && done.body.success === true && /^mtrack_.+/.test(done.body.id), `${method} ${url}`, done);
}

// Prism judges keys and parameters by itself; it is told to give the rest.
const errors = [
  ['DELETE', one, {}, 401, 'AUTHENTICATION_REQUIRED'],
  ['DELETE', one, { ...key, Prefer: 'code=403' }, 403, 'INSUFFICIENT_PERMISSIONS'],
  ['DELETE', one, { ...key, Prefer: 'code=404' }, 404, 'RESOURCE_NOT_FOUND'],
  ['GET', one, { ...key, Prefer: 'code=404' }, 404, 'RESOURCE_NOT_FOUND'],
  ['GET', base, { ...key, Prefer: 'code=404' }, 404, 'RESOURCE_NOT_FOUND'],
  ['GET', `${base}?limit=0`, key, 422, 'VALIDATION_ERROR'],
  ['GET', base, { ...key, Prefer: 'code=429' }, 429, 'RATE_LIMIT_EXCEEDED'],
  ['GET', base, { ...key, Prefer: 'code=500' }, 500, 'INTERNAL_ERROR'],
  ['GET', base, { ...key, Prefer: 'code=503' }, 503, 'SERVICE_UNAVAILABLE'],
];
for (const [method, url, headers, status, code] of errors) {
  const refused = await call(method, url, headers);
  const error = refused.body.error;
  expect(refused.status === status && refused.body.success === false, `${status}`, refused);
  expect(error?.code === code && error.status === status && error.trace_id && !Number.isNaN(Date.parse(error.timestamp)), `${status}`, refused);
}
console.log('-');
process.exit(0);
