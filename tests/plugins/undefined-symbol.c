/* SPDX-License-Identifier: Apache-2.0 */
/* Calls what no library has. */
void there_is_no_such_function (void);

#include "plugin-api/perry-plugin.h"

static void
close_nothing (gpointer backend)
{
  there_is_no_such_function ();
}

#define ZOO_OPS_OVERRIDES .container_pause = NULL, .close = close_nothing
#include "tests/plugins/zoo.h"
