/**
 * In place of Sigstore in a dry run: a statement of where the artefacts come from, in the same form
 * (in-toto, SLSA provenance, in a DSSE envelope), signed by a throw-away key. It shows that each
 * artefact is a subject, with its own hash, but not who made it.
 *
 * https://github.com/secure-systems-lab/dsse, https://slsa.dev/spec/v1.0/provenance
 */
import { generateKeyPairSync, sign, verify } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { sha256 } from './archive.ts';

const TYPE = 'application/vnd.in-toto+json';

interface Subject {
  readonly name: string;
  readonly digest: { readonly sha256: string };
}

/** Signs a statement about the files of a `SHA256SUMS`, verifies it, and says what was done. */
export function attest(sums: string): string {
  const subject = subjectsOf(sums);
  const statement = JSON.stringify({
    _type: 'https://in-toto.io/Statement/v1',
    subject,
    predicateType: 'https://slsa.dev/provenance/v1',
    predicate: { buildDefinition: { buildType: 'dry run' } },
  });
  const signed = Buffer.from(`DSSEv1 ${TYPE.length} ${TYPE} ${statement.length} ${statement}`);
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  if (!verify(null, signed, publicKey, sign(null, signed, privateKey)))
    throw new Error('the signature does not fit');
  return `signed by a local key, not by Sigstore, and verified: ${subject.length} subjects`;
}

/** Each file beside `SHA256SUMS` has to be listed in it, with the hash of its content. */
function subjectsOf(sums: string): Subject[] {
  const folder = dirname(sums);
  const lines = readFileSync(sums, 'utf8').trim().split('\n');
  const subjects = lines.map((line): Subject => {
    const [digest, name] = line.split('  ');
    return { name: name!, digest: { sha256: digest! } };
  });
  const names = new Set([basename(sums), ...subjects.map(({ name }) => name)]);
  for (const name of readdirSync(folder))
    if (!names.has(name)) throw new Error(`${name} is not in ${sums}`);
  for (const { name, digest } of subjects)
    if (sha256(readFileSync(join(folder, name))) !== digest.sha256)
      throw new Error(`${name} has another hash than ${sums} says`);
  return subjects;
}
