/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

#include "plugin-api/perry-export.h"

G_BEGIN_DECLS

/**
 * perry_platform_format:
 * @os: (nullable): an operating system
 * @architecture: (nullable): an architecture, in the kernel's words (`x86_64`) or in those of images (`amd64`)
 * @variant: (nullable): the architecture's variant, such as `v7`
 *
 * Writes a platform as image configurations do: `linux/arm64`, `linux/arm/v7`. Words that are not known are kept.
 *
 * Returns: (transfer full) (nullable): the text, %NULL where @os is unknown
 *
 * Since: 0.1
 */
PERRY_API char *perry_platform_format (const char *os, const char *architecture, const char *variant);

/**
 * perry_platform_matches:
 * @asked: a platform as the field `platform` has it
 * @found: a platform as perry_platform_format() writes it
 *
 * Compares as far as both say something: what a variant is asked for and @found names none is no contradiction.
 *
 * Returns: whether nothing in @found contradicts @asked
 *
 * Since: 0.1
 */
PERRY_API gboolean perry_platform_matches (const char *asked, const char *found);

/**
 * perry_platform_runs_on:
 * @image: an image's platform as perry_platform_format() writes it
 * @host: a host's
 *
 * Says whether the host's own processor executes the image's programs. 32-bit programs of the same family count.
 *
 * Returns: %FALSE where only an emulator could
 *
 * Since: 0.1
 */
PERRY_API gboolean perry_platform_runs_on (const char *image, const char *host);

G_END_DECLS
