/* SPDX-License-Identifier: Apache-2.0 */
/* Makes system calls by their numbers, each in a process of its own, and prints what came of them: `ok`, the number of the
 * error, `signal N` or `blocked`. A word is a number and what its first arguments are, all in hexadecimal but the number:
 * 41:28 is socket (AF_VSOCK, …). The other arguments are -1, which next to no call takes for anything. `x86` is getpid() by
 * the 32-bit entry of x86_64. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define PATIENCE_S 2
#define N_ARGUMENTS 6
#define UNANSWERED -1

static long
enter_as_32_bit (void)
{
#ifdef __x86_64__
  long result = 20;

  __asm__ volatile ("int $0x80" : "+a" (result) : : "memory", "r8", "r9", "r10", "r11");
  return result;
#else
  errno = ENOSYS;
  return -1;
#endif
}

static int
make_call (const char *word)
{
  long arguments[N_ARGUMENTS] = { -1, -1, -1, -1, -1, -1 };
  char *end;
  long number, result;

  if (strcmp (word, "x86") == 0)
    {
      result = enter_as_32_bit ();
      return result < 0 ? (int) -result : 0;
    }
  number = strtol (word, &end, 10);
  for (int i = 0; i < N_ARGUMENTS && *end == ':'; i++)
    arguments[i] = (long) strtoull (end + 1, &end, 16);
  result = syscall (number, arguments[0], arguments[1], arguments[2], arguments[3], arguments[4], arguments[5]);
  return result == -1 ? errno : 0;
}

static void
print_end (const char *word, int status, int error)
{
  if (WIFSIGNALED (status))
    printf ("%s signal %d\n", word, WTERMSIG (status));
  else if (error == UNANSWERED)
    printf ("%s ended\n", word);
  else if (error == 0)
    printf ("%s ok\n", word);
  else
    printf ("%s %d\n", word, error);
}

static void
try_call (const char *word, volatile int *answer, const sigset_t *children)
{
  const struct timespec patience = { .tv_sec = PATIENCE_S };
  int status = 0;
  pid_t child;

  *answer = UNANSWERED;
  fflush (stdout);
  child = fork ();
  if (child == 0)
    {
      *answer = make_call (word);
      _exit (0);
    }
  if (child < 0 || sigtimedwait (children, NULL, &patience) < 0)
    {
      printf ("%s blocked\n", word);
      if (child > 0)
        kill (child, SIGKILL);
    }
  else if (waitpid (child, &status, 0) == child)
    {
      print_end (word, status, *answer);
      return;
    }
  /* What was killed reports its end, too. */
  while (waitpid (-1, NULL, 0) > 0)
    ;
  sigtimedwait (children, NULL, &(struct timespec){ 0 });
}

int
main (int argc, char **argv)
{
  volatile int *answer = mmap (NULL, sizeof *answer, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  sigset_t children;

  if (answer == MAP_FAILED)
    return 1;
  sigemptyset (&children);
  sigaddset (&children, SIGCHLD);
  sigprocmask (SIG_BLOCK, &children, NULL);
  for (int i = 1; i < argc; i++)
    try_call (argv[i], answer, &children);
  return fflush (stdout) == 0 ? 0 : 1;
}
