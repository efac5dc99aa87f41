/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "core/engine/perry-backend-connection.h"
#include "core/engine/perry-network-lookup.h"
#include "core/engine/perry-resolve.h"
#include "core/engine/perry-result.h"
#include "core/engine/perry-verify-service.h"
#include "core/policy/perry-normalise.h"
#include "core/policy/perry-tier.h"

G_BEGIN_DECLS

/* One container on its way through the request path. Each step fills its own members. */
typedef struct {
  const PerryContainerSpec *original; /* what the caller asks for */
  PerryTierFloor *floor;              /* step 2 */
  const PerryContainerSpec *asked;    /* the floor's spec */
  const PerryRunOptions *options;
  PerryBackend *backend;
  const PerryNamedMatrix *others;
  PerryEnforcement configured_enforcement;
  PerryEnforcement minimum_enforcement;
  PerryEnforcement enforcement;
  PerryProofMode proof;
  PerryNetworkInfo *network;      /* looked up before step 5; NULL where the spec names none of its own */
  const char *no_supervisor;      /* why no process can stay beside the container; NULL where one can, or none has to */
  PerryVerifyService *verify;     /* NULL where nothing is ever verified, in tests */
  char *verified;                 /* step 4: `repository@digest`, NULL where nothing was verified */
  PerryPin *pin;                  /* the same step */
  PerryContainerSpec *normalised; /* step 5 */
  char *owner;                    /* step 6 */
  char *name;
  char *id;
  PerryContainerInfo *report;
  PerryProcessLocation *location; /* of the first process, where it was made before the start; NULL where it is not known */
  gboolean outlives_us; /* detached, created, or kept after its end */
  gboolean may_pull;    /* step 4 may bring the image, as the options say */
  PerryRunResult *result;
} PerryRequest;

/* Steps 4 and 5: everything that can be refused before something is created. What an earlier try has found is forgotten. */
gboolean perry_request_prepare (PerryRequest *request, GCancellable *cancellable, GError **error);

/* Step 6. After a failure nothing is left in the engine, or the error says what. */
gboolean perry_request_create (PerryRequest *request, GCancellable *cancellable, GError **error);

/* Step 7. */
gboolean perry_request_start (PerryRequest *request, GCancellable *cancellable, GError **error);

/* Removes what perry_request_create() made; an error is added to @error, which has to be set. */
void perry_request_clean_up (PerryRequest *request, GError **error);

void perry_request_clear (PerryRequest *request);

/* What `perry_engine_start()` proves later: the spec's security fields as a label's text. */
char *perry_request_describe_spec (const PerryContainerSpec *spec);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PerryRequest, perry_request_clear)

G_END_DECLS
