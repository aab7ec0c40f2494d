/**
 * Turns an extended acknowledgement into text: what the kernel reports, and where in the request.
 */
import type { Ack } from './ack.ts';
import type { Codec } from './codec.ts';
import { NLMSG_HDRLEN } from '../constants.ts';
import type { ExtendedAck } from '../../errors.ts';
import type { AnyMessage } from './message.ts';

/**
 * The text of an acknowledgement, with its offsets turned into paths in the request. `request`
 * holds the request from its header on.
 */
export function explain(
  ack: Ack,
  declared: AnyMessage | undefined,
  request: DataView,
): ExtendedAck {
  const { msg, offs, policy: accepted, missType, missNest } = ack.attrs;
  return {
    text: msg,
    attribute: offs === undefined ? undefined : pathAt(declared, request, offs),
    policy: accepted === undefined ? undefined : showPolicy(accepted),
    missing:
      missType === undefined ? undefined : missingPath(declared, request, missNest, missType),
  };
}

/**
 * The path of the innermost attribute at an offset of the request; the offset itself if no
 * attribute is there.
 */
function pathAt(declared: AnyMessage | undefined, request: DataView, offset: number): string {
  const path: string[] = [];
  declared?.walk?.(
    request,
    NLMSG_HDRLEN,
    request.byteLength,
    (part) => {
      if (part.at <= offset && offset < part.end && part.depth === path.length)
        path.push(part.name);
    },
    0,
  );
  return path.length === 0 ? `byte ${offset}` : path.join('/');
}

function missingPath(
  declared: AnyMessage | undefined,
  request: DataView,
  nest: number | undefined,
  type: number,
): string {
  let set: Codec<unknown> | undefined = declared?.body as Codec<unknown> | undefined;
  if (nest !== undefined) {
    set = undefined;
    declared?.walk?.(
      request,
      NLMSG_HDRLEN,
      request.byteLength,
      (part) => {
        if (part.at === nest) set = part.codec;
      },
      0,
    );
  }
  const attributes = (
    set as { attributes?: Record<string, { id: number; name: string }> } | undefined
  )?.attributes;
  const found = Object.values(attributes ?? {}).find(({ id }) => id === type);
  const name = found?.name ?? `attribute ${type}`;
  return nest === undefined ? name : `${pathAt(declared, request, nest)}/${name}`;
}

function showPolicy(accepted: NonNullable<Ack['attrs']['policy']>): string {
  const words = [String(accepted.type ?? 'any')];
  const min = accepted.minValueS ?? accepted.minValueU;
  const max = accepted.maxValueS ?? accepted.maxValueU;
  if (min !== undefined || max !== undefined) words.push(`${min ?? ''}..${max ?? ''}`);
  if (accepted.minLength !== undefined || accepted.maxLength !== undefined) {
    words.push(`of ${accepted.minLength ?? 0}..${accepted.maxLength ?? ''} bytes`);
  }
  const mask = accepted.mask ?? accepted.bitfield32Mask;
  if (mask !== undefined) words.push(`within 0x${mask.toString(16)}`);
  return words.join(' ');
}
