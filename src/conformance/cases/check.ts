/** CHECK of plugins that make an interface. CNI SPEC 1.1.0, section 2, "CHECK". */
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Case, demand } from '../case.ts';
import type { Json } from '../profiles.ts';
import type { Container, Stage } from '../stage.ts';

interface Checked {
  readonly who: Container;
  /** The configuration with the result of ADD. */
  readonly config: Json;
}

async function attached(stage: Stage): Promise<Checked> {
  const who = stage.container();
  const prevResult = await stage.add(who);
  return { who, config: { ...stage.config(), prevResult } };
}

const about = { since: '0.4.0', of: 'interface', needs: ['host-local'] } as const;

/** A case in which something is missing, which CHECK has to notice. */
const noticed = (
  name: string,
  what: string,
  remove: (stage: Stage, who: Container) => void,
): Case => ({
  ...about,
  name: `check-${name}`,
  says: `CHECK fails when ${what}.`,
  level: 'should',
  source: 'SPEC 2, CHECK',
  async run(stage) {
    const { who, config } = await attached(stage);
    await stage.succeed('CHECK', who, config);
    remove(stage, who);
    await stage.fail('CHECK', who, config);
  },
});

/** What other plugins or programs may have done, which CHECK has to allow. */
const allowed = (
  name: string,
  what: string,
  change: (stage: Stage, who: Container) => void,
): Case => ({
  ...about,
  name: `check-${name}`,
  says: `CHECK succeeds when a later plugin ${what}.`,
  level: 'must',
  source: 'SPEC 2, CHECK',
  async run(stage) {
    const { who, config } = await attached(stage);
    change(stage, who);
    await stage.succeed('CHECK', who, config);
  },
});

export const checkCases: readonly Case[] = [
  {
    ...about,
    name: 'check',
    says: 'CHECK succeeds at once after ADD, in each version, and again.',
    level: 'must',
    source: 'SPEC 2, CHECK',
    async run(stage) {
      for (const cniVersion of stage.subject.versions.filter((each) => each >= '0.4.0')) {
        const [who, config] = [stage.container(), stage.config({ cniVersion })];
        const prevResult = await stage.add(who, config);
        for (let i = 0; i < 2; i++) await stage.succeed('CHECK', who, { ...config, prevResult });
      }
    },
  },
  {
    ...about,
    name: 'check-no-result',
    says: 'CHECK without prevResult fails.',
    level: 'should',
    source: 'SPEC 2, CHECK',
    async run(stage) {
      const who = stage.container();
      await stage.add(who);
      await stage.fail('CHECK', who);
    },
  },
  noticed('interface-gone', 'the interface is gone', (stage, who) => {
    using rt = stage.open(who.namespace);
    rt.links.delete(who.ifname);
  }),
  noticed('interface-down', 'the interface is down', (stage, who) => {
    using rt = stage.open(who.namespace);
    rt.links.down(who.ifname);
  }),
  noticed('address-gone', 'its address is gone', (stage, who) => {
    using rt = stage.open(who.namespace);
    for (const { local } of rt.addrs.list({ dev: who.ifname, family: 'inet' }))
      rt.addrs.delete({ dev: who.ifname, local: local! });
  }),
  noticed('route-gone', 'a route of the result is gone', (stage, who) => {
    using rt = stage.open(who.namespace);
    rt.routes.delete({ dst: 'default', dev: who.ifname });
  }),
  noticed('lease-gone', 'the lease of its address is gone', (stage) => {
    for (const name of readdirSync(stage.dataDir))
      rmSync(join(stage.dataDir, name), { recursive: true });
  }),
  allowed('more', 'has added an address and a route', (stage, { namespace, ifname }) => {
    using rt = stage.open(namespace);
    rt.addrs.add({ dev: ifname, local: '192.0.2.5/24' });
    rt.routes.add({ dst: '198.51.100.0/24', dev: ifname, gateway: '192.0.2.1' });
  }),
  allowed(
    'routes-moved',
    'has moved the routes to another table',
    (stage, { namespace, ifname }) => {
      using rt = stage.open(namespace);
      for (const { dst, gateway } of rt.routes.list({ family: 'inet', table: 'main' })) {
        if (dst !== 'default') continue;
        rt.routes.add({ dst, gateway, dev: ifname, table: 100 });
        rt.routes.delete({ dst, dev: ifname });
      }
    },
  ),
  {
    ...about,
    name: 'check-unchanged',
    says: 'CHECK changes nothing on the host.',
    level: 'good',
    source: 'compatibility.md, CHECK',
    async run(stage) {
      const { who, config } = await attached(stage);
      const before = stage.state();
      await stage.succeed('CHECK', who, config);
      await stage.unchanged(before, 'CHECK');
      demand(stage.interfaceOf(who) !== undefined, 'the interface is gone');
    },
  },
];
