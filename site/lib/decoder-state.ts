/** How a protocol is called on the decoder's page and in its address: `sock_diag`. */
export const protocolWord = (name: string): string => name.replace('NETLINK_', '').toLowerCase();

/** The state of the decoder's page, which its address ends with: `#protocol=route&hex=…`. */
export const decoderState = (protocol: string, hex: string): URLSearchParams =>
  new URLSearchParams({ protocol: protocolWord(protocol), hex });
