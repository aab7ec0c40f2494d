/** Plugins that ask an IPAM plugin. CNI SPEC 1.1.0, section 4, "Plugin Delegation". */
import { type Case, demand } from '../case.ts';
import type { Command } from '../execute.ts';
import type { Json } from '../profiles.ts';
import { DELEGATE, type Stage } from '../stage.ts';

const about = { of: 'interface', needs: ['sh'] } as const;
const ADDRESS = '10.87.0.99/24';
const GATEWAY = '10.87.0.1';
/** A key that no plugin knows, which the delegate has to be given all the same. */
const NOTE = { note: 'for the delegate' };

const config = (stage: Stage, keys: Json = {}): Json =>
  stage.config({ ipam: { type: DELEGATE, ...NOTE }, ...keys });

const result = (stage: Stage): Json => ({
  cniVersion: stage.version,
  // A gateway, because ptp cannot do without one.
  ips: [{ address: ADDRESS, gateway: GATEWAY, ...(stage.version < '1.0.0' && { version: '4' }) }],
});

const BROKEN = { cniVersion: '1.0.0', code: 117, msg: 'the delegate is broken' };

export const delegationCases: readonly Case[] = [
  {
    ...about,
    name: 'delegate-add',
    says: 'ADD executes the IPAM plugin with the same configuration and variables, and uses its answer.',
    level: 'must',
    source: 'SPEC 4, Delegated Plugin protocol',
    async run(stage) {
      const delegate = stage.delegate({ ADD: { stdout: result(stage) } });
      const who = stage.container();
      const call = { path: delegate.path, args: 'IgnoreUnknown=1;COLOUR=blue' };
      const { ips = [] } = await stage.add(who, config(stage), call);
      demand(ips[0]?.address === ADDRESS, `the address is ${ips[0]?.address}`);
      const given = JSON.parse(delegate.input('ADD')) as { ipam?: Json; name?: string };
      const isSame = given.ipam?.['note'] === NOTE.note && given.name !== undefined;
      demand(isSame, 'the delegate did not get the complete configuration');
      const env = delegate.env('ADD');
      demand(env['CNI_ARGS'] === call.args, `the delegate's CNI_ARGS are ${env['CNI_ARGS']}`);
      demand(env['CNI_NETNS'] === who.netns, `the delegate's CNI_NETNS is ${env['CNI_NETNS']}`);
    },
  },
  {
    ...about,
    name: 'delegate-add-fails',
    says: 'ADD fails with the error of the IPAM plugin.',
    level: 'must',
    source: 'SPEC 4, Delegated plugin execution procedure',
    async run(stage) {
      const { path } = stage.delegate({ ADD: { stdout: BROKEN, status: 1 } });
      const answer = await stage.fail('ADD', stage.container(), config(stage), { path });
      const { code, msg } = (answer.json ?? {}) as Json;
      demand(code === BROKEN.code, `the code is ${String(code)} instead of ${BROKEN.code}`);
      demand(String(msg).includes(BROKEN.msg), `the message is ${String(msg)}`);
    },
  },
  {
    ...about,
    name: 'delegate-undo',
    says: 'When ADD of the IPAM plugin fails, its DEL is executed before the error is returned.',
    level: 'should',
    source: 'SPEC 4, Delegated plugin execution procedure',
    async run(stage) {
      const delegate = stage.delegate({ ADD: { stdout: BROKEN, status: 1 } });
      await stage.fail('ADD', stage.container(), config(stage), { path: delegate.path });
      demand(delegate.calls().includes('DEL'), `it was called for ${delegate.calls().join(', ')}`);
    },
  },
  {
    ...about,
    name: 'delegate-undo-late',
    says: 'When ADD fails after IPAM has answered, the DEL of the IPAM plugin is executed.',
    level: 'good',
    source: 'compatibility.md, ADD',
    async run(stage) {
      const taken = { ...result(stage), routes: [{ dst: '198.51.100.0/24', gw: '203.0.113.1' }] };
      const delegate = stage.delegate({ ADD: { stdout: taken } });
      const before = stage.state();
      const who = stage.container();
      await stage.fail('ADD', who, config(stage), { path: delegate.path });
      demand(delegate.calls().includes('DEL'), `it was called for ${delegate.calls().join(', ')}`);
      await stage.unchanged(before, 'an ADD that failed at its last route');
    },
  },
  {
    ...about,
    name: 'delegate-nonsense',
    says: 'ADD fails when the IPAM plugin answers with something that is not a result.',
    level: 'must',
    source: 'SPEC 4, Delegated Plugin protocol',
    async run(stage) {
      const { path } = stage.delegate({ ADD: { stdout: 'nonsense' } });
      await stage.fail('ADD', stage.container(), config(stage), { path });
    },
  },
  ...(['DEL', 'CHECK', 'STATUS', 'GC'] as const).map((command): Case => ({
    ...about,
    name: `delegate-${command.toLowerCase()}`,
    says: `${command} executes the IPAM plugin.`,
    level: 'must',
    source: 'SPEC 4, Delegated plugin execution procedure',
    ...since(command),
    async run(stage) {
      const delegate = stage.delegate({ ADD: { stdout: result(stage) } });
      await callAfterAdd(stage, command, delegate.path);
      demand(delegate.calls().includes(command), 'the IPAM plugin was not called');
    },
  })),
  ...(['DEL', 'CHECK', 'STATUS', 'GC'] as const).map((command): Case => ({
    ...about,
    name: `delegate-${command.toLowerCase()}-fails`,
    says:
      command === 'DEL'
        ? 'DEL returns the error of the IPAM plugin, after it has removed its own part.'
        : `${command} returns the error of the IPAM plugin.`,
    level: 'should',
    source: 'SPEC 4, Delegated plugin execution procedure',
    ...since(command),
    async run(stage) {
      const { path } = stage.delegate({
        ADD: { stdout: result(stage) },
        [command]: { stdout: BROKEN, status: 1 },
      });
      const { who, answer } = await callAfterAdd(stage, command, path);
      demand(answer.code !== 0, `${command} succeeded`);
      const isGone = command !== 'DEL' || stage.interfaceOf(who) === undefined;
      demand(isGone, 'the interface is still there');
    },
  })),
];

function since(command: Command): Pick<Case, 'since'> {
  if (command === 'DEL') return {};
  return { since: command === 'CHECK' ? '0.4.0' : '1.1.0' };
}

async function callAfterAdd(stage: Stage, command: Command, path: string) {
  const who = stage.container();
  const prevResult = await stage.add(who, config(stage), { path });
  const keys = command === 'GC' ? { 'cni.dev/valid-attachments': [] } : { prevResult };
  return { who, answer: await stage.call(command, who, config(stage, keys), { path }) };
}
