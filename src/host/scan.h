#include <stddef.h>
#include <stdint.h>

/* One file that `scan` found; src/sys/scan.ts has the offsets. */
struct found {
  uint32_t length; /* of this record, a multiple of eight */
  uint16_t name_length;
  uint16_t text_length;
  uint32_t mode;
  int32_t error; /* why it was not read: EINVAL for what is no regular file, EFBIG for a long one */
  uint32_t hash;
  uint32_t is_ipv4; /* whether its name is an IPv4 address, and which */
  uint32_t ipv4;
  uint32_t unused;
  double changed; /* ctime and mtime in milliseconds */
  double modified;
  char name[]; /* then the content */
};

/* Reads the small files of the open directory whose names consist of `characters` and that changed
 * at `since` or later, until `out` is full. Returns the number of bytes used, zero at the end; before
 * that no other directory can be read, except from its start, which ends the reading of this one:
 * -EBUSY. */
long scan(int directory, double since, const char *characters, uint8_t *out, size_t room);

/* Removes the files of the records that are still as their record says, and sets `error` in each:
 * zero, why it was not removed, or ESTALE if it was changed. Returns how many were removed, or
 * -EINVAL if these are no records. */
long remove_unchanged(int directory, uint8_t *records, size_t length);
