/**
 * Many processes at once on one ruleset: every ADD holds, every DEL takes away, and no conflict
 * comes to light.
 */
import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { freshNamespace } from '../../harness/namespace.ts';
import { needs } from '../../harness/needs.ts';

const CHURN = resolve(import.meta.dirname, '../../harness/masquerade-churn.ts');

function churn(netns: string, who: string, rounds: number): Promise<string> {
  const child = spawn(process.execPath, [CHURN, netns, who, String(rounds)]);
  let said = '';
  child.stderr.on('data', (data: Buffer) => (said += data.toString()));
  return new Promise((done) => {
    child.once('close', (code) => done(code === 0 ? '' : `${who}: exit ${code}: ${said}`));
  });
}

needs('nftables-inet')(
  'masquerade: five processes attach and detach while another changes its own table',
  async (t) => {
    const ns = freshNamespace(t);
    const workers = Array.from({ length: 5 }, (_, i) => churn(ns.path, String(i), 15));
    const failures = await Promise.all([...workers, churn(ns.path, 'foreign', 800)]);
    t.deepEqual(
      failures.filter((failure) => failure !== ''),
      [],
    );
    t.false(ns.exec('nft', 'list', 'ruleset').includes('cni_netlink_ts'));
  },
);
