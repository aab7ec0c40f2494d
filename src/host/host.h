/* The modules that the build links into the executable: bytecode from the engine's own compiler, in
 * the order in which an ADD reads it. */
#include <stddef.h>

struct module {
  const char *name;
  const unsigned char *bytecode;
  size_t length;
};

/* The first is the entry point; the last has no name. */
extern const struct module modules[];
