/** Where the addresses are in the header of a packet, in bytes. RFC 791, 3.1; RFC 8200, 3. */
export const IP_HEADER = {
  ip: { saddr: 12, daddr: 16, length: 4 },
  ip6: { saddr: 8, daddr: 24, length: 16 },
} as const;
