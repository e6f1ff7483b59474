// What a Node team would write: Fastify with a response schema, ioredis with automatic pipelining, and the
// bare handler's script. Arguments: port, address of Redis, file of the script.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import Fastify from 'fastify';
import Redis from 'ioredis';

const [port, address, script] = process.argv.slice(2);
const [host, redisPort] = address.split(':');
const redis = new Redis(Number(redisPort), host, { enableAutoPipelining: true });
redis.defineCommand('deleteTrack', { numberOfKeys: 4, lua: readFileSync(script, 'utf8') });

const app = Fastify();
const users = new Map();
const schema = {
  params: { type: 'object', properties: { organization: { type: 'string' }, track: { type: 'string' } } },
  response: { 200: { type: 'object', properties: { success: { type: 'boolean' }, id: { type: 'string' }, detail: { type: 'string' } } } },
};
let requests = 0;
app.delete('/v1/music/:organization/tracks/:track', { schema }, async (request, reply) => {
  const { organization, track } = request.params;
  const key = createHash('sha256').update(request.headers['x-api-key'] ?? '').digest('hex');
  let user = users.get(key);
  if (!user) {
    user = await redis.hget('key:' + key, 'user');
    if (!user) return reply.code(401).send({ success: false });
    users.set(key, user);
  }
  const tag = `{${organization}}:`;
  const outcome = await redis.deleteTrack(`${tag}track:${track}`, `${tag}members`, `${tag}history:${track}`,
    `${tag}library:${user}`, user, track, Date.now(), 'req_' + (requests++).toString(36));
  if (outcome === 0) return { success: true, id: track, detail: 'Track deleted.' };
  return reply.code(outcome === 1 ? 403 : 404).send({ success: false });
});
await app.listen({ port: Number(port), host: '127.0.0.1' });
