/** Verdicts as JSON, and as the XML that test runners of CI systems read. */
import type { Level } from './case.ts';
import type { Verdict } from './run.ts';

/** Whether a verdict makes a run fail: what is only recommended does when it is asked for. */
export const isFailure = ({ state, case: { level } }: Verdict, levels: readonly Level[]): boolean =>
  state === 'unmet' && levels.includes(level);

export const toJson = (verdicts: readonly Verdict[]): string =>
  `${JSON.stringify(verdicts.map(plain), undefined, 2)}\n`;

const plain = ({ plugin, case: about, state, reason, milliseconds }: Verdict) => ({
  plugin,
  case: about.name,
  says: about.says,
  level: about.level,
  source: about.source,
  state,
  ...(reason !== undefined && { reason }),
  milliseconds,
});

/** https://github.com/testmoapp/junitxml: one suite for each plugin. */
export function toJunit(verdicts: readonly Verdict[], levels: readonly Level[]): string {
  const plugins = [...new Set(verdicts.map(({ plugin }) => plugin))];
  const suites = plugins.map((name) => {
    const own = verdicts.filter(({ plugin }) => plugin === name);
    return `  <testsuite name="${escaped(name)}" ${counts(own, levels)}>\n${own
      .map((each) => testcase(each, levels))
      .join('')}  </testsuite>\n`;
  });
  const all = counts(verdicts, levels);
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="conformance" ${all}>\n${suites.join('')}</testsuites>\n`;
}

function counts(verdicts: readonly Verdict[], levels: readonly Level[]): string {
  const failures = verdicts.filter((each) => isFailure(each, levels)).length;
  const skipped = verdicts.filter((each) => childOf(each, levels) === 'skipped').length;
  const time = verdicts.reduce((sum, { milliseconds }) => sum + milliseconds, 0) / 1000;
  return `tests="${verdicts.length}" failures="${failures}" errors="0" skipped="${skipped}" time="${time}"`;
}

/** What is only recommended, and not met, is no failure of the run: it counts as not tried. */
function childOf(verdict: Verdict, levels: readonly Level[]): 'failure' | 'skipped' | undefined {
  if (verdict.state === 'met') return undefined;
  return isFailure(verdict, levels) ? 'failure' : 'skipped';
}

function testcase(verdict: Verdict, levels: readonly Level[]): string {
  const { plugin, case: about, reason = '', milliseconds } = verdict;
  const name = escaped(`${about.name}: ${about.says}`);
  const open = `    <testcase classname="${escaped(plugin)}" name="${name}" time="${milliseconds / 1000}"`;
  const child = childOf(verdict, levels);
  if (child === undefined) return `${open}/>\n`;
  const message = escaped(`${about.level} (${about.source}): ${reason}`);
  return `${open}>\n      <${child} message="${message}"/>\n    </testcase>\n`;
}

/** XML 1.0 has no control characters, not even as references. */
const escaped = (text: string): string =>
  text
    .replaceAll(/[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/g, '\ufffd')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll(/[\n\r\t]/g, (each) => `&#${each.charCodeAt(0)};`);
