/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "tests/integration/perry-live-engine.h"

/* What a program that escapes would leave: from a word such as `sysctl kernel/core_pattern` to what is there. */
GHashTable *escape_host_look (PerryLiveEngine *live);

/* Fails the test where @now differs from @before, and says in what. */
void escape_host_assert_same (GHashTable *before, GHashTable *now);

/* The process with this name that is in the engine's network, or 0. */
int escape_host_find_process (PerryLiveEngine *live, const char *name);

/* Whether some process of the machine has @argument in its command line. */
gboolean escape_host_has_argument (const char *argument);
