/**
 * What the form of the site says about a configuration is what the executable says: the same code,
 * message and details, and the same warnings.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { validate } from '../../../site/lib/validate.ts';
import { freshNamespace } from '../../harness/namespace.ts';
import { needs } from '../../harness/needs.ts';
import { execPlugin, ourPlugin } from '../../harness/plugin.ts';

const HOST_LOCAL = { type: 'host-local', ranges: [[{ subnet: '10.88.0.0/24' }]] };
const STATIC = { type: 'static', addresses: [{ address: '10.88.0.9/24' }] };
const bridge = (more: object): object => ({ type: 'bridge', ipam: HOST_LOCAL, ...more });
const hostLocal = (more: object): object => bridge({ ipam: { ...HOST_LOCAL, ...more } });
const range = (...ranges: object[]): object => hostLocal({ ranges: [ranges] });
const fixed = (...addresses: object[]): object => bridge({ ipam: { ...STATIC, addresses } });
/** Those of ipvlan that are refused: the others need a kernel that has it. */
const ipvlan = (more: object): object => ({ type: 'ipvlan', master: 'up0', ipam: STATIC, ...more });

const CONFIGURATIONS: readonly object[] = [
  bridge({}),
  bridge({ isGateway: true, mtu: 1400 }),
  bridge({ isDefaultGateway: 'yes' }),
  bridge({ isGatway: true }),
  bridge({ isGatway: true, strict: true }),
  bridge({ ISGATEWAY: true }),
  bridge({ mtu: 10 }),
  bridge({ mtu: '1500' }),
  bridge({ mtu: 70000 }),
  bridge({ mtu: 1.5 }),
  bridge({ vlan: 5000 }),
  bridge({ vlan: -1 }),
  bridge({ vlanTrunk: [{ minID: 30, maxID: 20 }] }),
  bridge({ vlanTrunk: [{ id: 4095 }] }),
  bridge({ vlanTrunk: {} }),
  bridge({ hairpinMode: true, promiscMode: true }),
  bridge({ bridge: 'a/b' }),
  bridge({ bridge: 'a-name-of-17-byte' }),
  bridge({ bridge: '' }),
  bridge({ ipMasq: true, ipMasqBackend: 'ebtables' }),
  bridge({ disableContainerInterface: true }),
  bridge({ runtimeConfig: { mac: '02:00' } }),
  bridge({ ipam: { subnet: '10.0.0.0/8' } }),
  bridge({ ipam: { subnet: '10.0.0.0/8' }, strict: true }),
  bridge({ ipam: [] }),
  bridge({ name: 'a b' }),
  bridge({ name: undefined }),
  bridge({ dns: { nameservers: 'one' } }),
  bridge({
    cniVersion: '0.2.0',
    ipam: { ...STATIC, addresses: [STATIC.addresses[0], { address: '10.88.0.10/24' }] },
  }),
  hostLocal({ ranges: [] }),
  hostLocal({ cooldown: -1 }),
  hostLocal({ durability: 'never' }),
  hostLocal({ rangez: [] }),
  hostLocal({ routes: [{ dst: '10.0.0.0' }] }),
  range({ subnet: '10.88.0.0' }),
  range({ subnet: '10.88.0.0/24', rangeStart: '10.89.0.1' }),
  range({ subnet: '10.88.0.0/24', rangeStart: '10.88.0.9', rangeEnd: '10.88.0.5' }),
  range({ subnet: '10.88.0.0/24', exclude: ['fd00::/64'] }),
  range({ subnet: '10.88.0.0/24' }, { subnet: '10.88.0.128/25' }),
  range({ subnet: '10.88.0.0/24' }, { subnet: 'fd00::/64' }),
  fixed({ address: '10.88.0.9' }),
  fixed({ address: '10.88.0.9/24', gateway: 'here' }),
  fixed({ Address: '10.88.0.9/24' }),
  fixed({ address: '10.88.0.9/24', gateway: '10.88.0.1' }),
  ipvlan({ mode: 'l4' }),
  ipvlan({ flag: 'public' }),
  ipvlan({ mtu: 'much' }),
  ipvlan({ linkInContainer: 1 }),
  { type: 'loopback' },
  { type: 'loopback', loop: true, strict: true },
  { type: 'loopback', cniVersion: 1 },
];

needs('bridge', 'veth')('validator: says what the executables say', (t) => {
  t.true(CONFIGURATIONS.length >= 40);
  const dataDir = mkdtempSync(join(tmpdir(), 'validator-'));
  t.teardown(() => rmSync(dataDir, { recursive: true }));
  let refused = 0;
  for (const each of CONFIGURATIONS) {
    const plain = { cniVersion: '1.0.0', name: 'net', ...each } as unknown as {
      type: string;
      ipam?: object;
    };
    const isLocal = (plain.ipam as { type?: string } | undefined)?.type === 'host-local';
    const config = { ...plain, ...(isLocal && { ipam: { ...plain.ipam, dataDir } }) };
    const text = JSON.stringify(config);
    const [host, container] = [freshNamespace(t), freshNamespace(t)];
    const { code, json, stderr } = host.run(() =>
      execPlugin(
        ourPlugin(plain.type),
        { command: 'ADD', containerId: 'c', netns: container.path, ifname: 'eth0' },
        text,
      ),
    );
    const [verdict] = validate(text);
    const { error, warnings } = verdict!;
    const { code: number, msg, details = '' } = (json ?? {}) as Record<string, unknown>;
    const said = code === 0 ? undefined : { code: number, msg, details };
    t.deepEqual(error, said as typeof error, text);
    if (error === undefined) for (const line of warnings) t.true(stderr.includes(line), text);
    else refused++;
    host.remove();
    container.remove();
    rmSync(join(dataDir, 'net'), { recursive: true, force: true });
    rmSync(join(dataDir, '.netlink-ts'), { recursive: true, force: true });
  }
  t.true(refused >= 30);
});
