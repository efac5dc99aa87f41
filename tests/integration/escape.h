/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Attempts to leave a container, or to take more than it was given. An attempt returns 0 where it was let, or the error that
 * stopped it. It changes nothing of a host that lets it: it writes what is there, opens without writing, and asks for what
 * does not exist where the permission is looked at first. */
typedef struct {
  const char *name;
  int (*attempt) (void);
} EscapeAttempt;

extern const EscapeAttempt escape_calls[];
extern const EscapeAttempt escape_sockets[];
extern const EscapeAttempt escape_files[];
extern const EscapeAttempt escape_resources[];

/* 0, or the error of the call before it where that is negative. */
int escape_answer (long result);

/* 0 also where the error is one that comes after the look at permissions. */
int escape_answer_beyond (long result, int error);

/* The process with that name in /proc, or 0. */
int escape_find_process (const char *name);

/* Tries to take away what keeps @folder from being written, as root can. */
void escape_make_writable (const char *folder);

#define ESCAPE_WITNESS "perry-witness"
#define ESCAPE_DIR "/escape"
