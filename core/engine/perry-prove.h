/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "core/engine/perry-backend-connection.h"
#include "core/engine/perry-result.h"

G_BEGIN_DECLS

/* Step 7: a created container is started and compared with what was asked for. */
typedef struct {
  PerryBackend *backend;
  const char *id;
  const PerryContainerSpec *spec; /* normalised */
  const char *image_id;           /* what the reference was resolved to; NULL where it is not known */
  const char *image_user;         /* of the image's configuration; NULL where it is not known */
  const PerryNetworkInfo *network; /* that the spec names; NULL where there is none, or it is not known */
  PerryProofMode mode;
  PerryEnforcement enforcement;
  PerryContainerInfo *report; /* the inspect after create; NULL to do without */
  PerryProcessLocation *location; /* where the runtime's process waits for the start already; taken by perry_prove_start() */
  GPtrArray *adjustments;     /* of PerryAdjustment; grows */
  GPtrArray *proofs;          /* out, of PerryFieldProof: replaced by the newest comparison */
} PerryProve;

/* Refuses, before anything is created, what can only fail afterwards: `off` where it is not allowed, required proof of what
 * will run in a virtual machine, and of a seccomp profile that the runtime loads after the last moment at which the workload
 * is sure to be there. */
gboolean perry_prove_check_mode (PerryBackend *backend, const PerryContainerSpec *spec, PerryProofMode mode,
                                 PerryEnforcement enforcement, GError **error);

/* Compares the engine's report alone: the container has been created and not started. */
gboolean perry_prove_report (PerryProve *prove, GError **error);

/* Starts the container and compares it with what the kernel shows. On failure it may be running: the caller removes it. */
gboolean perry_prove_start (PerryProve *prove, GCancellable *cancellable, GError **error);

/* What is seen of a container that runs, whoever has started it. */
typedef struct {
  PerryObservation *observation; /* NULL where the kernel shows nothing of it */
  gint64 engine_pid;             /* 0 where it is not known */
  char *unseen;                  /* why, where there is no observation */
} PerrySighting;

/* Looks at such a container, and compares; nothing is judged. */
gboolean perry_prove_look (PerryProve *prove, PerrySighting *sighting, GCancellable *cancellable, GError **error);
void perry_sighting_clear (PerrySighting *sighting);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PerrySighting, perry_sighting_clear)

/* Asks the engine which ports a started container that publishes some is reached at, those that it picked among them, and
 * compares them with what was asked for: before the start it could only repeat that. */
gboolean perry_prove_ports (PerryProve *prove, char ***ret_ports, GCancellable *cancellable, GError **error);

G_END_DECLS
