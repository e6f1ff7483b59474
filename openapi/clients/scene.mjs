// Asks a provisioner, whose URL is the argument, for a scene of its own, and prints it as assignments for a shell:
// an organization, a track that two users saved, and the keys of the one that created it and of the other.

const capabilities = await (await fetch(`${process.argv[2]}/capabilities`)).json();
if (capabilities.protocol !== 1) throw new Error(`not a provisioner: ${JSON.stringify(capabilities)}`);
const response = await fetch(`${process.argv[2]}/scenes`, {
  method: 'POST',
  headers: { 'Content-Type': 'application/json' },
  body: JSON.stringify({
    organizations: [{ name: 'home' }],
    users: [{ name: 'creator', member_of: ['home'] }, { name: 'saver', member_of: ['home'] }],
    tracks: [{ name: 'song', organization: 'home', creator: 'creator', saved_by: ['creator', 'saver'], title: 'Rain' }],
  }),
});
if (response.status !== 201) {
  throw new Error(`the provisioner: ${response.status} ${await response.text()}`);
}
const scene = await response.json();
console.log(`export ORGANIZATION='${scene.organizations.home.id}' TRACK='${scene.tracks.song.id}'`);
console.log(`export CREATOR_KEY='${scene.users.creator.api_key}' SAVER_KEY='${scene.users.saver.api_key}'`);
