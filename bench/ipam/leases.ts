/** Directories of leases for the benches of host-local, and the calls that work on them. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { REFERENCE } from '../../scripts/reference.ts';

const address = (at: number): string => `10.${at >> 16}.${(at >> 8) & 255}.${at & 255}`;

/** For GC all attachments are gone. */
export const netconf = (dataDir: string, command: string, name = 'bench'): object => ({
  cniVersion: command === 'STATUS' || command === 'GC' ? '1.1.0' : '1.0.0',
  name,
  ipam: { type: 'host-local', dataDir, ranges: [[{ subnet: '10.0.0.0/8' }]] },
  ...(command === 'GC' && { 'cni.dev/valid-attachments': [] }),
});

export const environment = (command: string, containerId: string): NodeJS.ProcessEnv => ({
  CNI_COMMAND: command,
  CNI_CONTAINERID: containerId,
  CNI_NETNS: '/proc/1/ns/net/none',
  CNI_IFNAME: 'eth0',
  CNI_PATH: REFERENCE,
});

/** Leases as the reference leaves them: ids of 64 characters, round robin after the last. */
export function fill(dataDir: string, size: number): void {
  rmSync(dataDir, { recursive: true, force: true });
  const path = join(dataDir, 'bench');
  mkdirSync(path, { recursive: true });
  for (let at = 0; at < size; at++) {
    const id = `${at}`.padStart(64, 'a');
    writeFileSync(join(path, address(at + 2)), `${id}\r\neth0`);
  }
  if (size > 0) writeFileSync(join(path, 'last_reserved_ip.0'), address(size + 1));
}
