/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/integration/escape.h"

/* More than one's share. Each ends by itself: a host without limits gets it all, and keeps running. */

#define MIB (1024 * 1024)
#define N_PROCESSES 400
#define MEMORY_MIB 700
#define DISK_MIB 80
#define N_FILES 100000

static int
fork_many (void)
{
  static pid_t children[N_PROCESSES];
  int n = 0, error = 0;

  for (; n < N_PROCESSES; n++)
    {
      children[n] = fork ();
      if (children[n] == 0)
        {
          prctl (PR_SET_PDEATHSIG, SIGKILL);
          pause ();
        }
      if (children[n] < 0)
        {
          error = errno;
          break;
        }
    }
  for (int i = 0; i < n; i++)
    kill (children[i], SIGKILL);
  while (wait (NULL) > 0)
    ;
  return error;
}

static int
take_memory (void)
{
  for (int i = 0; i < MEMORY_MIB; i++)
    {
      char *memory = mmap (NULL, MIB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

      if (memory == MAP_FAILED)
        return errno;
      memset (memory, i | 1, MIB);
    }
  return 0;
}

static int
fill (const char *path)
{
  static char block[MIB];
  int fd = open (path, O_WRONLY | O_CREAT, 0600);
  int error = 0;

  memset (block, 'x', sizeof block);
  for (int i = 0; i < DISK_MIB && error == 0; i++)
    error = escape_answer (write (fd, block, sizeof block));
  unlink (path);
  return error;
}

static int fill_tmp (void) { return fill ("/tmp/filler"); }
static int fill_shm (void) { return fill ("/dev/shm/filler"); }

static int
fill_inodes (void)
{
  for (int i = 0; i < N_FILES; i++)
    {
      char path[32];
      int fd;

      snprintf (path, sizeof path, "/tmp/%d", i);
      fd = open (path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
      if (fd < 0)
        return errno;
      close (fd);
    }
  return 0;
}

static int
raise_limit (void)
{
  struct rlimit limit;

  getrlimit (RLIMIT_NOFILE, &limit);
  limit.rlim_max++;
  return escape_answer (setrlimit (RLIMIT_NOFILE, &limit));
}

static int be_nicer (void) { return escape_answer (setpriority (PRIO_PROCESS, 0, -5)); }

static int
be_real_time (void)
{
  struct sched_param param = { .sched_priority = 1 };

  return escape_answer (sched_setscheduler (0, SCHED_FIFO, &param));
}

/* Before all others on the disk: the class of real time. */
static int be_first (void) { return escape_answer (syscall (SYS_ioprio_set, 1, 0, 1 << 13)); }

static int
be_spared (void)
{
  int fd = open ("/proc/self/oom_score_adj", O_WRONLY);

  return escape_answer (write (fd, "-1000", 5));
}

const EscapeAttempt escape_resources[] = {
  { "fork-bomb", fork_many },
  { "memory-bomb", take_memory },
  { "fill-tmp", fill_tmp },
  { "fill-shm", fill_shm },
  { "fill-inodes", fill_inodes },
  { "raise-limit", raise_limit },
  { "nice", be_nicer },
  { "real-time", be_real_time },
  { "io-priority", be_first },
  { "oom-score", be_spared },
  { NULL, NULL },
};
