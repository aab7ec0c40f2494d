/**
 * A port is never up before it is guarded: whoever is in the container and spins, with his end up
 * and frames of a forged address on the way, wins no ADD. What the bridge learns from one frame
 * would outlive the guard.
 */
import { cpus } from 'node:os';
import test, { type ExecutionContext } from 'ava';
import { attack, listen, type Attack } from '../../harness/attacker.ts';
import { freshNamespace, type Row } from '../../harness/namespace.ts';
import { needs } from '../../harness/needs.ts';
import { freshNode, type Node, succeeded } from '../../harness/node.ts';
import type { PluginCall } from '../../harness/plugin.ts';
import { startStepped, type Stepped } from '../../harness/stepped.ts';

/**
 * With each guard; more of them with ADDS in the environment. Where there is one processor, nobody
 * spins while the kernel works.
 */
const ADDS = Number(process.env['ADDS'] ?? (cpus().length > 1 ? 5 : 1));

const FORGED = '02:00:00:00:00:99';

interface Guard {
  /** Of the container that the attacker is in. */
  readonly keys: Row;
  /** Of those that listen, each on a port of its own. */
  readonly neighbours: readonly Row[];
  /** That the attacker sends in. */
  readonly vlans?: readonly (number | undefined)[];
  /** The VLANs in which the bridge may know the attacker, as bridge(8) writes them. */
  readonly mayKnow: RegExp;
}

const NOWHERE = /^$/;

const GUARDS: Readonly<Record<string, Guard>> = {
  macspoofchk: {
    keys: { macspoofchk: true, isGateway: true },
    neighbours: [{}],
    mayKnow: NOWHERE,
  },
  portIsolation: {
    keys: { portIsolation: true },
    neighbours: [{ portIsolation: true }],
    mayKnow: /./,
  },
};

/**
 * Frames without a tag, of the default VLAN, of one that the port is in, and of somebody else's.
 */
const VLANS = [undefined, 1, 101, 300];
const OTHERS = [{ vlanTrunk: [] }, { vlan: 300 }];

const VLAN_GUARDS: Readonly<Record<string, Guard>> = {
  'vlan and vlanTrunk': {
    keys: { vlan: 100, vlanTrunk: [{ id: 101 }] },
    neighbours: OTHERS,
    vlans: VLANS,
    mayKnow: /vlan 10[01] /,
  },
  'vlan, vlanTrunk and macspoofchk': {
    keys: { vlan: 100, vlanTrunk: [{ id: 101 }], macspoofchk: true },
    neighbours: OTHERS,
    vlans: VLANS,
    mayKnow: NOWHERE,
  },
};

interface Scene {
  readonly node: Node;
  /** Starts an ADD that stops behind these of its sends. */
  add(sends: string): Stepped;
  del(): void;
  /** Waits until the attacker has sent some more frames. */
  attacked(): Promise<Attack>;
  /**
   * What should not be: of the bridge what it learned, of the neighbours what they heard since the
   * last time.
   */
  won(): Promise<string[]>;
}

async function scene(t: ExecutionContext, guard: Guard): Promise<Scene> {
  const node = freshNode(t);
  const container = freshNamespace(t);
  const config = (keys: Row): Row => node.config(['10.88.0.0/24'], keys);
  const listeners: (() => Promise<number>)[] = [];
  for (const [i, keys] of guard.neighbours.entries()) {
    const neighbour = freshNamespace(t);
    const call = { netns: neighbour.path, containerId: `neighbour${i}` };
    succeeded(node.call('ADD', config(keys), call));
    listeners.push(await listen(t, neighbour));
  }
  const call = (command: 'ADD' | 'DEL'): PluginCall => ({
    command,
    containerId: 'c1',
    ifname: 'eth0',
    netns: container.path,
  });
  const attacked = await attack(t, container, FORGED, guard.vlans);
  return {
    node,
    attacked,
    add: (sends) => node.host.run(() => startStepped(t, call('ADD'), config(guard.keys), sends)),
    del: () => {
      t.is(node.call('DEL', config(guard.keys), call('DEL')).code, 0);
    },
    won: async () => {
      const known = node.host.exec('bridge', 'fdb', 'show', 'br', 'br0').split('\n');
      const wrong = known.filter((line) => line.includes(FORGED) && !guard.mayKnow.test(line));
      for (const heard of listeners) {
        const frames = await heard();
        if (frames > 0) wrong.push(`${frames} frames heard`);
      }
      return wrong;
    },
  };
}

function guarded(title: string, declare: typeof test.serial, guard: Guard): void {
  declare(`bridge ${title}: an attacker who spins does not win once`, async (t) => {
    t.timeout(3_000_000);
    const { add, del, attacked, won } = await scene(t, guard);
    const lost: number[] = [];
    for (let i = 0; i < ADDS; i++) {
      // Behind the first send the pair is there: from then on the attacker is at work.
      const adding = add('1');
      t.true(await adding.stopped());
      t.is((await attacked()).raised, i + 1);
      adding.goOn();
      const { code, stdout, stderr } = await adding.ended;
      t.is(code, 0, `${stdout}${stderr}`);
      await attacked();
      if ((await won()).length > 0) lost.push(i);
      del();
    }
    t.deepEqual(lost, [], `of ${ADDS}`);
  });

  declare(`bridge ${title}: an attacker does not win between two steps of an ADD`, async (t) => {
    const { add, attacked, won } = await scene(t, guard);
    const adding = add('1+');
    let stops = 0;
    for (; await adding.stopped(); stops++) {
      await attacked();
      t.deepEqual(await won(), []);
      adding.goOn();
    }
    const { code, stdout, stderr } = await adding.ended;
    t.is(code, 0, `${stdout}${stderr}`);
    t.true(stops >= 4, `${stops} stops`);
    await attacked();
    t.deepEqual(await won(), []);
  });
}

for (const [title, guard] of Object.entries(GUARDS)) guarded(title, test.serial, guard);
for (const [title, guard] of Object.entries(VLAN_GUARDS))
  guarded(title, needs('vlan-filtering') as typeof test.serial, guard);
