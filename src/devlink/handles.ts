/**
 * Names of devices and what they have, as devlink(8) writes them: `pci/0000:01:00.0`, and behind it
 * the index of a port, or the name of a region or a node of rates.
 */
import { CodecError } from '../errors.ts';
import { describe } from '../netlink/codec/given.ts';

export interface DevHandle {
  readonly busName: string;
  readonly devName: string;
}
export interface PortHandle extends DevHandle {
  readonly portIndex: number;
}

function refuse(given: unknown, what: string): never {
  throw new CodecError(`${describe(given)} is not ${what}`);
}

/** The parts between slashes; an empty one is not a name. */
function partsOf(text: unknown, what: string): string[] {
  if (typeof text !== 'string') return refuse(text, what);
  const parts = text.split('/');
  return parts.some((part) => part === '' || part.includes('\0')) ? refuse(text, what) : parts;
}

/** 32 bits, in decimal digits. */
const indexOf = (text: string | undefined): number | undefined =>
  text !== undefined && /^\d{1,10}$/.test(text) && Number(text) <= 0xffffffff
    ? Number(text)
    : undefined;

const A_DEVICE = 'a device, such as "pci/0000:01:00.0"';

/** `pci/0000:01:00.0` */
export function devHandle(text: string): DevHandle {
  const [busName, devName, ...rest] = partsOf(text, A_DEVICE);
  if (devName === undefined || rest.length > 0) return refuse(text, A_DEVICE);
  return { busName: busName!, devName };
}

/** `pci/0000:01:00.0`, or `pci/0000:01:00.0/1` for a port of it. */
export function devOrPortHandle(text: string): DevHandle | PortHandle {
  const what = `${A_DEVICE}, or a port of it, such as "pci/0000:01:00.0/1"`;
  const [busName, devName, port, ...rest] = partsOf(text, what);
  if (devName === undefined || rest.length > 0) return refuse(text, what);
  const portIndex = indexOf(port);
  if (port !== undefined && portIndex === undefined) return refuse(text, what);
  return { busName: busName!, devName, ...(portIndex !== undefined && { portIndex }) };
}

/** `pci/0000:01:00.0/1`; undefined for the name of a link, which has no slash. */
export function portHandle(text: string): PortHandle | undefined {
  const what = 'a port, such as "pci/0000:01:00.0/1", or its link';
  const [busName, devName, port, ...rest] = partsOf(text, what);
  if (devName === undefined) return undefined;
  const portIndex = indexOf(port);
  if (portIndex === undefined || rest.length > 0) return refuse(text, what);
  return { busName: busName!, devName, portIndex };
}

/** `pci/0000:01:00.0/cr-space`, or `pci/0000:01:00.0/1/name` for a region of a port. */
export function regionHandle(text: string): (DevHandle | PortHandle) & { regionName: string } {
  const what = 'a region, such as "pci/0000:01:00.0/cr-space"';
  const [busName, devName, ...rest] = partsOf(text, what);
  const regionName = rest.pop();
  const portIndex = indexOf(rest[0]);
  if (regionName === undefined || rest.length > 1) return refuse(text, what);
  if (rest.length === 1 && portIndex === undefined) return refuse(text, what);
  return {
    busName: busName!,
    devName: devName!,
    regionName,
    ...(portIndex !== undefined && { portIndex }),
  };
}

/** `pci/0000:01:00.0/1` for a port, `pci/0000:01:00.0/group1` for a node. */
export function rateHandle(text: string): PortHandle | (DevHandle & { rateNodeName: string }) {
  const what = 'a port or a node, such as "pci/0000:01:00.0/group1"';
  const [busName, devName, name, ...rest] = partsOf(text, what);
  if (name === undefined || rest.length > 0) return refuse(text, what);
  const portIndex = indexOf(name);
  const dev = { busName: busName!, devName: devName! };
  return portIndex === undefined ? { ...dev, rateNodeName: name } : { ...dev, portIndex };
}
