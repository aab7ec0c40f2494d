/**
 * The library as it is published: ES modules and declarations, one entry for each subpath of
 * `exports`.
 */
import { defineConfig } from 'tsup';

const entries = {
  index: 'src/index.ts',
  netlink: 'src/netlink/index.ts',
  rtnl: 'src/rtnl/index.ts',
  nftables: 'src/nftables/index.ts',
  genl: 'src/genl/index.ts',
  diag: 'src/diag/index.ts',
  conntrack: 'src/conntrack/index.ts',
  wireguard: 'src/wireguard/index.ts',
  ethtool: 'src/ethtool/index.ts',
  devlink: 'src/devlink/index.ts',
  tc: 'src/tc/index.ts',
  xfrm: 'src/xfrm/index.ts',
  uevent: 'src/uevent/index.ts',
  ynl: 'src/ynl/index.ts',
  nfqueue: 'src/nfqueue/index.ts',
  nflog: 'src/nflog/index.ts',
  ipam: 'src/ipam/index.ts',
  cni: 'src/cni/index.ts',
  // Runs in a browser: esbuild gives it chunks with no more than it imports.
  codec: 'src/codec.ts',
};

export default defineConfig({
  // `errors` is no subpath: as an entry it is a chunk of its own, so that a bundle with an error
  // class contains nothing else.
  entry: { ...entries, errors: 'src/errors.ts', cli: 'src/cli/main.ts' },
  format: 'esm',
  target: 'node22',
  splitting: true,
  // The sources are in the package themselves.
  sourcemap: true,
  esbuildOptions: (options) => {
    options.sourcesContent = false;
  },
  // tsup still sets `baseUrl` for the declarations, which TypeScript 6 reports as deprecated.
  dts: {
    entry: entries,
    compilerOptions: { ignoreDeprecations: '6.0', stableTypeOrdering: true },
  },
  silent: true,
});
