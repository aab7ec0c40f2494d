/**
 * One IPAM call as a process, for the tests that kill it and the benchmark that times it: the
 * environment and the JSON on stdin are those of a CNI plugin, the answer is the bare result.
 */
import { processIo } from '../../../src/cni/process-io.ts';
import { hostLocal, IpamError } from '../../../src/ipam/index.ts';
import { thisProcess } from '../../../src/sys/process.ts';

const text = (name: string): string => thisProcess.env[name] ?? '';
const { readStdin, writeStdout, writeStderr } = processIo();
/**
 * A test that has just made leases lets GC begin in the future, so that none of them counts as
 * young.
 */
const startedAt = performance.timeOrigin + Number(text('GC_STARTS_LATER') || 0);
const network = JSON.parse(new TextDecoder().decode(readStdin())) as Record<string, unknown>;
const ipam = hostLocal(network, { report: (line) => writeStderr(`${line}\n`) });
const owner = { containerId: text('CNI_CONTAINERID'), ifname: text('CNI_IFNAME') };

try {
  switch (text('CNI_COMMAND')) {
    case 'ADD': {
      const lease = ipam.add(owner, { pending: true });
      lease.commit();
      writeStdout(JSON.stringify(lease.result));
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
      writeStderr(`${JSON.stringify(ipam.gc(network['cni.dev/valid-attachments'], startedAt))}\n`);
      break;
  }
} catch (error) {
  const known = error instanceof IpamError ? error : undefined;
  const msg = error instanceof Error ? error.message : `${error}`;
  writeStdout(JSON.stringify({ code: known?.code, msg, details: known?.details }));
  thisProcess.exit(1);
}
thisProcess.exit(0);
