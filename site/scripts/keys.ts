/** The keys of a plugin's configuration: types and defaults from its schema, texts from its source. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../scripts/docs-model.ts';
import { commonProperties } from '../../src/cni/config.ts';
import { object } from '../../src/cni/schema.ts';
import { bridgeSchema } from '../../src/plugins/bridge/config.ts';
import { ipvlanSchema } from '../../src/plugins/ipvlan/config.ts';
import { IPAM_SCHEMAS } from './ipam-keys.ts';

export interface JsonSchema {
  readonly type?: string;
  readonly default?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly items?: JsonSchema;
  readonly additionalProperties?: unknown;
  readonly raw?: boolean;
  readonly description?: string;
  readonly const?: string;
  readonly enum?: readonly string[];
}

export interface PluginKeys {
  readonly name: string;
  readonly path: string;
  readonly about: string;
  readonly schema: JsonSchema;
  /** Keys that only this plugin has. */
  readonly own: readonly string[];
  readonly example: object;
  /** The key that the keys are in. */
  readonly within?: string;
}

const COMMON = 'src/cni/config.ts';
const EXAMPLE_IPAM = { type: 'host-local', ranges: [[{ subnet: '10.88.0.0/16' }]] };

const PLUGINS: readonly {
  name: string;
  path: string;
  schema: () => unknown;
  about: string;
  example: object;
}[] = [
  {
    name: 'bridge',
    path: 'src/plugins/bridge/config.ts',
    schema: () => bridgeSchema,
    about: 'Containers on a software switch of the host, each by a pair of virtual Ethernet links.',
    example: { bridge: 'mynet0', isDefaultGateway: true, ipMasq: true },
  },
  {
    name: 'ipvlan',
    path: 'src/plugins/ipvlan/config.ts',
    schema: ipvlanSchema,
    about: 'Containers that share a link of the host and its Ethernet address.',
    example: { master: 'eth0', mode: 'l2' },
  },
  {
    name: 'loopback',
    path: 'src/plugins/loopback/commands.ts',
    schema: () => object(commonProperties),
    about:
      'Brings `lo` of the container up, whatever name the runtime gives, and takes it down again. It has no keys of its own, and gives no addresses: the kernel adds `127.0.0.1` and `::1`.',
    example: {},
  },
];

const IPAM_PAGES = {
  'host-local': {
    about:
      'Addresses from ranges, leased in files of this host in the format of the reference. `bridge` and `ipvlan` do this within their own process.',
    example: { ...EXAMPLE_IPAM, routes: [{ dst: '0.0.0.0/0' }], cooldown: 60 },
    path: 'src/ipam/policy/config.ts',
  },
  static: {
    about: 'Addresses from the configuration, for a container that shall have just these.',
    example: {
      type: 'static',
      addresses: [{ address: '10.88.0.9/16', gateway: '10.88.0.1' }],
      routes: [{ dst: '0.0.0.0/0' }],
    },
    path: 'src/ipam/static.ts',
  },
} as const;

/** The keys below `ipam` of the two that give addresses. */
export const ipamPluginKeys = (): PluginKeys[] =>
  (['host-local', 'static'] as const).map((name) => {
    const schema = IPAM_SCHEMAS[name];
    return {
      name,
      ...IPAM_PAGES[name],
      schema,
      own: Object.keys(schema.properties!),
      within: 'ipam',
      example: {
        cniVersion: '1.0.0',
        name: 'mynet',
        type: 'bridge',
        bridge: 'mynet0',
        ipam: IPAM_PAGES[name].example,
      },
    };
  });

/** The comment directly above a key of a schema. */
function textsOf(path: string): Map<string, string> {
  const source = readFileSync(join(ROOT, path), 'utf8');
  const comments = source.matchAll(/\/\*\*((?:(?!\*\/)[^])*)\*\/\n\s+(\w+): /g);
  return new Map(
    [...comments].map(([, text, key]) => [
      key!,
      text!
        .replaceAll(/^\s*\*/gm, '')
        .replaceAll(/\s+/g, ' ')
        .trim(),
    ]),
  );
}

export const pluginKeys = (): PluginKeys[] =>
  PLUGINS.map(({ name, path, schema, about, example }) => {
    const texts = new Map([...textsOf(COMMON), ...textsOf(path)]);
    const plain = JSON.parse(JSON.stringify(schema())) as JsonSchema;
    const properties = Object.fromEntries(
      Object.entries(plain.properties!).map(([key, property]) => {
        const description = texts.get(key);
        return [key, { ...property, ...(description && { description }) }];
      }),
    );
    const own = Object.keys(properties).filter((key) => !(key in commonProperties));
    const document = {
      cniVersion: '1.0.0',
      name: 'mynet',
      type: name,
      ...example,
      ...(name !== 'loopback' && { ipam: EXAMPLE_IPAM }),
    };
    return { name, path, about, schema: { ...plain, properties }, own, example: document };
  });

export function keysPage(keysOf: PluginKeys): string {
  const { name, path, about, schema, own, example, within } = keysOf;
  const keys = Object.entries(schema.properties!);
  const ours = keys.filter(([key]) => own.includes(key));
  const shared = keys.filter(([key, { description }]) => !own.includes(key) && description);
  return [
    `---\ntitle: ${name}\ndescription: The configuration of the ${name} plugin.\n---`,
    `<script setup>\nconst example = ${JSON.stringify(JSON.stringify(example, null, 2))}\n</script>`,
    `# ${name}`,
    `<div class="lead">\n\n${about}\n\n</div>`,
    `Keys are matched without regard to case, as the reference matches them. A key that nothing reads is a warning; with \`"strict": true\` it is an error.`,
    ...(ours.length === 0
      ? []
      : [
          `## Keys${within === undefined ? '' : ` of \`${within}\``} {#keys}`,
          table(`Keys of ${name}`, ours),
        ]),
    ...(shared.length === 0
      ? []
      : ['## Keys of every plugin {#common}', table('Keys of every plugin', shared)]),
    `As a [JSON Schema](../schemas/${name}.json){target="_self"}; declared in <a href="../source/${path}.txt" target="_self"><code>${path}</code></a>.`,
    '## Try a configuration {#try}',
    'Paste the configuration of a plugin or a whole list. It is read in this page by the code of the executables, and what follows is what they would say before they change anything. What depends on the host, such as a link that is missing, they can only say there.',
    `<Validator :example="example" />`,
  ].join('\n\n');
}

function table(label: string, keys: readonly (readonly [string, JsonSchema])[]): string {
  const rows = keys.map(([key, schema]) => {
    const { default: preset, description = '', maximum } = schema;
    const limit = maximum === undefined ? '' : `, at most ${maximum}`;
    const shown =
      preset === undefined || preset === '' || typeof preset === 'object'
        ? ''
        : `<code>${JSON.stringify(preset)}</code>`;
    return `<tr id="${key.toLowerCase()}"><td class="name"><a href="#${key.toLowerCase()}"><code>${key}</code></a></td><td>${typeOf(schema)}${limit}</td><td>${shown}</td><td>${html(description)}</td></tr>`;
  });
  return `<div class="table" v-pre tabindex="0" role="region" aria-label="${label}"><table><thead><tr><th>key</th><th>type</th><th>default</th><th>meaning</th></tr></thead><tbody>${rows.join('')}</tbody></table></div>`;
}

function typeOf({ type, items, properties }: JsonSchema): string {
  const inside = Object.keys(properties ?? {});
  if (items !== undefined) return `list of ${typeOf(items)}`;
  if (inside.length > 0)
    return `object with ${inside.map((key) => `<code>${key}</code>`).join(', ')}`;
  return type ?? 'any value';
}

const html = (text: string): string =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll(/`([^`]+)`/g, '<code>$1</code>');
