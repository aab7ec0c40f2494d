/** What pages of the site say is required, this kernel refuses to be without. */
import recorded from '../../../site/required.json' with { type: 'json' };
import { askRequired } from '../../../site/scripts/required.ts';
import { needs } from '../../harness/needs.ts';

needs('veth', 'bridge')('docs: keys that the site says are required are', (t) => {
  const known = new Map(recorded.required.map((each) => [each.call, Object.keys(each.required)]));
  // What a kernel cannot do at all is left out of the answers.
  const asked = askRequired('').filter(({ call }) => known.has(call));
  t.true(asked.length > 3);
  for (const { call, required } of asked) {
    for (const key of known.get(call)!) t.true(Object.hasOwn(required, key), `${call}: ${key}`);
  }
});
