/**
 * Milliseconds after which a program that a plugin runs is killed. Five minutes: the reference
 * waits for ever, and its slowest plugin, `dhcp`, gives up on its own after 209 s.
 */
export const PROGRAM_TIMEOUT = 300_000;
