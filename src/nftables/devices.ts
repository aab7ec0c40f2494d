/**
 * Interfaces of a hook as nft writes them: a trailing asterisk matches any rest of the name (since
 * Linux 6.16), and `\*` is an asterisk. nft(8), CHAINS.
 */
import type { Input, Static } from '../netlink/codec/codec.ts';
import type { nftaDevice } from './chain/message.ts';

type Devices = Static<typeof nftaDevice>;

/** One name as it is, several in an array. */
export function deviceNames({ name = [], prefix = [] }: Devices): string | string[] | undefined {
  const words = [
    ...name.map((each) => (each.endsWith('*') ? `${each.slice(0, -1)}\\*` : each)),
    ...prefix.map((each) => `${each}*`),
  ];
  return words.length === 1 ? words[0] : words.length === 0 ? undefined : words;
}

export function devicesOf(dev: string | readonly string[]): Input<typeof nftaDevice> {
  const words = typeof dev === 'string' ? [dev] : dev;
  const isPrefix = (word: string): boolean => word.endsWith('*') && !word.endsWith('\\*');
  const prefix = words.filter(isPrefix).map((word) => word.slice(0, -1));
  const name = words.filter((word) => !isPrefix(word)).map((word) => word.replace(/\\\*$/, '*'));
  return {
    ...(name.length === 0 && prefix.length > 0 ? {} : { name }),
    ...(prefix.length === 0 ? {} : { prefix }),
  };
}
