/** What a message is about, for errors: of declared messages, and of those of the plugins. */

/** A message with some of its attributes. */
type With<K extends string, V = string> = {
  readonly attrs?: { readonly [A in K]?: V | undefined } | undefined;
};

export const linkSubject = ({
  index,
  attrs,
}: With<'ifname'> & { readonly index?: number | undefined }): string | undefined =>
  attrs?.ifname ?? (index ? `index ${index}` : undefined);

export const addrSubject = ({ attrs }: With<'local' | 'address'>): string | undefined =>
  attrs?.local ?? attrs?.address;

type Table = string | number | undefined;

export function routeSubject({
  dstLen,
  table,
  attrs,
}: {
  readonly dstLen?: number | undefined;
  readonly table?: Table;
  readonly attrs?: { readonly dst?: string | undefined; readonly table?: Table } | undefined;
}): string | undefined {
  if (attrs?.dst !== undefined) return `${attrs.dst}/${dstLen ?? 0}`;
  if (dstLen !== undefined) return 'default';
  // A list, of one table or all.
  const name = attrs?.table ?? table;
  return name === undefined ? undefined : `table ${name}`;
}

export const neighSubject = ({ attrs }: With<'dst' | 'lladdr'>): string | undefined =>
  attrs?.dst ?? attrs?.lladdr;

export const nsidSubject = ({ attrs }: With<'nsid', number>): string | undefined =>
  attrs?.nsid === undefined ? undefined : String(attrs.nsid);
