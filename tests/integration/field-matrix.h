/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "tests/integration/perry-live-engine.h"

G_BEGIN_DECLS

typedef struct _FieldTrial FieldTrial;

/* Says in a few words what there is to see of a field: the same words on every host, NULL for nothing. */
typedef char *(*FieldLook) (FieldTrial *trial, const char *at);

typedef enum {
  FIELD_STAGE_PROBE,    /* the probe runs to its end and its report is looked at */
  FIELD_STAGE_DETACHED, /* the probe sleeps in a detached container, which is looked at from outside */
} FieldStage;

/* A row of the data table: one value of a field, and what has to be seen of it where it is honoured. */
typedef struct {
  PerryField field;
  const char *spec; /* JSON members beside image and command, with the words of field_trial_hide() */
  FieldLook look;
  const char *at;
  const char *expected;        /* NULL: it has to be refused, in every mode */
  const char *podman_expected; /* where Podman shows it in other words */
  const char *note;            /* what kind of evidence it is where it is not the probe's */
  const char *about;           /* the field that messages name, where it is another one */
  FieldStage stage;
} FieldSample;

/* For @podman_expected: what Docker does, Podman has to refuse in every mode. */
#define FIELD_REFUSED ""

/* One sample on one engine in one mode, and what came of it. */
struct _FieldTrial {
  const FieldSample *sample;
  PerryLiveEngine *live;
  PerryEngine *engine;
  PerryEnforcement mode;
  char *name; /* of the container */
  char *port; /* of the engine's network: nobody else's */
  const char *directory;
  const char *architecture; /* of the images, in the engines' words */
  PerryRunResult *result; /* NULL where it was refused */
  JsonNode *report;       /* the probe's; NULL where it is not read */
  GError *error;
  char *seen; /* NULL where it was refused */
};

/* The data table; the last row's @spec is NULL. */
extern const FieldSample field_samples[];

/* A container with this name runs while the samples do. */
#define FIELD_NEIGHBOUR "neighbour"
/* A network with names */
#define FIELD_NETWORK "matrix"

/* A name of the probe's report, its members separated by blanks: `sysctls kernel.shmmni`. */
char *field_look_member (FieldTrial *trial, const char *at);
char *field_look_image (FieldTrial *trial, const char *at);
char *field_look_user (FieldTrial *trial, const char *at);
char *field_look_groups (FieldTrial *trial, const char *at);
/* Who is process 1 */
char *field_look_init (FieldTrial *trial, const char *at);
/* @at: `bounding`, or `bounding CHOWN` for one of them */
char *field_look_capabilities (FieldTrial *trial, const char *at);
char *field_look_mount (FieldTrial *trial, const char *at);
/* What is mounted below @at */
char *field_look_below (FieldTrial *trial, const char *at);
char *field_look_propagation (FieldTrial *trial, const char *at);
/* Which device a node is, and whether it may be read and written */
char *field_look_device (FieldTrial *trial, const char *at);
char *field_look_machine (FieldTrial *trial, const char *at);
char *field_look_size (FieldTrial *trial, const char *at);
char *field_look_writable (FieldTrial *trial, const char *at);
/* @at: `memory`, `swap`, `cpus` or `pids` */
char *field_look_limit (FieldTrial *trial, const char *at);
char *field_look_rlimit (FieldTrial *trial, const char *at);
/* The lines of a file with a word in them, @at: `hosts db` */
char *field_look_lines (FieldTrial *trial, const char *at);
/* Whose namespace, @at: `pid` */
char *field_look_namespace (FieldTrial *trial, const char *at);
char *field_look_interfaces (FieldTrial *trial, const char *at);
/* Whether what is sent to a published port arrives, @at: the protocol and the addresses of the engine's network to try */
char *field_look_port (FieldTrial *trial, const char *at);
/* Whether another container of the network reaches it by the name @at */
char *field_look_alias (FieldTrial *trial, const char *at);
/* What the engine's report says of the sample's field, as the plugin reads it */
char *field_look_reported (FieldTrial *trial, const char *at);
char *field_look_label (FieldTrial *trial, const char *at);
char *field_look_name (FieldTrial *trial, const char *at);
char *field_look_whether_gone (FieldTrial *trial, const char *at);
char *field_look_enforcement (FieldTrial *trial, const char *at);
char *field_look_dropped (FieldTrial *trial, const char *at);
/* What the engine or who stands in for it says of the container's health, @at: `none` for a check that is off */
char *field_look_health (FieldTrial *trial, const char *at);
/* How often the container is started again before it stays as it ended, @at: `twice`, or `always` where it never does */
char *field_look_restarts (FieldTrial *trial, const char *at);
/* Stops the container; its exit code and, where it was killed, that. */
char *field_look_stop (FieldTrial *trial, const char *at);

/* Puts words in the place of what is another thing on each host or in each trial: @NAME@ is the container, @DIR@ a
 * directory of the test's own, @PORT@ a port that is free, @ARCH@ the processor's kind. (transfer full) for @text. */
char *field_trial_hide (const FieldTrial *trial, char *text);

/* The field that the sample is about, and what has to be seen of it on the trial's engine. */
PerryField field_trial_get_field (const FieldTrial *trial);
const char *field_trial_get_expected (const FieldTrial *trial);

/* What came of a trial in one word or two: `ok`, `dropped, told`, `refused` …; its reason, which may be NULL. */
char *field_trial_describe (const FieldTrial *trial, char **ret_reason);

/* `proven`, or `unproven` with its reason; NULL where nothing ran or the field was dropped. */
char *field_trial_describe_proof (const FieldTrial *trial, char **ret_reason);

/* Writes the page from trials in the order: sample, engine, mode; @host says on what they ran. */
char *field_page_write (const char *host, GPtrArray *trials);

/* The line of the page that says on what it was recorded. */
#define FIELD_PAGE_HOST "Recorded on: "

G_END_DECLS
