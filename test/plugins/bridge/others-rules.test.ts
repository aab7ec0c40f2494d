/**
 * Which rules of others may end a chain for packets of ours; masks of any kind, which the programs
 * of iptables let through.
 */
import test from 'ava';
import {
  mayEndChain,
  type AddressMatch,
  type OthersRule,
} from '../../../src/plugins/masquerade/others-rules.ts';

const bytes = (text: string): Uint8Array => Uint8Array.from(text.split('.').map(Number));
const ours = {
  host: bytes('10.88.0.2'),
  bits: 16,
  multicast: { host: bytes('224.0.0.0'), bits: 4 },
};
const match = (value: string, mask: string, negated = false, at = 0): AddressMatch => ({
  at,
  value: bytes(value),
  mask: bytes(mask),
  negated,
});
const accept = (source: AddressMatch[], destination: AddressMatch[] = []): OthersRule<string> => ({
  source,
  destination,
  verdict: 'accept',
  target: undefined,
});
const ends = (...rules: OthersRule<string>[]): boolean => mayEndChain('first', [ours], () => rules);

const ALL = '255.255.255.255';
const CASES: readonly [title: string, ends: boolean, OthersRule<string>][] = [
  ['everything', true, accept([])],
  ['our address', true, accept([match('10.88.0.2', ALL)])],
  ['a neighbour', false, accept([match('10.88.0.3', ALL)])],
  ['not a neighbour', true, accept([match('10.88.0.3', ALL, true)])],
  ['not our network', false, accept([match('10.88.0.0', '255.255.0.0', true)])],
  ['the first bytes', true, accept([match('10.88', '255.255')])],
  ['other first bytes', false, accept([match('10.89', '255.255')])],
  ['the last byte', true, accept([match('2', '255', false, 3)])],
  ['another last byte', false, accept([match('3', '255', false, 3)])],
  ['a mask with a gap', true, accept([match('10.0.0.2', '255.0.0.255')])],
  ['two that exclude each other', false, accept([match('10', '255'), match('11', '255')])],
  ['nobody', false, accept([match('0.0.0.0', '0.0.0.0', true)])],
  ['to our subnet', false, accept([], [match('10.88.0.0', '255.255.0.0')])],
  ['to a host of it', false, accept([], [match('10.88.7.7', ALL)])],
  ['to more than it', true, accept([], [match('10.88.0.0', '255.254.0.0')])],
  ['to all but it', true, accept([], [match('10.88.0.0', '255.255.0.0', true)])],
  ['to multicast', false, accept([], [match('239.1.1.1', ALL)])],
  ['to more than multicast', true, accept([], [match('192.0.0.0', '192.0.0.0')])],
  ['to a last byte', true, accept([], [match('2', '255', false, 3)])],
  ['nothing but counting', false, { ...accept([]), verdict: undefined }],
  ['back from the base chain', true, { ...accept([]), verdict: 'return' }],
];

for (const [title, expected, rule] of CASES) {
  test(`rules of others: ${title}`, (t) => t.is(ends(rule), expected));
}

test('rules of others: a ruleset that leads round in circles is no reason to hang', (t) => {
  const jump: OthersRule<string> = { ...accept([]), verdict: 'jump', target: 'first' };
  t.true(mayEndChain('first', [ours], () => [jump]));
});
