/** What errors call a message by, whatever it has of its header and attributes. */
import test from 'ava';
import { DECLARED_FAMILIES } from '../../src/cli/genl-families.ts';
import { FAMILIES, familyOf } from '../../src/cli/families.ts';

const messages = [
  ...new Set(FAMILIES.flatMap((word) => familyOf(word)!.messages)),
  ...DECLARED_FAMILIES.flatMap(({ messages: declared }) => declared),
];

test('subject: a message without attributes has one that reads well, or none', (t) => {
  t.true(messages.length > 100, `${messages.length} messages`);
  const bad = messages.flatMap((message) =>
    [{}, { attrs: {} }, { family: 'inet', attrs: {} }].flatMap((value) => {
      const subject = message.subject(value);
      const isGood =
        subject === undefined || (subject !== '' && !/undefined|null|NaN|^ | $|  /.test(subject));
      return isGood ? [] : [`${message.name}: ${JSON.stringify(value)} is "${subject}"`];
    }),
  );
  t.deepEqual(bad, []);
});
