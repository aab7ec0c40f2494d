/*
 * The host of the CNI executables: QuickJS-ng with a table of Linux system calls, and no policy of
 * its own.
 *
 * What a plugin does is written in TypeScript, compiled to bytecode and linked into this file. This
 * file has only what TypeScript cannot do. Every call returns a result like a system call: zero or
 * more on success, the negated errno on failure. It checks the length of each buffer before the
 * kernel uses it. There is no eval, no dlopen, no file that is read at startup, and no environment
 * variable that changes the host's behaviour.
 */
#define _GNU_SOURCE
#include <aio.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>
#include "host.h"
#include "memory.h"
#include "quickjs.h"
#include "scan.h"

#define countof(list) (sizeof(list) / sizeof((list)[0]))

extern char **environ;

/* ---- Arguments. Numbers and texts are not converted: a conversion could run code between the
 * check of a buffer and its use. */

static bool to_integer(JSContext *ctx, JSValueConst value, int64_t *out) {
  if (!JS_IsNumber(value)) {
    JS_ThrowTypeError(ctx, "not a number");
    return false;
  }
  return JS_ToInt64(ctx, out, value) == 0;
}

/* Text as a C string, to be freed by the caller; a text with a NUL is refused, because C would cut
 * it off there. */
static const char *to_text(JSContext *ctx, JSValueConst value) {
  size_t length;
  const char *text;
  if (!JS_IsString(value)) {
    JS_ThrowTypeError(ctx, "not a text");
    return NULL;
  }
  text = JS_ToCStringLen(ctx, &length, value);
  if (text == NULL || strlen(text) == length) return text;
  JS_FreeCString(ctx, text);
  JS_ThrowRangeError(ctx, "a text holds a NUL");
  return NULL;
}

static JSValue answer(JSContext *ctx, long result) {
  return JS_NewInt64(ctx, result == -1 ? -errno : result);
}

/* ---- The table. */

struct call {
  const char *name;
  long number;
  /*
   * How the arguments of the system call are built: `i` a number; `s` a text; `b` the address of a
   * Uint8Array, `l` its length, `v` where its length stands, `n` a number no larger than it; `p` the
   * address of a Uint8Array of at least `least` bytes; `d` AT_FDCWD; `0` zero.
   */
  const char *takes;
  size_t least;
};

static const struct call calls[] = {
    {"socket", SYS_socket, "iii", 0},
    {"connect", SYS_connect, "ibl", 0},
    {"getsockname", SYS_getsockname, "ibv", 0},
    {"getsockopt", SYS_getsockopt, "iiibv", 0},
    {"setsockopt", SYS_setsockopt, "iiibl", 0},
    {"send", SYS_sendto, "ibni00", 0},
    {"recvfrom", SYS_recvfrom, "ibnibv", 0},
    {"setns", SYS_setns, "ii", 0},
    {"unshare", SYS_unshare, "i", 0},
    {"mount", SYS_mount, "sssi0", 0},
    {"umount", SYS_umount2, "si", 0},
    {"flock", SYS_flock, "ii", 0},
    {"umask", SYS_umask, "i", 0},
    {"open", SYS_openat, "dsii", 0},
    {"close", SYS_close, "i", 0},
    {"read", SYS_read, "ibn", 0},
    {"write", SYS_write, "ibn", 0},
    {"pread", SYS_pread64, "ibni", 0},
    {"pwrite", SYS_pwrite64, "ibni", 0},
    {"fsync", SYS_fsync, "i", 0},
    {"fchmod", SYS_fchmod, "ii", 0},
    {"futimens", SYS_utimensat, "i0p0", 2 * sizeof(struct timespec)},
    {"link", SYS_linkat, "dsds0", 0},
    {"rename", SYS_renameat2, "dsds0", 0},
    {"unlink", SYS_unlinkat, "ds0", 0},
    {"mkdir", SYS_mkdirat, "dsi", 0},
    {"readlink", SYS_readlinkat, "dsbn", 0},
    {"access", SYS_faccessat, "dsi", 0},
    {"statx", SYS_statx, "isiip", sizeof(struct statx)},
    {"statfs", SYS_statfs, "sp", 120},
    {"getdents", SYS_getdents64, "ibn", 0},
    {"pipe", SYS_pipe2, "pi", 2 * sizeof(int)},
    {"wait", SYS_wait4, "ipi0", sizeof(int)},
    {"kill", SYS_kill, "ii", 0},
    {"getpid", SYS_getpid, "", 0},
    {"getrandom", SYS_getrandom, "bli", 0},
};

enum { MOST = 6 };

static JSValue system_call(JSContext *ctx, JSValueConst this, int argc, JSValueConst *argv, int index) {
  const struct call *call = &calls[index];
  const char *texts[MOST];
  long values[MOST] = {0};
  size_t length = 0;
  socklen_t room;
  int given = 0, held = 0;
  bool ok = true;

  for (int i = 0; ok && call->takes[i] != '\0'; i++) {
    const char kind = call->takes[i];
    int64_t number = 0;
    JSValueConst next = JS_UNDEFINED;
    if (strchr("d0lv", kind) == NULL && given < argc) next = argv[given++];
    switch (kind) {
    case 'd':
      values[i] = AT_FDCWD;
      break;
    case '0':
      break;
    case 'l':
      values[i] = (long)length;
      break;
    case 'v':
      room = length;
      values[i] = (long)&room;
      break;
    case 's':
      ok = (texts[held] = to_text(ctx, next)) != NULL;
      if (ok) values[i] = (long)texts[held++];
      break;
    case 'b':
    case 'p':
      values[i] = (long)JS_GetUint8Array(ctx, &length, next);
      ok = values[i] != 0;
      if (ok && kind == 'p' && length < call->least) {
        JS_ThrowRangeError(ctx, "%s: %zu bytes, %zu needed", call->name, length, call->least);
        ok = false;
      }
      break;
    default:
      ok = to_integer(ctx, next, &number);
      if (ok && kind == 'n' && (number < 0 || (uint64_t)number > length)) {
        JS_ThrowRangeError(ctx, "%s: %lld of %zu bytes", call->name, (long long)number, length);
        ok = false;
      }
      values[i] = (long)number;
    }
  }
  JSValue result = JS_EXCEPTION;
  if (ok) result = answer(ctx, syscall(call->number, values[0], values[1], values[2], values[3], values[4], values[5]));
  while (held > 0) JS_FreeCString(ctx, texts[--held]);
  return result;
}

/* ---- Calls whose arguments hold addresses, or that have to go through the C library. */

#define ARGUMENT(i) ((i) < argc ? argv[i] : JS_UNDEFINED)
#define NUMBER(name, i) \
  int64_t name; \
  if (!to_integer(ctx, ARGUMENT(i), &name)) return JS_EXCEPTION
#define BYTES(name, i) \
  size_t name##_length; \
  uint8_t *name = JS_GetUint8Array(ctx, &name##_length, ARGUMENT(i)); \
  if (name == NULL) return JS_EXCEPTION
#define CALL(name) static JSValue name(JSContext *ctx, JSValueConst this, int argc, JSValueConst *argv)

/* Polls all `struct pollfd` in the buffer. */
CALL(host_poll) {
  BYTES(fds, 0);
  NUMBER(timeout, 1);
  return answer(ctx, poll((struct pollfd *)fds, fds_length / sizeof(struct pollfd), timeout));
}

/* umask(2) as the handler: it may run at any time, and it records the signal's number. EPERM for a
 * signal that is ignored, which stays ignored. */
CALL(host_signalToUmask) {
  NUMBER(number, 0);
  struct sigaction before;
  const struct sigaction action = {.sa_handler = (void (*)(int))(void *)umask, .sa_flags = SA_RESTART};
  if (sigaction(number, NULL, &before) < 0) return answer(ctx, -1);
  if (before.sa_handler == SIG_IGN) return JS_NewInt32(ctx, -EPERM);
  return answer(ctx, sigaction(number, &action, NULL));
}

static void nothing(int number) { (void)number; }

/* Without SA_RESTART, so a call that is waiting ends with EINTR. */
CALL(host_interruptAfter) {
  NUMBER(milliseconds, 0);
  const struct sigaction action = {.sa_handler = nothing};
  const struct timeval first = {.tv_sec = milliseconds / 1000, .tv_usec = milliseconds % 1000 * 1000};
  const struct itimerval timer = {.it_value = first, .it_interval = {.tv_usec = milliseconds > 0 ? 5000 : 0}};
  if (sigaction(SIGALRM, &action, NULL) < 0) return answer(ctx, -1);
  return answer(ctx, setitimer(ITIMER_REAL, &timer, NULL));
}

/* aio(7): work that other threads do in the background. The buffer is never freed; a process makes
 * one or two of these. */
static struct aiocb jobs[8];
static int job_count;

static JSValue start(JSContext *ctx, int64_t fd, uint8_t *bytes, size_t length) {
  if (job_count == countof(jobs)) return JS_NewInt32(ctx, -EAGAIN);
  struct aiocb *block = &jobs[job_count];
  block->aio_fildes = fd;
  block->aio_buf = bytes;
  block->aio_nbytes = length;
  block->aio_sigevent.sigev_notify = SIGEV_NONE;
  const int result = bytes == NULL ? aio_fsync(O_SYNC, block) : aio_write(block);
  return answer(ctx, result < 0 ? result : job_count++);
}

CALL(host_aioWrite) {
  NUMBER(fd, 0);
  BYTES(bytes, 1);
  JS_DupValue(ctx, argv[1]);
  return start(ctx, fd, bytes, bytes_length);
}

CALL(host_aioFsync) {
  NUMBER(fd, 0);
  return start(ctx, fd, NULL, 0);
}

/* The errno of one of them; with `wait`, blocks until it is known. */
CALL(host_aioError) {
  NUMBER(number, 0);
  NUMBER(wait, 1);
  if (number < 0 || number >= job_count) return JS_NewInt32(ctx, EINVAL);
  const struct aiocb *const one[] = {&jobs[number]};
  while (wait && aio_error(one[0]) == EINPROGRESS) aio_suspend(one, 1, NULL);
  return JS_NewInt32(ctx, aio_error(one[0]));
}

/* The small files of a directory, src/host/scan.h. */
CALL(host_scan) {
  NUMBER(directory, 0);
  NUMBER(since, 1);
  BYTES(out, 3);
  const char *characters = to_text(ctx, ARGUMENT(2));
  if (characters == NULL) return JS_EXCEPTION;
  const long result = scan(directory, since, characters, out, out_length);
  JS_FreeCString(ctx, characters);
  return JS_NewInt64(ctx, result);
}

CALL(host_removeUnchanged) {
  NUMBER(directory, 0);
  BYTES(records, 1);
  return JS_NewInt64(ctx, remove_unchanged(directory, records, records_length));
}

/* Starts the program at a path with `args` as its arguments, the given standard input, output and
 * error, and this process's environment. Returns its process id. */
CALL(host_spawn) {
  char *words[64] = {NULL};
  int count = 0;
  int64_t fds[3];
  pid_t pid = -1;
  int error = 0;
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  sigset_t ignored;
  if (argc < 4) return JS_ThrowTypeError(ctx, "spawn: arguments are missing");
  for (int i = 0; i < 3; i++)
    if (!to_integer(ctx, argv[i], &fds[i])) return JS_EXCEPTION;
  if (argc - 3 >= (int)countof(words)) return JS_NewInt32(ctx, -E2BIG);
  for (; count < argc - 3; count++)
    if ((words[count] = (char *)to_text(ctx, argv[3 + count])) == NULL) goto end;
  posix_spawn_file_actions_init(&actions);
  /* Without one of them the program would read our input, or write where our answer goes. */
  error = 0;
  for (int i = 0; i < 3 && error == 0; i++) error = posix_spawn_file_actions_adddup2(&actions, fds[i], i);
  posix_spawnattr_init(&attributes);
  sigemptyset(&ignored);
  sigaddset(&ignored, SIGPIPE);
  posix_spawnattr_setsigdefault(&attributes, &ignored);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
  if (error == 0) error = posix_spawn(&pid, words[0], &actions, &attributes, words, environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
end:
  for (int i = 0; i < count; i++) JS_FreeCString(ctx, words[i]);
  return count < argc - 3 ? JS_EXCEPTION : JS_NewInt32(ctx, error == 0 ? pid : -error);
}

CALL(host_setenv) {
  const char *name = to_text(ctx, ARGUMENT(0));
  const char *value = name == NULL ? NULL : to_text(ctx, ARGUMENT(1));
  JSValue result = value == NULL ? JS_EXCEPTION : answer(ctx, setenv(name, value, 1));
  if (value != NULL) JS_FreeCString(ctx, value);
  if (name != NULL) JS_FreeCString(ctx, name);
  return result;
}

/* ---- What the language lacks. */

/* UTF-8 to text and back, by the engine's own conversions. */
CALL(host_decode) {
  BYTES(bytes, 0);
  return JS_NewStringLen(ctx, (const char *)bytes, bytes_length);
}

CALL(host_encode) {
  size_t length;
  if (!JS_IsString(ARGUMENT(0))) return JS_ThrowTypeError(ctx, "not a text");
  const char *text = JS_ToCStringLen(ctx, &length, argv[0]);
  if (text == NULL) return JS_EXCEPTION;
  JSValue result = JS_NewUint8ArrayCopy(ctx, (const uint8_t *)text, length);
  JS_FreeCString(ctx, text);
  return result;
}

/* Milliseconds of CLOCK_MONOTONIC. */
CALL(host_now) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return JS_NewFloat64(ctx, time.tv_sec * 1e3 + time.tv_nsec / 1e6);
}

CALL(host_exit) {
  NUMBER(code, 0);
  _exit(code);
}

/* ---- Failures that a plugin cannot report itself: prints the error of the CNI specification
 * without allocating memory. */

static void put(int fd, const char *text, size_t length) {
  while (length > 0) {
    const ssize_t written = write(fd, text, length);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return;
    text += written;
    length -= written;
  }
}

static _Noreturn void die(const char *why) {
  char text[512] = "{\"code\":999,\"msg\":\"";
  size_t at = strlen(text);
  for (; *why != '\0' && at < sizeof text - 8; why++) {
    const unsigned char c = *why;
    if (c == '"' || c == '\\') text[at++] = '\\';
    text[at++] = c < 0x20 ? ' ' : c;
  }
  /* No part of a character, where there was no room for all of it. */
  if ((*why & 0xc0) == 0x80) {
    while ((text[at - 1] & 0xc0) == 0x80) at--;
    at--;
  }
  memcpy(text + at, "\"}\n", 3);
  put(STDOUT_FILENO, text, at + 3);
  _exit(1);
}

static _Noreturn void die_of(JSContext *ctx, JSValue thrown) {
  /* The engine throws null when it has no memory for an error. */
  const char *message = JS_IsNull(thrown) ? NULL : JS_ToCString(ctx, thrown);
  JSValue stack = JS_IsObject(thrown) ? JS_GetPropertyStr(ctx, thrown, "stack") : JS_UNDEFINED;
  const char *text = JS_IsString(stack) ? JS_ToCString(ctx, stack) : NULL;
  if (message != NULL) put(STDERR_FILENO, message, strlen(message));
  put(STDERR_FILENO, "\n", 1);
  if (text != NULL) put(STDERR_FILENO, text, strlen(text));
  die(message != NULL ? message : "out of memory");
}

/* The last of the promise rejections that have no handler yet. */
static JSValue rejected = {.tag = JS_TAG_UNDEFINED};

static void on_rejection(JSContext *ctx, JSValueConst promise, JSValueConst reason, bool is_handled, void *opaque) {
  JS_FreeValue(ctx, rejected);
  rejected = is_handled ? JS_UNDEFINED : JS_DupValue(ctx, reason);
}

/* ---- Startup. */

static JSModuleDef *load(JSContext *ctx, const char *name, void *opaque) {
  for (const struct module *module = modules; module->name != NULL; module++) {
    if (strcmp(module->name, name) != 0) continue;
    JSValue value = JS_ReadObject(ctx, module->bytecode, module->length, JS_READ_OBJ_BYTECODE);
    if (JS_IsException(value)) return NULL;
    JSModuleDef *const loaded = JS_VALUE_GET_PTR(value);
    JS_FreeValue(ctx, value);
    return loaded;
  }
  JS_ThrowReferenceError(ctx, "no module %s", name);
  return NULL;
}

/* All modules are in one folder. */
static char *normalize(JSContext *ctx, const char *base, const char *name, void *opaque) {
  return js_strdup(ctx, strncmp(name, "./", 2) == 0 ? name + 2 : name);
}

static const JSCFunctionListEntry functions[] = {
    JS_CFUNC_DEF("poll", 2, host_poll),
    JS_CFUNC_DEF("signalToUmask", 1, host_signalToUmask),
    JS_CFUNC_DEF("interruptAfter", 1, host_interruptAfter),
    JS_CFUNC_DEF("aioWrite", 2, host_aioWrite),
    JS_CFUNC_DEF("aioFsync", 1, host_aioFsync),
    JS_CFUNC_DEF("aioError", 2, host_aioError),
    JS_CFUNC_DEF("scan", 4, host_scan),
    JS_CFUNC_DEF("removeUnchanged", 2, host_removeUnchanged),
    JS_CFUNC_DEF("spawn", 4, host_spawn),
    JS_CFUNC_DEF("setenv", 2, host_setenv),
    JS_CFUNC_DEF("decode", 1, host_decode),
    JS_CFUNC_DEF("encode", 1, host_encode),
    JS_CFUNC_DEF("now", 0, host_now),
    JS_CFUNC_DEF("exit", 1, host_exit),
    JS_PROP_INT32_DEF("O_DIRECTORY", O_DIRECTORY, 0),
    JS_PROP_INT32_DEF("O_NOFOLLOW", O_NOFOLLOW, 0),
};

static JSValue texts_of(JSContext *ctx, char *const *texts) {
  JSValue list = JS_NewArray(ctx);
  for (uint32_t i = 0; texts[i] != NULL; i++) JS_SetPropertyUint32(ctx, list, i, JS_NewString(ctx, texts[i]));
  return list;
}

/* Adds our only global. */
static void add_host(JSContext *ctx, char **argv) {
  JSValue host = JS_NewObject(ctx);
  JSValue global = JS_GetGlobalObject(ctx);
  for (size_t i = 0; i < countof(calls); i++) {
    JSValue function = JS_NewCFunctionMagic(ctx, system_call, calls[i].name, strlen(calls[i].takes), JS_CFUNC_generic_magic, i);
    JS_DefinePropertyValueStr(ctx, host, calls[i].name, function, 0);
  }
  JS_SetPropertyFunctionList(ctx, host, functions, countof(functions));
  JS_DefinePropertyValueStr(ctx, host, "args", texts_of(ctx, argv), 0);
  JS_DefinePropertyValueStr(ctx, host, "environ", texts_of(ctx, environ), 0);
  const char *path = (const char *)getauxval(AT_EXECFN);
  JS_DefinePropertyValueStr(ctx, host, "path", JS_NewString(ctx, path == NULL ? "" : path), 0);
  JS_SetPropertyStr(ctx, global, "host", host);
  JS_FreeValue(ctx, global);
}

/* The stack that `ulimit -s` leaves from here on: the arguments and the environment are above, and
 * calls of the C library need a reserve. */
static size_t stack_left(void) {
  enum { LARGEST = 8 << 20, RESERVE = 16 << 10 };
  struct rlimit limit;
  char here;
  const uintptr_t top = getauxval(AT_EXECFN);
  if (getrlimit(RLIMIT_STACK, &limit) < 0 || limit.rlim_cur > LARGEST) limit.rlim_cur = LARGEST;
  const size_t taken = RESERVE + (top > (uintptr_t)&here ? top - (uintptr_t)&here : 0);
  /* Zero would mean that there is no limit. */
  return limit.rlim_cur > taken ? limit.rlim_cur - taken : 1;
}

int main(int argc, char **argv) {
  JSContext *ctx, *other;
  int result;
  signal(SIGPIPE, SIG_IGN);
  /* If one of the three is closed, the next file opened would get its number, and output would go
   * there. Nothing can be read from an O_PATH descriptor, or written to it. */
  for (int fd = 0; fd <= STDERR_FILENO; fd++)
    if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDWR) < 0 && open("/", O_PATH) < 0) _exit(1);
  JSRuntime *runtime = JS_NewRuntime2(&memory, NULL);
  if (runtime == NULL || (ctx = JS_NewContextRaw(runtime)) == NULL) die("out of memory");
  JS_SetMaxStackSize(runtime, stack_left());
  JS_SetGCThreshold(runtime, 16 << 20);
  JS_SetCanBlock(runtime, true);
  JS_SetModuleLoaderFunc(runtime, normalize, load, NULL);
  JS_SetHostPromiseRejectionTracker(runtime, on_rejection, NULL);
  /* Everything that the plugins use. Without eval the executable contains no parser. */
  if (JS_AddIntrinsicBaseObjects(ctx) < 0 || JS_AddIntrinsicDate(ctx) < 0 || JS_AddIntrinsicRegExp(ctx) < 0 ||
      JS_AddIntrinsicJSON(ctx) < 0 || JS_AddIntrinsicMapSet(ctx) < 0 || JS_AddIntrinsicTypedArrays(ctx) < 0 ||
      JS_AddIntrinsicPromise(ctx) < 0 || JS_AddIntrinsicBigInt(ctx) < 0)
    die("out of memory");
  JS_AddIntrinsicRegExpCompiler(ctx);
  add_host(ctx, argv);
  JSValue promise = JS_LoadModule(ctx, "", modules[0].name);
  if (JS_IsException(promise)) die_of(ctx, JS_GetException(ctx));
  while ((result = JS_ExecutePendingJob(runtime, &other)) > 0)
    ;
  if (result < 0) die_of(other, JS_GetException(other));
  if (JS_PromiseState(ctx, promise) == JS_PROMISE_REJECTED) die_of(ctx, JS_PromiseResult(ctx, promise));
  if (!JS_IsUndefined(rejected)) die_of(ctx, rejected);
  die("the plugin ended without an answer");
}
