/**
 * Bills of materials of the artefacts, as CycloneDX documents (https://cyclonedx.org): npm makes
 * that of the npm package, and that of the executables is made from what their build reads.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { bundle } from '../engine/bundle.ts';
import { sha256 } from './archive.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const read = (path: string): string => readFileSync(resolve(ROOT, path), 'utf8');

interface Component {
  readonly type: string;
  readonly 'bom-ref': string;
  readonly name: string;
  readonly version?: string;
  readonly [key: string]: unknown;
}

interface Bom {
  readonly metadata: { readonly component: Component; readonly [key: string]: unknown };
  readonly components: readonly Component[];
  readonly [key: string]: unknown;
}

const byRef = (a: Component, b: Component): number => (a['bom-ref'] < b['bom-ref'] ? -1 : 1);

/**
 * npm puts a random number and the time of day into the document, which have to follow from the
 * sources.
 */
function finished(bom: Bom, epoch: number): string {
  const timestamp = new Date(epoch * 1000).toISOString();
  const components = bom.components.toSorted(byRef);
  const same = { ...bom, components, metadata: { ...bom.metadata, timestamp } };
  const hash = sha256(JSON.stringify({ ...same, serialNumber: '' }));
  // RFC 9562, version 8: the other bits are free.
  const parts = [hash.slice(0, 8), hash.slice(8, 12), `8${hash.slice(13, 16)}`];
  const uuid = [...parts, `a${hash.slice(17, 20)}`, hash.slice(20, 32)].join('-');
  return `${JSON.stringify({ ...same, serialNumber: `urn:uuid:${uuid}` }, undefined, 2)}\n`;
}

function npmBom(): Bom {
  const args = ['sbom', '--sbom-format', 'cyclonedx', '--omit', 'dev', '--package-lock-only'];
  const { status, stdout, stderr } = spawnSync('npm', args, { cwd: ROOT, encoding: 'utf8' });
  if (status !== 0) throw new Error(`npm sbom: ${stderr}`);
  const bom = JSON.parse(stdout) as Bom;
  // npm names the package after the folder that it is in.
  const { component } = bom.metadata;
  return { ...bom, metadata: { ...bom.metadata, component: { ...component, name: 'netlink-ts' } } };
}

/** The bill of materials of the npm package. */
export const packageBom = (epoch: number): string => finished(npmBom(), epoch);

/** The bill of materials of the executables for an architecture, as container images name it. */
export async function executablesBom(arch: string, epoch: number): Promise<string> {
  const bom = npmBom();
  const inputs = [
    ...Object.keys((await bundle('src/host/main.ts')).inputs),
    ...Object.keys((await bundle('src/installer/main.ts')).inputs),
  ];
  const bundled = (name: string): boolean =>
    inputs.some((path) => path.startsWith(`node_modules/${name}/`));
  const engine = pinned('quickjs-ng');
  const zig = pinned('ziglang');
  const component = {
    ...bom.metadata.component,
    'bom-ref': `netlink-ts-cni-plugins-${arch}@${String(bom.metadata.component.version)}`,
    type: 'application',
    name: `netlink-ts-cni-plugins-linux-${arch}`,
  };
  const linked: Component[] = [
    fromPypi('quickjs-ng', engine, 'MIT', 'The JavaScript engine.'),
    fromPypi('ziglang', zig, 'MIT', 'The C compiler, parts of whose runtime are linked.'),
    {
      type: 'library',
      'bom-ref': `musl@zig-${zig.version}`,
      name: 'musl',
      description: `The C library, as zig ${zig.version} contains it.`,
      licenses: [{ license: { id: 'MIT' } }],
    },
  ];
  const components = [...bom.components.filter(({ name }) => bundled(name)), ...linked];
  // npm's own dependency graph has the packages that are not in the executables.
  const refs = components.map((each) => each['bom-ref']).sort();
  const dependencies = [
    { ref: component['bom-ref'], dependsOn: refs },
    ...refs.map((ref) => ({ ref, dependsOn: [] })),
  ];
  return finished(
    { ...bom, metadata: { ...bom.metadata, component }, components, dependencies },
    epoch,
  );
}

interface Pin {
  readonly version: string;
  readonly hashes: readonly string[];
}

/** The version and the hashes in `requirements.txt`. */
function pinned(name: string): Pin {
  const line = read('scripts/engine/requirements.txt')
    .split('\n')
    .find((each) => each.startsWith(`${name}==`));
  if (line === undefined) throw new Error(`requirements.txt: no ${name}`);
  return {
    version: /==(\S+)/.exec(line)![1]!,
    hashes: [...line.matchAll(/sha256:(\w+)/g)].map((found) => found[1]!),
  };
}

const fromPypi = (
  name: string,
  { version, hashes }: Pin,
  license: string,
  description: string,
): Component => ({
  type: 'library',
  'bom-ref': `${name}@${version}`,
  name,
  version,
  description,
  purl: `pkg:pypi/${name}@${version}`,
  hashes: hashes.map((content) => ({ alg: 'SHA-256', content })),
  licenses: [{ license: { id: license } }],
});
