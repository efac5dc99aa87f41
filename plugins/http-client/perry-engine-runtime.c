/* SPDX-License-Identifier: Apache-2.0 */
#include "plugins/http-client/perry-engine-runtime.h"

#include <string.h>

gboolean
perry_engine_runtime_makes_microvms (const char *text)
{
  static const char *const words[] = { "kata", "krun", "firecracker" };

  for (gsize i = 0; text != NULL && i < G_N_ELEMENTS (words); i++)
    if (strstr (text, words[i]) != NULL)
      return TRUE;
  return FALSE;
}
