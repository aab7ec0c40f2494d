/** The library as it is published: ESM, CommonJS and declarations, one entry for each subpath of `exports`. */
import { existsSync } from 'node:fs';
import { defineConfig, type Options } from 'tsup';

const entries = (sources: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(sources).filter(([, path]) => existsSync(path)));

const shared = {
  format: ['esm', 'cjs'] as ('esm' | 'cjs')[],
  target: 'node22',
  // tsup still sets `baseUrl` for the declarations, which TypeScript 6 reports as deprecated.
  dts: { compilerOptions: { ignoreDeprecations: '6.0', stableTypeOrdering: true } },
  silent: true,
};

const library = {
  index: 'src/index.ts',
  netlink: 'src/netlink/index.ts',
  rtnl: 'src/rtnl/index.ts',
  nftables: 'src/nftables/index.ts',
  genl: 'src/genl/index.ts',
  ipam: 'src/ipam/index.ts',
  cni: 'src/cni/index.ts',
};
const codec = 'src/codec.ts';

const builds: Options[] = [
  {
    ...shared,
    entry: entries(library),
    // With those of the codec, or a message would be another type there.
    dts: { ...shared.dts, entry: entries({ ...library, codec }) },
    // In CommonJS too: each class and each registry of kinds once, whatever subpath it comes by.
    splitting: true,
    // `import.meta.url`, by which koffi is found, has to mean something in CommonJS as well.
    shims: true,
  },
  {
    ...shared,
    entry: entries({ cli: 'src/cli/main.ts' }),
    format: ['esm'],
    dts: false,
    shims: true,
  },
  {
    ...shared,
    // Runs in a browser: it must not share chunks with code that does not.
    entry: entries({ codec }),
    dts: false,
    platform: 'neutral',
  },
];

export default defineConfig(builds.filter(({ entry }) => Object.keys(entry ?? {}).length > 0));
