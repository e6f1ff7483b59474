// What Dredd cannot know: the keys and ids of the scene, and how each status is brought about. It calls each operation once
// for every status that the contract documents.

const hooks = require('hooks');

const { ORGANIZATION, TRACK, CREATOR_KEY, SAVER_KEY } = process.env;
const unprovoked = ['429', '500', '503']; // no request brings these about

hooks.beforeAll((transactions, done) => {
  // The delete that succeeds comes last, since it takes the track away.
  const last = (t) => t.request.method === 'DELETE' && !t.fullPath.endsWith('/save') && t.expected.statusCode === '200';
  transactions.sort((a, b) => last(a) - last(b));
  done();
});

hooks.beforeEach((transaction, done) => {
  const status = String(transaction.expected.statusCode);
  const path = new URL(transaction.fullPath, 'http://any').pathname;
  const isList = path.endsWith('/tracks');
  const isUnsave = path.endsWith('/save');

  let key = isUnsave || status === '403' ? SAVER_KEY : CREATOR_KEY;
  if (status === '401') key = 'wrong';
  const organization = isList && status === '404' ? 'org_none' : ORGANIZATION;
  const track = status === '404' ? 'mtrack_none' : TRACK;
  transaction.fullPath = `/v1/music/${organization}/tracks`;
  if (!isList) transaction.fullPath += `/${track}`;
  if (isUnsave) transaction.fullPath += '/save';
  if (status === '422') transaction.fullPath += '?limit=0';
  transaction.request.headers = { 'X-API-Key': key };
  // Dredd compares the values of an example too, and a media type with its parameters.
  transaction.skip = unprovoked.includes(status);
  done();
});
