const apiKey = process.env.FREDDY_API_KEY;

const response = await fetch(
  'https://api.aitronos.com/v1/music/org_abc123/tracks/mtrack_7c1a9e2f4b8d',
  { method: 'DELETE', headers: { 'X-API-Key': apiKey } }
);

const ack = await response.json();
console.log(ack.detail);
