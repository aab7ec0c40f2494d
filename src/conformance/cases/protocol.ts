/** What every plugin has to do, whatever it is for. CNI SPEC 1.1.0, sections 1, 2 and 5. */
import { type Case, demand } from '../case.ts';
import { type Answer, outcome } from '../execute.ts';
import type { Stage } from '../stage.ts';

interface Failure {
  readonly cniVersion?: unknown;
  readonly code?: unknown;
  readonly msg?: unknown;
  readonly details?: unknown;
}

const failure = ({ json }: Answer): Failure => (json ?? {}) as Failure;

/** Demands that a failed call gave this error code. */
function hasCode(answer: Answer, code: number, what: string): void {
  demand(failure(answer).code === code, () => {
    const given = failure(answer).code ?? 'no code';
    return `${what}: code ${String(given)} instead of ${code} (${outcome(answer)})`;
  });
}

/** The error names a variable, as code 4 has to. */
function names(answer: Answer, variable: string): void {
  hasCode(answer, 4, variable);
  const { msg, details } = failure(answer);
  demand(`${String(msg)} ${String(details)}`.includes(variable), () => {
    return `the error does not name ${variable}: ${outcome(answer)}`;
  });
}

/** ADD that has to fail, with one parameter exchanged. */
const addWith = async (stage: Stage, who: object, config?: object | string): Promise<Answer> =>
  stage.fail('ADD', { ...stage.container(), ...who }, config as string | undefined);

export const protocolCases: readonly Case[] = [
  {
    name: 'version',
    says: 'VERSION reports the version of the protocol and the supported versions.',
    level: 'must',
    source: 'SPEC 5, VERSION Success',
    of: 'any',
    async run(stage) {
      for (const input of ['{"cniVersion":"1.0.0"}', '']) {
        const answer = await stage.call('VERSION', {}, input);
        demand(answer.code === 0, () => `VERSION: ${outcome(answer)}`);
        const { cniVersion, supportedVersions } = (answer.json ?? {}) as Record<string, unknown>;
        demand(typeof cniVersion === 'string', 'the answer has no cniVersion');
        const isList = Array.isArray(supportedVersions) && supportedVersions.length > 0;
        demand(isList, 'the answer has no list supportedVersions');
      }
    },
  },
  {
    name: 'error-object',
    says: 'An error is one JSON object on standard output, with a code above zero and a message.',
    level: 'should',
    source: 'SPEC 5, Error',
    of: 'any',
    async run(stage) {
      const answer = await addWith(stage, { containerId: undefined });
      demand(answer.json !== undefined, () => `no JSON: ${outcome(answer)}`);
      const { code, msg } = failure(answer);
      demand(Number.isInteger(code) && (code as number) > 0, `the code is ${String(code)}`);
      demand(typeof msg === 'string' && msg !== '', 'there is no msg');
    },
  },
  {
    name: 'error-version',
    says: 'The error about a configuration has the cniVersion of the configuration.',
    level: 'should',
    source: 'SPEC 5, Error',
    of: ['interface', 'ipam', 'loopback'],
    async run(stage) {
      const answer = await addWith(stage, {}, stage.config(stage.profile.wrong));
      const { cniVersion } = failure(answer);
      demand(cniVersion === stage.version, `cniVersion is ${JSON.stringify(cniVersion)}`);
    },
  },
  {
    name: 'unknown-version',
    says: 'A cniVersion that the plugin does not know is refused with code 1.',
    level: 'should',
    source: 'SPEC 5, Error',
    of: 'any',
    async run(stage) {
      for (const cniVersion of ['99.0.0', '0.9.0']) {
        const answer = await addWith(stage, {}, stage.config({ cniVersion }));
        hasCode(answer, 1, cniVersion);
      }
    },
  },
  {
    name: 'missing-parameters',
    says: 'ADD without a required variable is refused with code 4, and the error names it.',
    level: 'should',
    source: 'SPEC 2, ADD; 5, Error',
    of: 'any',
    async run(stage) {
      names(await addWith(stage, { containerId: undefined }), 'CNI_CONTAINERID');
      names(await addWith(stage, { netns: undefined }), 'CNI_NETNS');
      names(await addWith(stage, { ifname: undefined }), 'CNI_IFNAME');
    },
  },
  {
    name: 'unknown-command',
    says: 'An unknown CNI_COMMAND is refused with code 4, and the error names it.',
    level: 'should',
    source: 'SPEC 5, Error',
    of: 'any',
    async run(stage) {
      for (const command of ['JUMP', 'add'])
        names(await stage.fail(command, stage.container()), 'CNI_COMMAND');
    },
  },
  {
    name: 'container-id',
    says: 'A container id with characters that are not allowed is refused with code 4.',
    level: 'should',
    source: 'SPEC 2, Parameters',
    of: 'any',
    async run(stage) {
      for (const containerId of ['../escape', 'a/b', '.hidden', '-x', 'a b', 'a\nb'])
        hasCode(await addWith(stage, { containerId }), 4, JSON.stringify(containerId));
    },
  },
  {
    name: 'interface-name',
    says: 'An interface name that the kernel cannot use is refused.',
    level: 'must',
    source: 'SPEC 2, Parameters',
    of: 'any',
    async run(stage) {
      for (const ifname of ['a/b', '..', '.', 'a:b', 'a b', 'sixteen-bytes-12'])
        await addWith(stage, { ifname });
    },
  },
  {
    name: 'network-name',
    says: 'A network name that is missing or could leave its folder is refused with code 7.',
    level: 'should',
    source: 'SPEC 1, Configuration format; 5, Error',
    of: 'any',
    async run(stage) {
      for (const name of [undefined, '', '../escape', 'a/b', '.hidden'])
        hasCode(
          await addWith(stage, {}, stage.config({ name })),
          7,
          `name ${JSON.stringify(name)}`,
        );
    },
  },
  {
    name: 'not-json',
    says: 'A configuration that is not a JSON object is refused with code 6.',
    level: 'should',
    source: 'SPEC 5, Error',
    of: 'any',
    async run(stage) {
      for (const text of ['', '{', '[]', '{"name":"a"} x', '"text"'])
        hasCode(await addWith(stage, {}, text), 6, JSON.stringify(text));
    },
  },
  {
    name: 'nested-json',
    says: 'A hundred thousand nested brackets are an error, not a crash.',
    level: 'good',
    source: 'security',
    of: 'any',
    async run(stage) {
      const depth = 100_000;
      const deep = '['.repeat(depth) + ']'.repeat(depth);
      const answer = await addWith(stage, {}, `{"name":"deep","x":${deep}}`);
      demand(answer.json !== undefined, () => `no error object: ${outcome(answer)}`);
    },
  },
  {
    name: 'check-too-old',
    says: 'CHECK is refused for a version of the specification that does not have it.',
    level: 'good',
    source: 'SPEC, Released versions',
    of: 'any',
    async run(stage) {
      await stage.fail('CHECK', stage.container(), stage.config({ cniVersion: '0.3.1' }));
    },
  },
  {
    name: 'gc-too-old',
    says: 'GC and STATUS are refused for a version of the specification that does not have them.',
    level: 'good',
    source: 'SPEC, Released versions',
    of: 'any',
    async run(stage) {
      const config = stage.config({ cniVersion: '1.0.0', 'cni.dev/valid-attachments': [] });
      for (const command of ['GC', 'STATUS']) await stage.fail(command, {}, config);
    },
  },
];
