/**
 * Monitors that wait in a worker. `terminate`: the worker is terminated. `exit`: the process exits.
 * `close`: the worker closes everything and ends by itself. Exits with code 7 when that was all.
 */
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { open } from '../../src/rtnl/open.ts';
import { openNftables } from '../../src/nftables/open.ts';

const how: unknown = isMainThread ? process.argv[2] : workerData;

if (isMainThread) {
  process.on('warning', (warning) => console.error(`warning: ${warning.message}`));
  const worker = new Worker(import.meta.filename, { workerData: how });
  worker.on('warning', (warning: Error) => console.error(`warning: ${warning.message}`));
  worker.on('message', () => {
    if (how === 'terminate') void worker.terminate().then(() => process.exit(7));
    if (how === 'exit') process.exit(7);
  });
  worker.on('exit', () => {
    if (how === 'close') process.exitCode = 7;
  });
} else {
  const rt = open();
  const monitors = [
    rt.monitor({ links: true }),
    rt.monitor({ addrs: true }),
    rt.monitor({ routes: true }),
  ];
  const pending = monitors.map((events) => events.next());
  // Behind what the waits begin with.
  setTimeout(async () => {
    if (how === 'close') {
      monitors.forEach((events) => events.close());
      await Promise.all(pending);
      rt.links.list();
      rt.close();
      openNftables().close();
    }
    parentPort!.postMessage('waiting');
  }, 50);
}
