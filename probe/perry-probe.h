/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* Longest file that is read; the files below /proc that matter here are far smaller. */
#define PROBE_MAX_FILE (256 * 1024)

/* One line of /proc/self/mountinfo, with the octal escapes undone. */
typedef struct {
  char *root;
  char *point;
  char *options;
  char *type;
  char *source;
  char *super_options;
  const char *propagation; /* `private`, `shared`, `slave` or `shared slave` */
} ProbeMount;

/* Reads a file whole; NULL when it can't be read. The caller frees it. */
char *probe_read_file (const char *path);

/* Reads a file as one line without its end; NULL when it can't be read. The caller frees it. */
char *probe_read_line (const char *path);

/* Takes the next line off @cursor, which it moves on and cuts; NULL at the end. */
char *probe_next_line (char **cursor);

/* Reads the mounts of this process once; the list lives as long as the process. */
const ProbeMount *probe_get_mounts (size_t *n_mounts);

/* "ok" for 0, else the errno's name. */
const char *probe_error_name (int error);

/* Each writes the members that belong to one subject into the open object. */
void probe_report_process (int argc, char **argv);
void probe_report_limits (void);
void probe_report_settings (void);
void probe_report_syscalls (void);
void probe_report_mounts (void);
void probe_report_writable (void);
void probe_report_network (void);
void probe_report_cgroups (void);
void probe_report_namespaces (void);
