/**
 * DEL without prevResult takes all away, in every version of the specification: a runtime whose
 * record of the attachment cannot be read drops it and calls DEL all the same.
 */
import { setImmediate } from 'node:timers/promises';
import test from 'ava';
import { SUPPORTED_VERSIONS } from '../../../src/cni/version.ts';
import { needs } from '../../harness/needs.ts';
import { changes, lasting } from '../../harness/node.ts';
import { FAULT_SCENES } from '../../plugins/fault-scenes.ts';

for (const title of [
  'bridge, both families over a new bridge',
  'bridge, masquerade',
  'ipvlan in mode l3',
  'host-local',
  'static',
  'loopback',
]) {
  const scene = FAULT_SCENES[title]!;
  const declare = scene.needs === undefined ? test.serial : needs(...scene.needs).serial;
  declare(`DEL without prevResult in every version: ${title}`, async (t) => {
    await setImmediate();
    const stage = scene.prepare(t);
    let gone: string[] | undefined;
    for (const cniVersion of SUPPORTED_VERSIONS) {
      const added = stage.run('ADD', 1, { cniVersion });
      t.is(added.code, 0, `${cniVersion}: ${added.stdout}`);
      const removed = stage.run('DEL', 1, { cniVersion });
      t.like(removed, { code: 0, stdout: '', stderr: '' }, cniVersion);
      const before = (gone ??= stage.snapshot());
      t.deepEqual(
        lasting(() => changes(before, stage.snapshot())),
        [],
        cniVersion,
      );
      // An interface, an alias, a lease; "c1" alone may be a byte of a MAC address.
      t.false(
        stage.snapshot().some((line) => /veth|ipvlan|\/c1\/|"c1/.test(line)),
        cniVersion,
      );
    }
  });
}
