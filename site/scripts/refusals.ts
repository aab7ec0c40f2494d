/**
 * What the kernel refuses, with its words, for the pages of messages: calls that it refuses
 * (`refusals.json`), and keys that a call cannot be without (`required.json`). The kernel of today
 * is asked, and Debian's in QEMU for what this one lacks. As root:
 *
 *     node site/scripts/refusals.ts            # --here asks only this kernel, and keeps the rest
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { release } from 'node:os';
import { resolve } from 'node:path';
import { runInQemu } from '../../scripts/qemu.ts';
import { NetlinkError } from '../../src/errors.ts';
import { callText, inNamespace, type Handles } from './handles.ts';
import { askRequired, type Required } from './required.ts';

export interface Refusal {
  /** `RTM_NEWADDR` */
  readonly type: string;
  /** `rt.addrs.add({ dev: 'br0', local: '192.0.2.1/24' })` */
  readonly call: string;
  /** `EEXIST` */
  readonly code: string;
  /** The message of the error, with the kernel's text. */
  readonly message: string;
  readonly kernel: string;
}

const KERNEL = `Linux ${release().split('-')[0]}`;
const SITE = resolve(import.meta.dirname, '..');
/** Before the answers of the kernel in QEMU. */
const MARK = 'answers: ';

const CALLS: readonly ((handles: Handles) => unknown)[] = [
  ({ rt }) => rt.links.add({ ifname: 'br0', kind: 'bridge' }),
  ({ rt }) => rt.links.add({ ifname: 'x0', kind: 'no-such-kind' }),
  ({ rt }) => rt.links.add({ ifname: 'a name', kind: 'bridge' }),
  ({ rt }) => rt.links.add({ ifname: 'x0', kind: 'vxlan', data: { id: 16777216 } }),
  ({ rt }) => rt.links.set('v0', { mtu: 20 }),
  ({ rt }) => rt.links.set('v0', { master: 'v1' }),
  ({ rt }) => rt.links.set('br0', { master: 'br0' }),
  ({ rt }) => rt.links.set('v0', { ifname: 'v1' }),
  ({ rt }) => rt.links.set('v0', { address: '01:00:5e:00:00:01' }),
  ({ rt }) => rt.links.set(4000, { flags: ['up'] }),
  ({ rt }) => rt.links.delete(4000),
  ({ rt }) => rt.links.delete('lo'),
  ({ rt }) => rt.addrs.add({ dev: 'br0', local: '192.0.2.1/24' }),
  ({ rt }) => rt.addrs.add({ index: 4000, local: '192.0.2.9/24' }),
  ({ rt }) => rt.addrs.add({ dev: 'br0', local: 'ff02::1:2/64' }),
  ({ rt }) => rt.addrs.delete({ dev: 'br0', local: '192.0.2.77/24' }),
  ({ rt }) => rt.routes.add({ dst: '198.51.100.0/24', gateway: '203.0.113.9' }),
  ({ rt }) =>
    rt.routes.add({
      dst: '192.0.2.0/24',
      dev: 'br0',
      protocol: 'kernel',
      scope: 'link',
      prefsrc: '192.0.2.1',
    }),
  ({ rt }) => rt.routes.add({ dst: '198.51.100.7/24', dev: 'br0' }),
  ({ rt }) => rt.routes.add({ dst: '198.51.100.0/24', dev: 'br0', prefsrc: '203.0.113.1' }),
  ({ rt }) => rt.routes.add({ dst: '198.51.100.0/24', oif: 4000 }),
  ({ rt }) => rt.routes.add({ dst: '198.51.100.0/24', nhId: 77 }),
  ({ rt }) => rt.routes.delete({ dst: '203.0.113.0/24' }),
  ({ rt }) => rt.routes.get('203.0.113.9'),
  ({ rt }) => rt.neighs.add({ dev: 'br0', dst: '192.0.2.9' }),
  ({ rt }) => rt.neighs.delete({ dev: 'v0', dst: '192.0.2.8' }),
  ({ rt }) => rt.rules.delete({ priority: 77, table: 77 }),
  ({ rt }) => rt.nexthops.delete(77),
  ({ nft }) => nft.tables.delete({ family: 'inet', name: 'none' }),
  ({ nft }) => nft.chains.delete({ family: 'inet', table: 'none', name: 'c' }),
  ({ nft }) => nft.sets.delete({ family: 'inet', table: 'none', name: 's' }),
  ({ tc }) => tc.qdiscs.add({ dev: 'v0', kind: 'no-such-kind' }),
  ({ tc }) => tc.qdiscs.delete({ dev: 'v0', handle: '7:' }),
  ({ tc }) => tc.qdiscs.add({ dev: 'v0', parent: '7:1', kind: 'pfifo', options: { limit: 7 } }),
  ({ tc }) => tc.classes.add({ dev: 'v0', parent: '1:', handle: '1:10', kind: 'drr' }),
  ({ tc }) => tc.filters.add({ dev: 'v0', parent: '1:', protocol: 'ip', kind: 'matchall' }),
  ({ tc }) => tc.actions.delete({ kind: 'gact', index: 77 }),
  ({ conntrack }) =>
    conntrack.connections.delete({
      orig: { src: '192.0.2.1', dst: '192.0.2.2', protonum: 'tcp', sport: 1, dport: 2 },
    }),
  ({ conntrack }) => conntrack.connections.add({ orig: { src: '192.0.2.1', dst: '192.0.2.2' } }),
  ({ xfrm }) =>
    xfrm.states.add({
      src: '192.0.2.1',
      dst: '192.0.2.2',
      proto: 'esp',
      spi: 1,
      enc: { name: 'no-such-cipher', key: '00' },
    }),
  ({ xfrm }) => xfrm.states.add({ src: '192.0.2.1', dst: '192.0.2.2', proto: 'esp', spi: 1 }),
  ({ xfrm }) => xfrm.states.delete({ dst: '192.0.2.2', proto: 'esp', spi: 77 }),
  ({ xfrm }) => xfrm.policies.delete({ dir: 'in', index: 77 }),
  ({ eth }) => eth.rings.set('v0', { rx: 1 }),
  ({ eth }) => eth.channels.set('v0', { rxCount: 4000 }),
  ({ eth }) => eth.features.set('v0', { wanted: { 'no-such-feature': true } }),
  ({ eth }) => eth.pause.get('v0'),
  ({ eth }) => eth.linkInfo.get('no-such-link'),
  ({ wg }) => wg.devices.get('v0'),
  ({ wg }) => wg.devices.set('v0', { listenPort: 51820 }),
];

interface Answers {
  readonly refusals: Refusal[];
  readonly required: Required[];
}

/** What this kernel answers; what it cannot do at all is left out. */
function ask(): Answers {
  return { refusals: CALLS.flatMap(refusalOf), required: askRequired(KERNEL) };
}

function refusalOf(call: (handles: Handles) => unknown): Refusal[] {
  const text = callText(call);
  return inNamespace((handles) => {
    try {
      call(handles);
    } catch (error) {
      if (!(error instanceof NetlinkError)) throw new Error(text, { cause: error });
      const { operation: type, code, message } = error;
      return LACKING.test(message) ? [] : [{ type, call: text, code, message, kernel: KERNEL }];
    }
    throw new Error(`the kernel does not refuse ${text}`);
  });
}

/** That a kernel lacks a protocol or a family: no refusal of the call. */
const LACKING = /EPROTONOSUPPORT|^CTRL_CMD_GETFAMILY|(qdisc|TC action) kind (is unknown|not found)/;

async function askDebian(): Promise<Answers> {
  const command = [process.execPath, 'site/scripts/refusals.ts', '--print'];
  const { output } = await runInQemu(command, { timeout: 600, silence: 600 });
  const line = output.split('\n').find((each) => each.startsWith(MARK));
  if (line === undefined) throw new Error(output);
  return JSON.parse(line.slice(MARK.length)) as Answers;
}

/** What is recorded of another kernel. */
function recorded(): Answers {
  const isOther = ({ kernel }: { kernel: string }): boolean => kernel !== KERNEL;
  return {
    refusals: read<Answers>('refusals.json').refusals.filter(isOther),
    required: read<Answers>('required.json').required.filter(isOther),
  };
}

const read = <T>(name: string): T => JSON.parse(readFileSync(resolve(SITE, name), 'utf8')) as T;

/** In the order of the calls; what this kernel answers comes before what the other does. */
function merged<T extends { call: string }>(ours: readonly T[], theirs: readonly T[]): T[] {
  const known = new Set(ours.map(({ call }) => call));
  return [...ours, ...theirs.filter(({ call }) => !known.has(call))];
}

function write(name: string, value: unknown): void {
  writeFileSync(resolve(SITE, name), `${JSON.stringify(value, null, 2)}\n`);
}

if (import.meta.main) {
  const ours = ask();
  if (process.argv.includes('--print')) console.log(`${MARK}${JSON.stringify(ours)}`);
  else {
    const theirs = process.argv.includes('--here') ? recorded() : await askDebian();
    const refusals = merged(ours.refusals, theirs.refusals);
    const required = merged(ours.required, theirs.required);
    write('refusals.json', { refusals });
    write('required.json', { required });
    console.log(`${refusals.length} refusals, ${required.length} examples`);
  }
}
