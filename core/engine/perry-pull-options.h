/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib-object.h>

#include "plugin-api/perry-export.h"
#include "plugin-api/perry-requirement.h"
#include "plugin-api/perry-verify-mode.h"

G_BEGIN_DECLS

/**
 * PerryPullPolicy:
 * @PERRY_PULL_MISSING: where the backend does not have the image, or not for the platform that is asked for
 * @PERRY_PULL_ALWAYS: before each container
 * @PERRY_PULL_NEVER: not at all: an image that is not there is an error
 *
 * When a container's image is pulled.
 *
 * Since: 0.1
 */
typedef enum {
  PERRY_PULL_MISSING,
  PERRY_PULL_ALWAYS,
  PERRY_PULL_NEVER,
} PerryPullPolicy;

/**
 * perry_pull_policy_from_name:
 * @name: `missing`, `always` or `never`
 * @ret_policy: (out): the policy; not written on failure
 *
 * Returns: whether there is such a policy
 *
 * Since: 0.1
 */
PERRY_API gboolean perry_pull_policy_from_name (const char *name, PerryPullPolicy *ret_policy);

/**
 * PerryPullProgress: (skip)
 * @reference: the image
 * @layer: (nullable): what the engine calls a part of the image, %NULL for what concerns the whole
 * @status: the engine's word for people; text from outside
 * @current: bytes so far, -1 where unknown
 * @total: bytes, -1 where unknown
 *
 * How far a pull is. Valid during the call that it is handed to.
 *
 * Since: 0.1
 */
typedef struct {
  const char *reference;
  const char *layer;
  const char *status;
  gint64 current;
  gint64 total;
} PerryPullProgress;

/**
 * PerryPullProgressFunc: (skip)
 * @progress: how far the pull is
 * @user_data: data of the caller
 *
 * Told when a pull begins, and whenever the engine says something about it. It is called in the thread that pulls, which is
 * the caller's, or one of the engine's own for an `_async` call, and holds the pull up until it returns.
 *
 * Since: 0.1
 */
typedef void (*PerryPullProgressFunc) (const PerryPullProgress *progress, gpointer user_data);

/**
 * PerryPullOptions:
 * @platform: (nullable): `os/architecture[/variant]`, %NULL for the one that the engine takes by itself
 * @progress: (skip): (nullable): told how far it is; it and @progress_data have to outlive the call
 * @progress_data: (skip): handed to @progress
 * @environment: (nullable) (array zero-terminated=1): `NAME=value` lines that say where the user's credentials are, %NULL
 *   for our own environment
 * @verify_mode_set: whether @verify_mode was chosen; otherwise the rules of the configuration count
 * @verify_mode: (skip): what becomes of an image that is not verified; an administrator's minimum is not lowered
 * @requirement: (skip): (nullable): what a signature has to satisfy, %NULL for what the rules say
 * @no_verify_cache: whether an image is verified anew, whatever was found out about it before
 *
 * How an image is pulled.
 *
 * Since: 0.1
 */
typedef struct {
  char *platform;
  PerryPullProgressFunc progress;
  gpointer progress_data;
  char **environment;
  gboolean verify_mode_set;
  PerryVerifyMode verify_mode;
  PerryRequirement *requirement;
  gboolean no_verify_cache;
} PerryPullOptions;

#define PERRY_TYPE_PULL_OPTIONS (perry_pull_options_get_type ())
PERRY_API GType perry_pull_options_get_type (void);

/**
 * perry_pull_options_new:
 *
 * Creates options with their defaults: everything %NULL.
 *
 * Returns: (transfer full): new options
 *
 * Since: 0.1
 */
PERRY_API PerryPullOptions *perry_pull_options_new (void);
PERRY_API PerryPullOptions *perry_pull_options_copy (const PerryPullOptions *options);
PERRY_API void perry_pull_options_free (PerryPullOptions *options);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PerryPullOptions, perry_pull_options_free)

G_END_DECLS
