/* Modules as the build links them into the file: bytecode that its own compiler wrote, in the order
 * in which an ADD reads it. */
#include <stddef.h>

struct module {
  const char *name;
  const unsigned char *bytecode;
  size_t length;
};

/* The first is the one to begin with; the last has no name. */
extern const struct module modules[];
