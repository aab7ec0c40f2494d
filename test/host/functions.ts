/**
 * Functions of every kind, and what can be seen of them, for the engine, which reads each when it
 * is called first (scripts/engine/quickjs.patch), and for Node, which has to say the same.
 */

/** What a property is, in the order in which the object has them. */
function propertiesOf(value: object): unknown[][] {
  return Reflect.ownKeys(value).map((key) => {
    const { value: held, get, set, ...flags } = Reflect.getOwnPropertyDescriptor(value, key)!;
    return [String(key), typeof held === 'number' ? held : typeof held, !!get, !!set, flags];
  });
}

const tag = (texts: TemplateStringsArray, ...values: unknown[]): unknown => [
  [...texts],
  [...texts.raw],
  values,
];

class Counter {
  static readonly all: Counter[] = [];
  static #made = 0;
  readonly at = Counter.#made++;
  #count = 0;
  get count(): number {
    return this.#count;
  }
  set count(value: number) {
    this.#count = value;
  }
  ['computed' + 1](step = 1, { twice = false } = {}): number {
    this.#count += twice ? 2 * step : step;
    return this.#count;
  }
  static {
    this.all.push(new Counter());
  }
}
class Derived extends Counter {
  readonly words: string[];
  constructor(...words: string[]) {
    super();
    this.words = words;
  }
  override toString(): string {
    return `${this.words.join(' ')} ${typeof super.count}`;
  }
}

const KINDS = {
  declared: function (a: number, b = 2, ...rest: number[]) {
    return [a, b, rest, typeof this];
  },
  arrow: (a: number) => (b: number) => (c: number) => a * b + c,
  method(text: string): unknown {
    return tag`a\n${text}b${KINDS.arrow(2)(3)(4)}`;
  },
  async awaits(values: number[]): Promise<number> {
    let sum = 0;
    for (const value of values) sum += await Promise.resolve(value);
    return sum;
  },
  *counts(to: number): Generator<number, string, number | undefined> {
    let from = 0;
    while (from < to) from += (yield from) ?? 1;
    return 'end';
  },
  async *later(to: number): AsyncGenerator<number> {
    for (const at of KINDS.counts(to)) yield at;
  },
  never: () => ({ a: 1, b: [/never/u, 2n ** 70n, 'never read'] }),
};

/** Keeps a function of a function that was called and is gone. */
function kept(): () => string {
  const inside = ['a', 'b'].map((text, at) => () => `${text}${at}${inside.length}`);
  return () => inside.map((each) => each()).join();
}

function thrown(work: () => unknown): string {
  try {
    return `none: ${String(work())}`;
  } catch (error) {
    return (error as Error).name;
  }
}

export async function functions(): Promise<unknown> {
  const made = new Derived('x', 'y');
  const later: number[] = [];
  for await (const value of KINDS.later(3)) later.push(value);
  return {
    properties: Object.entries(KINDS).map(([name, value]) => [
      name === value.name,
      propertiesOf(value).filter(([key]) => key !== 'caller' && key !== 'arguments'),
      Object.getPrototypeOf(value) === Function.prototype,
    ]),
    classes: [propertiesOf(Derived), propertiesOf(Counter.prototype), `${made.toString()}`],
    calls: [
      KINDS.declared.call(undefined, 1),
      KINDS.declared.apply(KINDS, [1, 3, 4, 5]),
      KINDS.arrow(1)(2)(3),
      KINDS.method('x'),
      await KINDS.awaits([1, 2, 3]),
      [...KINDS.counts(3)],
      later,
      kept()(),
      [made.at, made.count, (made as never as Record<string, () => number>)['computed1']!()],
      new (
        function (this: { x: number }) {
          this.x = 1;
        } as never as new () => object
      )(),
    ],
    errors: [
      thrown(() => Object.defineProperty(Object.freeze({ a: 1 }), 'b', { value: 1 })),
      thrown(() => Object.freeze(() => {}).name.toUpperCase()),
      thrown(() => before + 1),
      thrown(() => new (KINDS.arrow as never as new () => object)()),
      thrown(() => (undefined as never as () => void)()),
      thrown(() => Reflect.get(globalThis, 'nothing').x),
    ],
    redefined: propertiesOf(
      Object.defineProperty(
        {
          a: 1,
          get b() {
            return 2;
          },
          a2: 3,
        },
        'a',
        { value: 4, enumerable: false },
      ),
    ),
    literals: [
      { b: { a: 3 }, ...{ c: 4, d: 5 } },
      { 1: 'one', 0: 'zero', ['x']: [1] },
    ],
  };
}
let before = 1;
before += 1;

/** Makes garbage in cycles, with functions that nobody calls, until some is collected. */
export function collect(): number {
  let sum = 0;
  for (let round = 0; round < 200_000; round++) {
    const cycle: { self?: object; read: () => number; never: () => unknown } = {
      read: () => round,
      never: () => [cycle, 'never', 1n << 80n],
    };
    cycle.self = cycle;
    if (round % 1000 === 0) sum += cycle.read();
  }
  return sum;
}

/** More than a process of the test may have; without its limit, this ends. */
const TOO_MUCH = 1_000_000;

/** Calls each function for the first time without memory, and again with it. */
export function starve(): { failures: number; results: unknown[] } {
  // No method of the engine's: one that it could not make on its first use is missing for good.
  const works = [
    () => ['one', { first: 'a text of its own', second: [1.5, `${2n ** 77n}`] }],
    () => ({ longer: `two and ${((digit: number) => `${digit}!`)(2)}` }),
    () => {
      const { three, ...others } = { three: 3, drei: { trois: '3' } };
      return [three, others];
    },
    () => tag`four ${4} \u{1f600} times`,
  ];
  let failures = 0;
  const results = works.map((work) => {
    const full: unknown[] = [];
    let failed = false;
    try {
      while (full.length < TOO_MUCH) full.push({ full });
    } catch {
      try {
        work();
      } catch {
        failed = true;
      }
    }
    full.length = 0;
    if (failed) failures++;
    return work();
  });
  return { failures, results };
}
