/** Operations of flock(2), include/uapi/asm-generic/fcntl.h. */
export const LOCK_SH = 1;
export const LOCK_EX = 2;
export const LOCK_NB = 4;
export const LOCK_UN = 8;
