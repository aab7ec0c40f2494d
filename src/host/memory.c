/*
 * Memory for the engine. It is mapped in large pieces that the kernel populates at once, because a
 * plugin touches the same hundreds of pages each time, and the C library would make two system
 * calls for every sixteenth of them. Freed blocks are kept for later blocks of the same size: the
 * process ends before anything else could use the memory.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include "memory.h"

/* Block sizes are powers of two; larger requests go to the C library. */
enum { SMALLEST = 6, LARGEST = 14, PIECE = 256 << 10 };

/* The header before each block. */
struct block {
  size_t room;
  struct block *next;
};

static struct block *spare[LARGEST + 1];
static uint8_t *piece, *end;

static struct block *block_of(void *memory) { return (struct block *)memory - 1; }

/* The smallest power of two with room for `size` bytes. */
static int order(size_t size) { return size <= 1 << SMALLEST ? SMALLEST : 64 - __builtin_clzl(size - 1); }

static void *take(void *opaque, size_t size) {
  struct block *block;
  if (size > 1 << LARGEST) {
    if (size > PTRDIFF_MAX - sizeof *block || (block = malloc(sizeof *block + size)) == NULL) return NULL;
    block->room = size;
    return block + 1;
  }
  const int at = order(size);
  if ((block = spare[at]) != NULL) {
    spare[at] = block->next;
    return block + 1;
  }
  const size_t whole = sizeof *block + (1 << at);
  if ((size_t)(end - piece) < whole) {
    uint8_t *const made = mmap(NULL, PIECE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    if (made == MAP_FAILED) return NULL;
    piece = made;
    end = made + PIECE;
  }
  block = (struct block *)piece;
  piece += whole;
  block->room = 1 << at;
  return block + 1;
}

static void give(void *opaque, void *memory) {
  if (memory == NULL) return;
  struct block *const block = block_of(memory);
  if (block->room > 1 << LARGEST) return free(block);
  struct block **const list = &spare[order(block->room)];
  block->next = *list;
  *list = block;
}

static void *take_zeroed(void *opaque, size_t count, size_t size) {
  size_t whole;
  if (__builtin_mul_overflow(count, size, &whole)) return NULL;
  void *const memory = take(opaque, whole);
  return memory == NULL ? NULL : memset(memory, 0, whole);
}

static void *resize(void *opaque, void *memory, size_t size) {
  if (memory == NULL) return take(opaque, size);
  struct block *block = block_of(memory);
  if (block->room > 1 << LARGEST && size > 1 << LARGEST) {
    if (size > PTRDIFF_MAX - sizeof *block || (block = realloc(block, sizeof *block + size)) == NULL) return NULL;
    block->room = size;
    return block + 1;
  }
  if (size <= block->room) return memory;
  void *const larger = take(opaque, size);
  if (larger == NULL) return NULL;
  memcpy(larger, memory, block->room);
  give(opaque, memory);
  return larger;
}

static size_t room(const void *memory) { return memory == NULL ? 0 : ((const struct block *)memory - 1)->room; }

const JSMallocFunctions memory = {take_zeroed, take, give, resize, room};
