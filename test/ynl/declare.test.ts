/** Specifications in YAML: what each thing in them means in bytes, and what is wrong with one. */
import test from 'ava';
import { parse, stringify } from 'yaml';
import { genericProtocol } from '../../src/genl/generic.ts';
import { fromHex, toHex, viewOf, Writer } from '../../src/netlink/codec/bytes.ts';
import { decode, encode } from '../../src/netlink/codec/frame.ts';
import type { AnyMessage } from '../../src/netlink/codec/message.ts';
import { annotate } from '../../src/netlink/codec/print.ts';
import { ynlFamily } from '../../src/ynl/index.ts';
import { specText } from '../harness/ynl-spec.ts';

const shed = ynlFamily(specText('shed'), { keys: 'spec' });
const tool: AnyMessage = shed.operations['tool-get']!.do!.message;

const bytesOf = (attrs: object): string => {
  const writer = new Writer();
  tool.body.put(writer, attrs);
  return toHex(writer.finish());
};
const valueOf = (hex: string): unknown => {
  const bytes = fromHex(hex);
  return tool.body.get(viewOf(bytes), 0, bytes.length);
};

/** A value with its bytes: length and type, and the payload. */
const ENCODED: readonly (readonly [title: string, attrs: object, hex: string])[] = [
  ['u32', { id: 7 }, '08000100 07000000'],
  ['a signed byte', { small: -2 }, '05000200 fe000000'],
  ['big-endian', { port: 0x1234 }, '06000300 12340000'],
  ['little-endian, and a number that is given', { mark: 1 }, '08000a00 01000000'],
  ['the number after it, with a sign', { depth: -2 }, '08000b00 fffffffe'],
  ['u64', { long: 1n }, '0c000c00 0100000000000000'],
  ['u64, big-endian', { longer: 1n }, '0c000d00 0000000000000001'],
  ['a number in four bytes', { 'any-size': 5 }, '08000e00 05000000'],
  ['a number in eight bytes', { 'any-size': 5n }, '0c000e00 0500000000000000'],
  ['a signed number in four bytes', { 'any-sign': -5 }, '08000f00 fbffffff'],
  ['a word of an enum that starts at 1', { colour: 'green' }, '05001000 02000000'],
  ['the word after one with a value', { colour: 'grey' }, '05001000 08000000'],
  ['a number without a word', { colour: 99 }, '05001000 63000000'],
  ['an enum as flags', { colours: ['red', 'blue'] }, '08001100 82000000'],
  ['flags', { state: ['sharp', 'lost'] }, '06001200 09000000'],
  ['flags in 64 bits', { power: ['mains', 'solar'] }, '0c001300 0100000000010000'],
  ['bits without a word', { power: ['mains', 6] }, '0c001300 0700000000000000'],
  ['an enum in four or eight bytes', { sort: 'blue' }, '08001400 07000000'],
  ['text', { title: 'saw' }, '08001500 73617700'],
  ['several', { aliases: ['a', 'b'] }, '06001600 61000000 06001600 62000000'],
  ['a flag', { broken: true }, '04001700'],
  ['bytes', { raw: Uint8Array.of(1, 2) }, '06001800 01020000'],
  ['a struct with padding', { size: { height: 1, weight: 2 } }, '0c001900 01000000 00000002'],
  ['an array of structs', { sizes: [{ height: 1, weight: 2 }] }, '0c001a00 01000000 00000002'],
  ['an array of numbers', { years: [1, 2] }, '08001b00 01000200'],
  ['a MAC address', { 'mac-address': '02:00:00:00:00:01' }, '0a001c00 020000000001 0000'],
  ['an address', { address: '192.0.2.1' }, '08001d00 c0000201'],
  ['an address of no family', { address: Uint8Array.of(1) }, '05001d00 01000000'],
  [
    'a uuid',
    { serial: 'f81d4fae-7dec-11d0-a765-00a0c91e6bf6' },
    '14001e00 f81d4fae7dec11d0a76500a0c91e6bf6',
  ],
  [
    'members of all kinds',
    {
      label: {
        text: 'ab',
        code: Uint8Array.of(1, 2, 3, 4, 5, 6, 7),
        colour: 'blue',
        size: { height: 1, weight: 2 },
        at: '192.0.2.1',
        total: -1n,
      },
    },
    '28001f00 6162000000000000 01020304050607 07 0100000000000002 c0000201 ffffffffffffffff',
  ],
  [
    'a bitfield',
    { bits: { value: ['lent'], selector: ['sharp', 'lent'] } },
    '0c002000 04000000 05000000',
  ],
  [
    'a bitfield without words',
    { 'plain-bits': { value: 1, selector: 3 } },
    '0c002100 01000000 03000000',
  ],
  ['a set in itself', { part: { part: { id: 1 } } }, '10002480 0c002480 08000100 01000000'],
  [
    'a subset, several times',
    { parts: [{ id: 1 }, { title: 'a' }] },
    '0c002580 08000100 01000000 0c002580 06001500 61000000',
  ],
  [
    'an array by index',
    { numbered: [{ id: 1 }, { id: 2 }] },
    '1c002680 0c000180 08000100 01000000 0c000280 08000100 02000000',
  ],
  ['an array of numbers by index', { numbers: [5] }, '0c002780 08000100 05000000'],
  [
    'types that are values',
    { 'by-shelf': [{ id: 3, value: [{ id: 4, value: { id: 1 } }] }] },
    '14002880 10000380 0c000480 08000100 01000000',
  ],
  [
    'a sub-message with a header and attributes',
    { kind: 'saw', options: { teeth: 9, attrs: { blade: 'x' } } },
    '08002900 73617700 10002a80 09000000 06000100 78000000',
  ],
  [
    'a sub-message of attributes',
    { kind: 'hammer', options: { steel: true } },
    '0b002900 68616d6d65720000 08002a80 04000100',
  ],
  [
    'a sub-message with a header only',
    { kind: 'ruler', options: { height: 1, weight: 2 } },
    '0a002900 72756c657200 0000 0c002a80 01000000 00000002',
  ],
  [
    'one whose selector stands further out',
    { kind: 'saw', report: { uses: 1, detail: { blade: 'x' } } },
    '08002900 73617700 18002b80 08000100 01000000 0c000280 06000100 78000000',
  ],
  [
    'the same without a form for the word',
    { kind: 'ruler', report: { uses: 1, detail: Uint8Array.of(1) } },
    '0a002900 72756c657200 0000 14002b80 08000100 01000000 05000280 01000000',
  ],
  [
    'one that a number selects',
    { colour: 99, choice: { steel: true } },
    '05001000 63000000 08002c80 04000100',
  ],
];

for (const [title, attrs, hex] of ENCODED) {
  test(`ynl: ${title}`, (t) => {
    t.is(bytesOf(attrs), hex.replaceAll(' ', ''));
    t.deepEqual(valueOf(hex), attrs);
  });
}

/** Bytes whose form is another one than that of `ENCODED`: nothing of it is lost. */
const UNUSUAL: readonly (readonly [title: string, hex: string])[] = [
  ['a number in eight bytes that fits into four', '0c001400 0700000000000000'],
  ['a struct that is shorter', '06001900 01000000'],
  ['a struct that ends in its padding', '07001900 010000 00'],
  ['a struct that ends inside of a field', '0a001900 0100000000000000'],
  ['a struct that is longer', '0e001900 0100000000000002 09090000'],
  ['indexes that do not begin at 1', '14002680 08000580 04001700 08000000 04001700'],
  ['padding and what is unused', '04002200 05002300 01000000'],
  ['another kind', '05002900 78000000 05002a00 01000000'],
];

for (const [title, hex] of UNUSUAL) {
  test(`ynl: ${title} is the same when it is written again`, (t) => {
    const value = valueOf(hex) as object;
    t.is(bytesOf(value), hex.replaceAll(' ', ''), JSON.stringify(value));
  });
}

test('ynl: messages have the numbers of their directions, and their names', (t) => {
  const protocol = genericProtocol([[shed.genl!, 30]]);
  const types = shed.genl!.messages.map(({ name, sender, types: own }) => [name, sender, own]);
  t.deepEqual(types, [
    [
      'tool',
      undefined,
      {
        SHED_CMD_TOOL_GET: 4,
        SHED_CMD_TOOL_SET: 5,
        SHED_CMD_TOOL_GET_REPLY: 1,
        SHED_CMD_TOOL_NTF: 2,
      },
    ],
    // It has no header of its own.
    ['tool', undefined, { SHED_CMD_TOOL_LOST: 3 }],
  ]);
  const request = '20000000 1e000100 01000000 00000000 04030000 09000000 08000100 07000000';
  const [frame] = decode(protocol, fromHex(request));
  t.like(frame, {
    type: 'SHED_CMD_TOOL_GET',
    payload: { cmd: 'SHED_CMD_TOOL_GET', version: 3, shed: 9, attrs: { id: 7 } },
  });
  t.is(toHex(encode(protocol, frame!)), request.replaceAll(' ', ''));
  t.regex(annotate(protocol, fromHex(request)), /SHED_TOOL_ID 7/);
  t.deepEqual(shed.notifications, {
    SHED_CMD_TOOL_NTF: 'tool-ntf',
    SHED_CMD_TOOL_LOST: 'tool-lost',
  });
  t.deepEqual(shed.notes, []);
});

test('ynl: a number that means another message in each direction is two messages', (t) => {
  const spec = parse(specText('shed')) as Document;
  delete spec['operations'].list[0].do.request.value;
  const { genl } = ynlFamily(spec);
  t.deepEqual(
    genl!.messages.map(({ name, sender, types }) => [name, sender, types]),
    [
      ['tool-request', 'user', { SHED_CMD_TOOL_GET: 1, SHED_CMD_TOOL_SET: 2 }],
      ['tool-reply', 'kernel', { SHED_CMD_TOOL_GET_REPLY: 1, SHED_CMD_TOOL_NTF: 2 }],
      ['tool-reply', 'kernel', { SHED_CMD_TOOL_LOST: 3 }],
    ],
  );
});

test('ynl: one count of operations goes for both directions', (t) => {
  const family = ynlFamily(`
name: box
attribute-sets: [{ name: box, attributes: [{ name: a-b, type: u8 }] }]
operations:
  list:
    - { name: open, doc: Opens., attribute-set: box, do: {}, dump: {} }
    - { name: close, doc: Closes., value: 5, attribute-set: box, do: {} }
    - { name: box-ntf, doc: It was., notify: open }
    - { name: unspec, doc: Nothing. }
`);
  const [message] = family.genl!.messages;
  t.is(family.genl!.version, 1);
  t.deepEqual(message!.types, { BOX_CMD_OPEN: 1, BOX_CMD_CLOSE: 5, BOX_CMD_BOX_NTF: 6 });
  t.is(message!.sender, undefined);
  t.deepEqual(Object.keys(message!.body.attributes as object), ['aB']);
  t.deepEqual(Object.keys(family.operations), ['open', 'close']);
});

test('ynl: a raw protocol has its numbers, and one name for each', (t) => {
  const { protocol } = ynlFamily(specText('links'));
  t.is(protocol!.number, 0);
  t.deepEqual(
    protocol!.messages.map(({ types }) => types),
    [{ RTM_NEWLINK: 16, RTM_DELLINK: 17, RTM_GETLINK: 18 }],
  );
});

interface Document {
  [key: string]: any;
}

/** A change of the specification, and the error. */
const REFUSED: readonly (readonly [change: (spec: Document) => void, message: string])[] = [
  [(spec) => delete spec['name'], '"name" is missing'],
  [(spec) => (spec['name'] = 5n), 'name: 5 is not text'],
  [
    (spec) => (spec['protocol'] = 'smoke'),
    'protocol: "smoke" is not one of genetlink, genetlink-c, genetlink-legacy, netlink-raw',
  ],
  [(spec) => (spec['protocol'] = 'netlink-raw'), '"protonum" is missing'],
  [(spec) => delete spec['operations'], '"operations" is missing'],
  [
    (spec) => (spec['operations']['enum-model'] = 'both'),
    'operations/enum-model: "both" is neither unified nor directional',
  ],
  [(spec) => (spec['definitions'] = {}), 'definitions: a list is needed'],
  [(spec) => (spec['definitions'][1] = [5]), 'definitions/1: 5 is not a mapping'],
  [(spec) => delete spec['definitions'][1].type, 'definitions/colour: "type" is missing'],
  [
    (spec) => spec['definitions'][1].entries.push('red'),
    'definitions/colour/entries/red: "red" is defined twice',
  ],
  [
    (spec) => spec['definitions'].push({ name: 'state', type: 'enum', entries: [] }),
    'definitions/state: "state" is defined twice',
  ],
  [
    (spec) => (spec['definitions'][5].members[0].len = 'size-of-name'),
    'definitions/label/members/text/len: there is no constant "size-of-name"',
  ],
  [
    (spec) => (spec['definitions'][5].members[3].struct = 'label'),
    'definitions/label/members/size/struct: the struct "label" is inside itself',
  ],
  [
    (spec) => (spec['definitions'][4].members[0].type = 'float'),
    'definitions/size/members/height/type: "float" is not known as a type of members',
  ],
  [
    (spec) => delete spec['definitions'][4].members[1].len,
    'definitions/size/members/gap: "len" is missing',
  ],
  [
    (spec) => (spec['attribute-sets'][0].attributes[0].value = 0x4000),
    'attribute-sets/tool/attributes/id/value: 16384 is not the number of an attribute',
  ],
  [
    (spec) => (spec['attribute-sets'][0].attributes[1].value = 1),
    'attribute-sets/tool/attributes/small/value: "id" has the number 1 too',
  ],
  [
    (spec) => spec['attribute-sets'][0].attributes.push({ name: 'id', type: 'u8' }),
    'attribute-sets/tool/attributes/id: "id" is defined twice',
  ],
  [
    (spec) => spec['attribute-sets'][1].attributes.push({ name: 'weight' }),
    'attribute-sets/tool-part/attributes/weight: "tool" has no attribute "weight"',
  ],
  [
    (spec) => (spec['attribute-sets'][1]['subset-of'] = 'drawer'),
    'attribute-sets/tool-part/subset-of: there is no attribute set "drawer" that is no subset itself',
  ],
  [
    (spec) => delete spec['attribute-sets'][0].attributes[0].type,
    'attribute-sets/tool/attributes/id: "type" is missing',
  ],
  [
    (spec) => (spec['attribute-sets'][0].attributes[2]['byte-order'] = 'middle'),
    'attribute-sets/tool/attributes/port/byte-order: "middle" is no order of bytes',
  ],
  [
    (spec) => (spec['attribute-sets'][0].attributes[9].enum = 'taste'),
    'attribute-sets/tool/attributes/colour/enum: there is no enum "taste"',
  ],
  [
    (spec) => (spec['attribute-sets'][0].attributes[18].struct = 'taste'),
    'attribute-sets/tool/attributes/size/struct: there is no struct "taste"',
  ],
  [
    (spec) => (spec['attribute-sets'][0].attributes[1].name = 'nla5'),
    'attribute-sets/tool/attributes/nla5/name: "nla5" is kept for attributes that are not declared',
  ],
  [
    (spec) => spec['attribute-sets'][3].attributes.push({ name: 'e', type: 'nest' }),
    'attribute-sets/saw/attributes/e: "nested-attributes" is missing',
  ],
  [
    (spec) => (spec['attribute-sets'][2].attributes[1].selector = 'taste'),
    'attribute-sets/report/attributes/detail/selector: there is no attribute "taste" here or in a set around it',
  ],
  [
    (spec) => (spec['sub-messages'][0].formats[0]['attribute-set'] = 'taste'),
    'sub-messages/options/formats/saw/attribute-set: there is no attribute set "taste"',
  ],
  [
    (spec) => (spec['operations'].list[2].notify = 'tool-put'),
    'operations/list/tool-ntf/notify: there is no operation "tool-put"',
  ],
  [
    (spec) => (spec['operations'].list[0]['fixed-header'] = 'taste'),
    'operations/list/tool-get/fixed-header: there is no struct "taste"',
  ],
  [
    (spec) => (spec['operations'].list[1].do.request.value = 4),
    'operations/list/tool-set: "tool-get" and "tool-set" have the number 4, but differ',
  ],
];

for (const [change, message] of REFUSED) {
  test(`ynl: refused: ${message}`, (t) => {
    const spec = parse(specText('shed')) as Document;
    change(spec);
    t.throws(() => ynlFamily(spec), { code: 'ERR_NETLINK_CODEC', message });
  });
}

test('ynl: what is not YAML is one error with the line', (t) => {
  t.throws(() => ynlFamily('name: [x'), { message: /^the specification is not YAML: .* line 1/ });
  t.throws(() => ynlFamily('just text'), { message: '"just text" is not a mapping' });
  t.throws(() => ynlFamily({}, { keys: 'loud' as never }), {
    message: 'ynl: keys must be camel or spec, not "loud"',
  });
});

test('ynl: two names of one key are refused, unless keys are those of the specification', (t) => {
  const spec = parse(specText('shed')) as Document;
  spec['attribute-sets'][3].attributes.push({ name: 'two-men', type: 'flag' });
  spec['attribute-sets'][3].attributes.push({ name: 'two_men', type: 'flag' });
  t.throws(() => ynlFamily(spec), {
    message: 'attribute-sets/saw/attributes/two_men/name: "two-men" has the key "twoMen" too',
  });
  t.notThrows(() => ynlFamily(spec, { keys: 'spec' }));
});

test('ynl: a key must not be the prototype, and a word may be', (t) => {
  const spec = parse(specText('shed')) as Document;
  spec['definitions'][1].entries.push('__proto__');
  const { genl } = ynlFamily(spec, { keys: 'spec' });
  const bytes = fromHex('05001000 09000000');
  t.deepEqual(genl!.messages[0]!.body.get(viewOf(bytes), 0, bytes.length), {
    colour: '__proto__',
  });
  spec['attribute-sets'][0].attributes.push({ name: '__proto__', type: 'flag' });
  t.throws(() => ynlFamily(spec, { keys: 'spec' }), {
    message: 'attribute-sets/tool/attributes/__proto__/name: "__proto__" is no key',
  });
});

test('ynl: what a later kernel may say is noted, and its attributes are kept as bytes', (t) => {
  const spec = parse(specText('shed')) as Document;
  spec['attribute-sets'][0].attributes[0].type = 'u128';
  spec['attribute-sets'][0].attributes[1].shape = 'round';
  spec['operations'].list[0].do.later = true;
  spec['weather'] = 'fine';
  const { genl, notes } = ynlFamily(stringify(spec));
  t.deepEqual([...notes].sort(), [
    'attribute-sets/tool-part/attributes/id: the type "u128" is not known, and the attribute is kept as bytes',
    'attribute-sets/tool/attributes/id: the type "u128" is not known, and the attribute is kept as bytes',
    'attribute-sets/tool/attributes/small: the key "shape" is not known, and is ignored',
    'operations/list/tool-get/do: the key "later" is not known, and is ignored',
    'the key "weather" is not known, and is ignored',
  ]);
  const bytes = fromHex('14000100 000102030405060708090a0b0c0d0e0f');
  t.deepEqual(genl!.messages[0]!.body.get(viewOf(bytes), 0, bytes.length), {
    id: bytes.subarray(4),
  });
});

test('ynl: an attribute that cannot be written, or read, is named by its path', (t) => {
  t.throws(() => bytesOf({ part: { part: { port: 99999 } } }), {
    message: 'SHED_TOOL_PART/SHED_TOOL_PART/SHED_TOOL_PORT: 99999 is not a be16',
  });
  t.throws(() => bytesOf({ part: { weight: 1 } }), {
    message: 'SHED_TOOL_PART: "weight" is not an attribute of this set',
  });
  t.throws(() => valueOf('0c002480 05000100 01000000'), {
    message: 'SHED_TOOL_PART/SHED_TOOL_ID: 1 bytes, 4 needed',
  });
});
