/** The modules that the build makes of the plugins. */
import { existsSync } from 'node:fs';
import test from 'ava';
import { bundle } from '../../scripts/engine/bundle.ts';

type Outputs = Awaited<ReturnType<typeof bundle>>['outputs'];
const bundled = bundle('src/host/main.ts');

/** The modules that a call reads which imports these files. */
function readFor(outputs: Outputs, ...files: readonly string[]): Set<string> {
  const read = new Set<string>();
  const visit = (path: string): void => {
    if (read.has(path)) return;
    read.add(path);
    for (const each of outputs[path]!.imports)
      if (each.kind === 'import-statement') visit(each.path);
  };
  for (const [path, { entryPoint }] of Object.entries(outputs)) {
    if (entryPoint !== undefined && files.includes(entryPoint)) visit(path);
  }
  return read;
}

test('the executable: each source is in one module', async (t) => {
  const { outputs } = await bundled;
  const seen = new Set<string>();
  for (const { inputs } of Object.values(outputs)) {
    for (const [file, { bytesInOutput }] of Object.entries(inputs)) {
      if (bytesInOutput === 0) continue;
      t.true(existsSync(file), file);
      t.false(seen.has(file), file);
      seen.add(file);
    }
  }
});

test('the executable: an ADD reads few modules, and VERSION nothing of it', async (t) => {
  const { outputs } = await bundled;
  const main = 'src/host/main.ts';
  t.true(readFor(outputs, main).size <= 2);
  const add = ['src/cni/run.ts', 'src/plugins/bridge/index.ts', 'src/plugins/bridge/add.ts'];
  // It was 27 before sources were grouped.
  const modules = readFor(outputs, main, ...add);
  t.true(modules.size <= 16, [...modules].join(' '));
  t.true([...modules].some((path) => outputs[path]!.entryPoint === add[2]));
});

test('the executable: messages and kinds that no plugin reads are left out', async (t) => {
  const { outputs } = await bundled;
  const inputs = Object.values(outputs).flatMap((output) => Object.entries(output.inputs));
  const files = new Set(
    inputs.flatMap(([file, { bytesInOutput }]) => (bytesInOutput > 0 ? file : [])),
  );
  const rtnl = ['rtnetlink', 'nexthop/message', 'rule/message', 'stats', 'link/kinds/vxlan'];
  const nftables = ['nf-tables', 'flowtable/message', 'object/message', 'trace/message', 'verbs'];
  for (const unread of [
    ...rtnl.map((name) => `src/rtnl/${name}.ts`),
    ...nftables.map((name) => `src/nftables/${name}.ts`),
  ]) {
    t.true(existsSync(unread), unread);
    t.false(files.has(unread), unread);
  }
});
