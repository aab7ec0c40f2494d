/*
 * Reading or removing many small files of one directory with a single call: in the engine, each
 * call of a function costs as much as the kernel takes for two of these files.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "scan.h"

/* A file of this length or longer is not small, and is not read. */
enum { SHORT = 4096 };

/* The entries of a directory, in the order of their inodes. Tables of inodes and blocks are on the
 * disk in this order, while that of a directory is by hash: a file system reads and removes many
 * files in half the time when it need not jump between the blocks of these tables. There is room
 * for some eighty thousand; only what is used of it takes memory. */
enum { SHORTEST_ENTRY = 24, BYTES = 3 << 20, PLACES = BYTES / SHORTEST_ENTRY };
static struct list {
  int directory;
  long count, next;
  struct place {
    uint64_t inode;
    const struct dirent *entry;
  } places[PLACES];
  _Alignas(8) uint8_t bytes[BYTES];
} *list;

static double milliseconds(struct timespec time) { return time.tv_sec * 1e3 + time.tv_nsec / 1e6; }

static bool is_blank(uint8_t byte) { return byte == ' ' || (byte >= '\t' && byte <= '\r') || byte == 0; }

/* FNV-1a, without what a crash or an editor adds: zero bytes, and white space around it. Zero is
 * the hash of nothing. */
static uint32_t hash_of(const uint8_t *text, size_t length) {
  uint32_t hash = 0x811c9dc5;
  size_t counted = 0;
  while (length > 0 && is_blank(text[length - 1])) length--;
  for (size_t i = 0; i < length; i++) {
    if (text[i] == 0 || (counted == 0 && is_blank(text[i]))) continue;
    hash = (hash ^ text[i]) * 0x01000193;
    counted++;
  }
  return counted == 0 ? 0 : hash == 0 ? 1 : hash;
}

/* The content of a file, without waiting for the other side of a FIFO. */
static int read_file(int directory, const char *name, uint8_t *bytes, int32_t *error) {
  const int fd = openat(directory, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  ssize_t length;
  if (fd < 0) return *error = errno, 0;
  do length = read(fd, bytes, SHORT - 1);
  while (length < 0 && errno == EINTR);
  if (length < 0) *error = errno;
  close(fd);
  return length < 0 ? 0 : (int)length;
}

static int by_inode(const void *one, const void *other) {
  const uint64_t a = ((const struct place *)one)->inode, b = ((const struct place *)other)->inode;
  return a < b ? -1 : a > b;
}

/* Reads the next entries of the directory into the list, and sorts them. */
static long refill(int directory) {
  long length;
  do length = syscall(SYS_getdents64, directory, list->bytes, BYTES);
  while (length < 0 && errno == EINTR);
  if (length < 0) return -errno;
  list->count = list->next = 0;
  for (long at = 0; at < length; list->count++) {
    const struct dirent *entry = (const void *)(list->bytes + at);
    list->places[list->count] = (struct place){.inode = entry->d_ino, .entry = entry};
    at += entry->d_reclen;
  }
  qsort(list->places, list->count, sizeof *list->places, by_inode);
  return length;
}

/* Begins at the start of a directory; otherwise the list has to be of this one. */
static int begin(int directory) {
  const bool is_start = lseek(directory, 0, SEEK_CUR) == 0;
  if (!is_start && (list == NULL || list->directory != directory)) return -EBUSY;
  if (list == NULL && (list = malloc(sizeof *list)) == NULL) return -ENOMEM;
  list->directory = directory;
  if (is_start) list->count = list->next = 0;
  return 0;
}

static void end(void) {
  free(list);
  list = NULL;
}

long scan(int directory, double since, const char *characters, uint8_t *out, size_t room) {
  struct stat status;
  size_t used = 0;
  const int error = begin(directory);
  if (error < 0) return error;
  for (;; list->next++) {
    if (list->next >= list->count) {
      const long length = refill(directory);
      if (length <= 0) {
        if (used == 0) end();
        return used == 0 ? length : (long)used;
      }
    }
    const struct dirent *entry = list->places[list->next].entry;
    const size_t name_length = strlen(entry->d_name);
    /* The next call begins with this entry. */
    if (room - used < sizeof(struct found) + name_length + SHORT + 8) return used == 0 ? -EINVAL : (long)used;
    if (entry->d_name[0] == '.' || strspn(entry->d_name, characters) != name_length) continue;
    if (fstatat(directory, entry->d_name, &status, AT_SYMLINK_NOFOLLOW) < 0) {
      if (errno == ENOENT) continue;
      return -errno;
    }
    if (milliseconds(status.st_ctim) < since) continue;
    struct found *file = (struct found *)(out + used);
    uint8_t *text = out + used + sizeof *file + name_length;
    *file = (struct found){.mode = status.st_mode, .name_length = name_length};
    file->changed = milliseconds(status.st_ctim);
    file->modified = milliseconds(status.st_mtim);
    struct in_addr address;
    if (inet_pton(AF_INET, entry->d_name, &address) == 1) {
      file->is_ipv4 = 1;
      file->ipv4 = ntohl(address.s_addr);
    }
    memcpy(file->name, entry->d_name, name_length);
    if (!S_ISREG(status.st_mode)) file->error = EINVAL;
    else if (status.st_size >= SHORT) file->error = EFBIG;
    else file->text_length = read_file(directory, entry->d_name, text, &file->error);
    /* It was replaced or removed meanwhile. */
    if (file->error == ENOENT) continue;
    file->hash = hash_of(text, file->text_length);
    file->length = (sizeof *file + name_length + file->text_length + 7) & ~7u;
    used += file->length;
  }
}

static int remove_one(int directory, const struct found *file) {
  char name[NAME_MAX + 1];
  struct stat status;
  if (file->name_length > NAME_MAX) return ENAMETOOLONG;
  memcpy(name, file->name, file->name_length);
  name[file->name_length] = '\0';
  if (fstatat(directory, name, &status, AT_SYMLINK_NOFOLLOW) < 0) return errno;
  if (milliseconds(status.st_ctim) != file->changed || status.st_mode != file->mode) return ESTALE;
  return unlinkat(directory, name, 0) < 0 ? errno : 0;
}

long remove_unchanged(int directory, uint8_t *records, size_t length) {
  long removed = 0;
  for (size_t at = 0; at < length;) {
    struct found *file = (struct found *)(records + at);
    const size_t left = length - at;
    if (left < sizeof *file || file->length > left || file->length % 8 != 0) return -EINVAL;
    if (file->length < sizeof *file + file->name_length) return -EINVAL;
    file->error = remove_one(directory, file);
    if (file->error == 0) removed++;
    at += file->length;
  }
  return removed;
}
