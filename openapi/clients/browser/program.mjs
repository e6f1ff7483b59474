// Has a page in headless Chromium call the API: from an origin that mtrackd lets in with --cors-origin, and from one that it
// does not. Starts a server for the pages, and an mtrackd of its own, since the origin is known only then.
//
//   node program.mjs MTRACKD CHROMIUM PROVISION-SCENE-PROGRAM

import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

const [mtrackd, chromium, sceneProgram] = process.argv.slice(2);

// page runs in the browser. It leaves what it found as JSON in the document's title.
async function page({ url, organization, track, creatorKey, saverKey }) {
  const found = {};
  const tracks = `${url}/v1/music/${organization}/tracks`;
  async function call(name, method, address, key) {
    try {
      const response = await fetch(address, { method, headers: { 'X-API-Key': key } });
      const body = await response.json();
      found[name] = {
        status: response.status, code: body.error?.code, trace: body.error?.trace_id,
        requestID: response.headers.get('X-Request-Id'), challenge: response.headers.get('WWW-Authenticate'),
      };
    } catch (e) {
      found[name] = { refused: String(e) };
    }
  }
  await call('list', 'GET', tracks, creatorKey);
  await call('unauthenticated', 'GET', tracks, 'wrong');
  await call('notCreator', 'DELETE', `${tracks}/${track}`, saverKey);
  await call('notFound', 'DELETE', `${tracks}/mtrack_none`, creatorKey);
  await call('invalid', 'GET', `${tracks}?limit=0`, creatorKey);
  await call('deleted', 'DELETE', `${tracks}/${track}`, creatorKey);
  document.title = 'done';
  document.body.textContent = JSON.stringify(found);
}

function expect(fact, what, got) {
  if (!fact) throw new Error(`${what}: got ${JSON.stringify(got)}`);
}

let parameters;
const site = createServer((request, response) => {
  response.setHeader('Content-Type', 'text/html; charset=utf-8');
  response.end(`<!doctype html><meta charset="utf-8"><title></title><body><script>(${page})(${JSON.stringify(parameters)})</script>`);
}).listen(0);
await once(site, 'listening');
const { port } = site.address();

const server = spawn(mtrackd, ['serve', '--listen', '127.0.0.1:0', '--provision-listen', '127.0.0.1:0', '--log-format', 'json',
  '--cors-origin', `http://127.0.0.1:${port}`], { stdio: ['ignore', 'ignore', 'pipe'] });
const profile = mkdtempSync(join(tmpdir(), 'mtrack-chromium-'));
process.on('exit', () => {
  server.kill();
  rmSync(profile, { recursive: true, force: true });
});
const addresses = {};
for await (const line of createInterface({ input: server.stderr })) {
  const entry = JSON.parse(line);
  if (entry.msg === 'listening') addresses[entry.for] = `http://${entry.address}`;
  if (addresses.API && addresses.provisioner) break;
}
server.stderr.resume();

const run = promisify(execFile);
const { stdout: exports } = await run('node', [sceneProgram, addresses.provisioner]);
const value = (name) => exports.match(new RegExp(`${name}='([^']*)'`))[1];
parameters = {
  url: addresses.API, organization: value('ORGANIZATION'), track: value('TRACK'), creatorKey: value('CREATOR_KEY'), saverKey: value('SAVER_KEY'),
};

async function visit(origin) {
  const flags = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--no-first-run', '--disable-background-networking',
    `--user-data-dir=${profile}`, '--virtual-time-budget=20000', '--dump-dom', `${origin}/`];
  const { stdout } = await run(chromium, flags, { timeout: 90_000 });
  const text = stdout.match(/<body>(\{.*\})<\/body>/s);
  expect(text, 'the page', stdout);
  return JSON.parse(text[1].replaceAll('&amp;', '&').replaceAll('&lt;', '<').replaceAll('&gt;', '>'));
}

// The same page under another name is another origin, whose calls the browser refuses, the delete before it is sent.
const outside = await visit(`http://localhost:${port}`);
for (const [name, got] of Object.entries(outside)) expect(got.refused, `${name} from another origin`, got);

const inside = await visit(`http://127.0.0.1:${port}`);
expect(inside.list.status === 200 && inside.list.requestID, 'list', inside.list);
for (const [name, status, code] of [
  ['unauthenticated', 401, 'AUTHENTICATION_REQUIRED'], ['notCreator', 403, 'INSUFFICIENT_PERMISSIONS'],
  ['notFound', 404, 'RESOURCE_NOT_FOUND'], ['invalid', 422, 'VALIDATION_ERROR'],
]) {
  const got = inside[name];
  expect(got.status === status && got.code === code && got.requestID === got.trace, name, got);
}
expect(inside.unauthenticated.challenge, 'WWW-Authenticate', inside.unauthenticated);
// Nobody else has deleted it: the page outside could not.
expect(inside.deleted.status === 200, 'delete', inside.deleted);
console.log('-');
process.exit(0);
