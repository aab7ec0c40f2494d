/*
 * Memory for the engine. A plugin touches the same hundreds of pages each time, and in a virtual
 * machine each first touch is expensive. So the engine gets one huge page where the kernel has one,
 * and else pieces that the kernel populates at once. Freed blocks are kept for later blocks of the
 * same size: the process ends before anything else could use the memory.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include "memory.h"

/* Block sizes are powers of two; larger requests go to the C library, which maps and unmaps memory
 * for each. */
#ifdef __SANITIZE_ADDRESS__
/* Nearly all, so that the sanitizer sees where each block ends and that it was freed. */
enum { SMALLEST = 3, LARGEST = 3 };
#else
enum { SMALLEST = 6, LARGEST = 17 };
#endif
/* What is populated at once, and the huge page of both architectures where pages are small. */
enum { SMALL_PAGE = 4 << 10, PIECE = 256 << 10, HUGE_PAGE = 2 << 20 };

/* include/uapi/asm-generic/mman-common.h; musl does not have it yet. */
#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif

/* The header before each block. */
struct block {
  size_t room;
  struct block *next;
};
_Static_assert(sizeof(struct block) + (1 << LARGEST) <= PIECE, "a piece has room for any block");

static struct block *spare[LARGEST + 1];
/* The rest of a piece, and the end of what is mapped behind it. */
static uint8_t *piece, *end, *mapped;

static struct block *block_of(void *memory) { return (struct block *)memory - 1; }

/* The smallest power of two with room for `size` bytes. */
static int order(size_t size) { return size <= 1 << SMALLEST ? SMALLEST : 64 - __builtin_clzl(size - 1); }

/* The next piece. */
static bool populate(void) {
  if (end == mapped) {
    uint8_t *const made = mmap(NULL, 2 * HUGE_PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (made == MAP_FAILED) return false;
    piece = (uint8_t *)(((uintptr_t)made + HUGE_PAGE - 1) & -(uintptr_t)HUGE_PAGE);
    mapped = piece + HUGE_PAGE;
    if (piece > made) munmap(made, piece - made);
    munmap(mapped, made + HUGE_PAGE - piece);
    /* The first touch brings all of it, or one small page. */
    unsigned char resident = 0;
    madvise(piece, HUGE_PAGE, MADV_HUGEPAGE);
    *(volatile uint8_t *)piece = 0;
    mincore(mapped - SMALL_PAGE, 1, &resident);
    end = resident & 1 ? mapped : piece;
    if (end == mapped) return true;
  }
  piece = end;
  end += PIECE;
  /* Before Linux 5.14 it fails, and each page is populated by its first touch. */
  madvise(piece, PIECE, MADV_POPULATE_WRITE);
  return true;
}

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
  if ((size_t)(end - piece) < whole && !populate()) return NULL;
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
  struct block *block;
  if (__builtin_mul_overflow(count, size, &whole)) return NULL;
  if (whole > 1 << LARGEST) {
    /* The C library knows what the kernel has zeroed already. */
    if (whole > PTRDIFF_MAX - sizeof *block || (block = calloc(1, sizeof *block + whole)) == NULL) return NULL;
    block->room = whole;
    return block + 1;
  }
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
