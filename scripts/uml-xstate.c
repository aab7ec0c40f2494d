/*
 * Preloaded into linux.uml on processors with AMX, where it dies with "ptrace set fp regs failed".
 *
 * User-mode Linux 6.1 keeps 2696 bytes of vector registers for each of its processes (HOST_FP_SIZE
 * in arch/x86/um/user-offsets.c). The host accepts only a complete XSAVE area (xstateregs_set() in
 * arch/x86/kernel/fpu/regset.c), and AMX tiles make that area longer. So the area is padded here:
 * nothing that runs inside uses the tiles.
 *
 * Built by uml.ts with `tcc -shared -nostdlib`; no headers, so that no development package is
 * needed.
 */
extern long syscall(long number, ...);

struct iovec {
  void *base;
  unsigned long length;
};

enum {
  SYS_ptrace = 101,
  PTRACE_PEEKUSER = 3,
  PTRACE_GETREGSET = 0x4204,
  PTRACE_SETREGSET = 0x4205,
  NT_X86_XSTATE = 0x202,
  XSTATE_BV = 512 / sizeof(long),
};

static const unsigned long AMX = 3ul << 17; /* XFEATURE_XTILE_CFG and _DATA */
static unsigned long area[65536 / sizeof(long)];
static unsigned long whole;

long ptrace(long request, long pid, void *address, void *data) {
  if (request >= 1 && request <= PTRACE_PEEKUSER) { /* the C library returns the word itself */
    long word = 0;
    long result = syscall(SYS_ptrace, request, pid, address, &word);
    return result < 0 ? result : word;
  }
  if (request != PTRACE_SETREGSET || (long)address != NT_X86_XSTATE)
    return syscall(SYS_ptrace, request, pid, address, data);

  if (whole == 0) {
    struct iovec all = {area, sizeof area};
    if (syscall(SYS_ptrace, PTRACE_GETREGSET, pid, address, &all) < 0) return -1;
    whole = all.length;
    for (unsigned long i = 0; i < whole / sizeof(long); i++) area[i] = 0;
  }
  struct iovec *given = data;
  for (unsigned long i = 0; i < given->length / sizeof(long); i++)
    area[i] = ((unsigned long *)given->base)[i];
  area[XSTATE_BV] &= ~AMX;
  struct iovec full = {area, whole};
  return syscall(SYS_ptrace, request, pid, address, &full);
}
