/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "cli/perryctl-arguments.h"

G_BEGIN_DECLS

/* Rows of an option table: what a signature has to satisfy, in the words of `run` and `create`. */
#define PERRYCTL_OPTIONS_REQUIREMENT                                                                                   \
  { "verify-identity", 0, "TEXT", "Require a signature of this identity" },                                            \
  { "verify-identity-regexp", 0, "PATTERN", "Require a signature of an identity that the whole of PATTERN matches" },  \
  { "verify-issuer", 0, "URL", "Require an identity that this issuer vouches for" },                                   \
  { "verify-issuer-regexp", 0, "PATTERN", "Require an issuer that the whole of PATTERN matches" },                     \
  { "verify-key", 0, "FILE", "Require a signature with this public key (PEM), whoever made it" }

/* Reads them. @ret_requirement is set to NULL where there is none. */
gboolean perryctl_requirement_read (const PerryctlArguments *arguments, PerryRequirement **ret_requirement,
                                    GError **error);

G_END_DECLS
