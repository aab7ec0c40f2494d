/** Since which release of Linux something is there, as headers of many releases tell. */
import recorded from '../since.json' with { type: 'json' };

export interface Facts {
  /** The last release that certainly lacks the name. */
  readonly absent: string;
  /** The first that has it. */
  readonly seen: string;
}

const FACTS: ReadonlyMap<string, Facts> = new Map(
  recorded.between.flatMap(({ absent, seen, names }) =>
    names.map((name): [string, Facts] => [name, { absent, seen }]),
  ),
);

/** What is known of a name that `OLDEST` does not have yet. */
export const factsOn = (name: string): Facts | undefined => FACTS.get(name);

/** The oldest release of which all headers were read. */
export const OLDEST = recorded.oldest;

/** Of how many releases headers were read. */
export const RELEASES = new Set(recorded.sources.map((each) => each.split(':')[0])).size;

/** `6.5`, or `5.5 to 5.8` if one of these brought it; undefined if `OLDEST` has it already. */
export function sinceText(name: string): string | undefined {
  const facts = FACTS.get(name);
  if (facts === undefined) return undefined;
  const first = releaseAfter(facts.absent);
  return first === facts.seen ? first : `${first} to ${facts.seen}`;
}

/** The release that a text names as the first: `most bytes sent in one; Linux 6.3`. */
export const statedIn = (text: string): string | undefined =>
  /(?:^|[;,.] )(?:[Ss]ince )?Linux (\d+\.\d+)/.exec(text)?.[1];

/** Whether a stated release may be the first that has a name. */
export function agrees(stated: string, name: string): boolean {
  const { absent, seen } = FACTS.get(name) ?? { absent: '0.0', seen: OLDEST };
  return compareReleases(absent, stated) < 0 && compareReleases(stated, seen) <= 0;
}

/** The first release after the last of a line. */
const NEXT: Readonly<Record<string, string>> = {
  '4.20': '5.0',
  '5.19': '6.0',
  '6.19': '7.0',
};

export function releaseAfter(release: string): string {
  const numbers = release.split('.');
  return NEXT[release] ?? [...numbers.slice(0, -1), Number(numbers.at(-1)) + 1].join('.');
}

export function compareReleases(a: string, b: string): number {
  const [left, right] = [a, b].map((each) => each.split('.').map(Number));
  for (let i = 0; i < 3; i++) {
    const difference = (left![i] ?? 0) - (right![i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
