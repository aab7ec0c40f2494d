/*
 * `launch PROGRAM [NAME=VALUE,NAME=VALUE]...`: starts a program once with each set of variables
 * added to the environment, all at once, or a single time without any. Each gets the complete
 * standard input; what it writes goes to standard error. Prints the nanoseconds from before the
 * first start to the last end, and of all of them together the page faults, the microseconds of
 * processor time, and how often they waited, which each does once at its end.
 *
 * Node takes longer to start a process than a plugin takes to answer, and its own work would count
 * on both sides of a ratio.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static long long now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1000000000LL + time.tv_nsec;
}

static void fail(const char *what) {
  perror(what);
  exit(126);
}

int main(int argc, char **argv) {
  char buffer[65536];
  const int input = memfd_create("input", MFD_CLOEXEC);
  for (ssize_t length; (length = read(STDIN_FILENO, buffer, sizeof buffer)) != 0;)
    if (length < 0 || write(input, buffer, length) != length) fail("input");

  char *const args[] = {argv[1], NULL};
  const int starts = argc > 2 ? argc - 2 : 1;
  int inputs[starts], result = 0;
  snprintf(buffer, sizeof buffer, "/proc/self/fd/%d", input);
  for (int i = 0; i < starts; i++)
    if ((inputs[i] = open(buffer, O_RDONLY | O_CLOEXEC)) < 0) fail("input");

  const long long before = now();
  for (int i = 0; i < starts; i++) {
    if (argc > 2)
      for (char *pair = strtok(argv[2 + i], ","); pair != NULL; pair = strtok(NULL, ",")) putenv(pair);
    const pid_t pid = vfork();
    if (pid < 0) fail("vfork");
    if (pid > 0) continue;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    dup2(inputs[i], STDIN_FILENO);
    dup2(STDERR_FILENO, STDOUT_FILENO);
    execv(argv[1], args);
    _exit(127);
  }
  for (int status; wait(&status) > 0;)
    if (status != 0) result = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  const long long after = now();

  struct rusage usage;
  getrusage(RUSAGE_CHILDREN, &usage);
  const long long used = (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000LL + usage.ru_utime.tv_usec + usage.ru_stime.tv_usec;
  printf("%lld %ld %lld %ld\n", after - before, usage.ru_minflt + usage.ru_majflt, used, usage.ru_nvcsw);
  return result;
}
