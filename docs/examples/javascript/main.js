// Serves the API and its provisioner, each on its own loopback port.
//
//   node main.js --port 8080 --provision-port 8081

import { parseArgs } from 'node:util';
import { musicServer } from './music.js';
import { provisioningServer } from './provisioner.js';
import { Store } from './store.js';

const { values } = parseArgs({
  options: { port: { type: 'string', default: '8080' }, 'provision-port': { type: 'string', default: '8081' } },
});
const store = new Store();

function listen(server, port, what) {
  server.listen(Number(port), '127.0.0.1', () => console.log(`${what} listens on http://127.0.0.1:${server.address().port}`));
}

listen(musicServer(store), values.port, 'the API');
listen(provisioningServer(store), values['provision-port'], 'the provisioner');
