/** The clients by name: what each needs, and what it does in its sandbox. */
import type { DebianPackage } from '../../scripts/debian.ts';
import { runBuildah } from './buildah.ts';
import { runCnitool, runLatestCnitool } from './cnitool.ts';
import { runCri } from './cri.ts';
import { runCtr } from './ctr.ts';
import { runIpvlan } from './ipvlan.ts';
import { runPodman } from './podman.ts';
import type { Stage } from './stage.ts';
import type { CnitoolVersion } from './supplies.ts';

export interface Client {
  readonly name: string;
  readonly packages: readonly DebianPackage[];
  readonly cnitool?: CnitoolVersion;
  /** On the second kernel, for what the host's lacks or does otherwise. */
  readonly uml?: true;
  /** The world outside is on the containers' own network, not behind a router. */
  readonly onLink?: true;
  /** Why there is nothing to compare with. */
  readonly noReference?: string;
  run(stage: Stage): Promise<void>;
}

export const CLIENTS: readonly Client[] = [
  { name: 'podman', packages: ['podman', 'runc', 'conmon'], run: runPodman },
  { name: 'ctr', packages: ['containerd', 'runc'], run: runCtr },
  { name: 'cri', packages: ['containerd', 'runc'], run: runCri },
  { name: 'buildah', packages: ['buildah', 'runc'], run: runBuildah },
  { name: 'cnitool', packages: [], cnitool: '1.1.2', run: runCnitool },
  {
    name: 'cnitool-1.3',
    packages: ['golang-go'],
    cnitool: '1.3.0',
    noReference: "Debian's plugins know no version 1.1.0",
    run: runLatestCnitool,
  },
  {
    // No nf_tables there: masquerade goes by iptables.
    name: 'cnitool-uml',
    packages: ['golang-go', 'user-mode-linux'],
    cnitool: '1.1.2',
    uml: true,
    run: runCnitool,
  },
  {
    name: 'ipvlan',
    packages: ['podman', 'runc', 'conmon', 'golang-go', 'user-mode-linux'],
    cnitool: '1.1.2',
    uml: true,
    onLink: true,
    run: runIpvlan,
  },
];
