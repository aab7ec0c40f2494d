/**
 * One IPAM call as a process, for the tests that kill it and the benchmark that times it: the environment and the JSON on stdin are those
 * of a CNI plugin, the answer is the bare result.
 */
import { readFileSync, writeSync } from 'node:fs';
import { hostLocal, IpamError } from '../../../src/ipam/index.ts';

const text = (name: string): string => process.env[name] ?? '';
/** A test that has just made leases lets GC begin in the future, so that none of them counts as young. */
const startedAt = performance.timeOrigin + Number(text('GC_STARTS_LATER') || 0);
const network = JSON.parse(readFileSync(0, 'utf8')) as Record<string, unknown>;
const ipam = hostLocal(network, { report: (line) => writeSync(2, `${line}\n`) });
const owner = { containerId: text('CNI_CONTAINERID'), ifname: text('CNI_IFNAME') };

try {
  switch (text('CNI_COMMAND')) {
    case 'ADD': {
      const lease = ipam.add(owner, { pending: true });
      lease.commit();
      writeSync(1, JSON.stringify(lease.result));
      break;
    }
    case 'DEL':
      ipam.del(owner);
      break;
    case 'CHECK':
      ipam.check(owner);
      break;
    case 'STATUS':
      ipam.status();
      break;
    case 'GC':
      writeSync(2, `${JSON.stringify(ipam.gc(network['cni.dev/valid-attachments'], startedAt))}\n`);
      break;
  }
} catch (error) {
  const known = error instanceof IpamError ? error : undefined;
  const msg = error instanceof Error ? error.message : `${error}`;
  writeSync(1, JSON.stringify({ code: known?.code, msg, details: known?.details }));
  process.exitCode = 1;
}
