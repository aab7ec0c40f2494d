/** A small executable of several plugins, for main.test.ts to run. */
import { main } from '../../../src/cni/main.ts';
import { staticPlugin } from '../../../src/plugins/static/commands.ts';

main({
  static: () => staticPlugin,
  'host-local': () =>
    import('../../../src/plugins/host-local/commands.ts').then((module) => module.hostLocalPlugin),
});
