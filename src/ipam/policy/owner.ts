/**
 * The owner of a lease, and the names that may become paths.
 *
 * The content of a lease file is its owner: container id, CR LF, interface name. Older versions of
 * the reference wrote only the id; such a file belongs to every interface of that container.
 */
import { configError, IpamError } from './errors.ts';
import { byteLength, holdsAny, isName, namesInterface } from './names.ts';

export interface Owner {
  readonly containerId: string;
  readonly ifname: string;
}

/** The content of a lease file. */
export const ownerKey = ({ containerId, ifname }: Owner): string =>
  `${containerId.trim()}\r\n${ifname}`;

/** The content of a lease file that an old version wrote. */
export const legacyKey = ({ containerId }: Owner): string => containerId.trim();

/** For messages: `containerid ifname`. */
export const formatKey = (key: string): string => key.replace('\r\n', ' ');

/** A lease as it appears in reports. */
export interface FreedLease {
  readonly address: string;
  readonly containerId: string;
  /** Absent for files of old versions of the reference. */
  readonly ifname?: string;
}

/** The owner that the content of a lease file names. */
export function ownerOf(key: string): { containerId: string; ifname?: string } {
  const [containerId = '', ifname] = key.split('\r\n');
  return ifname === undefined ? { containerId } : { containerId, ifname };
}

/** NAME_MAX of include/uapi/linux/limits.h. */
const NAME_MAX = 255;

/**
 * The network name becomes a directory, so a name that could leave the data directory is refused.
 */
export function checkedName(name: unknown): string {
  if (typeof name !== 'string' || name === '') {
    throw configError('missing network name', 'name', name);
  }
  if (!isName(name)) throw configError('invalid characters found in network name', 'name', name);
  if (name.length > NAME_MAX) {
    const message = `the network name is too long for a directory: ${name.length} bytes`;
    throw configError(message, 'name', name);
  }
  return name;
}

/**
 * Ids and interface names are only content of files; what could be mistaken for another owner is
 * refused.
 */
export function checkedOwner({ containerId, ifname }: Owner): Owner {
  const id = containerId.trim();
  if (id === '' || holdsAny(id, '/\0\r\n') || id === '.' || id === '..') {
    throw refused('invalid characters in containerID', 'containerID', containerId);
  }
  if (byteLength(ifname) > 15) {
    throw refused('interface name is too long', 'ifname', ifname);
  }
  if (!namesInterface(ifname)) {
    throw refused('invalid characters in interface name', 'ifname', ifname);
  }
  return { containerId: id, ifname };
}

const refused = (message: string, path: string, value: string): IpamError =>
  configError(message, path, value);
