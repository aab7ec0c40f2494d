/** npm `netlink`, installed in the folder given as first argument; the corpus is the second. Run by `bench/codec.ts`. */
const { readFileSync } = require('node:fs');
const { createRequire } = require('node:module');
const { gunzipSync } = require('node:zlib');

const [, , folder, file] = process.argv;
const peer = createRequire(`${folder}/`);
const { parseLinkMessage, parseAddressMessage, parseRouteMessage, formatRouteMessage } = peer(
  './node_modules/netlink/dist/rt/structs.js',
);
const { AttrStream } = peer('./node_modules/netlink/dist/structs.js');

const READERS = {
  link: [16, parseLinkMessage],
  address: [20, parseAddressMessage],
  route: [24, parseRouteMessage],
};

const all = gunzipSync(readFileSync(file));
const figures = {};
for (const [column, [type, read]] of Object.entries(READERS)) {
  const bodies = [];
  for (let at = 0; at < all.length;) {
    const length = all.readUInt32LE(at);
    if (all.readUInt16LE(at + 4) === type) bodies.push(all.subarray(at + 16, at + length));
    at += (length + 3) & ~3;
  }
  const until = performance.now() + 1500;
  let least = Infinity;
  for (let n = 0; n < 20 || performance.now() < until; n++) {
    const start = performance.now();
    const values = [];
    for (const body of bodies) values.push(read(body));
    least = Math.min(least, performance.now() - start);
  }
  figures[`decode ${column}`] = (least * 1e6) / bodies.length;
  // Everything that it reads; it leaves link info and the settings of families as bytes.
  if (column === 'link') figures['link like npm'] = figures['decode link'];
  if (column === 'route') {
    const values = bodies.map(read);
    let fastest = Infinity;
    for (let n = 0; n < 200; n++) {
      const start = performance.now();
      for (const value of values) {
        const stream = new AttrStream();
        formatRouteMessage(value, stream);
        Buffer.concat(stream.bufs);
      }
      fastest = Math.min(fastest, performance.now() - start);
    }
    figures['encode route'] = (fastest * 1e6) / values.length;
  }
}
console.log(JSON.stringify(figures));
