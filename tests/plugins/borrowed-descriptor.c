/* SPDX-License-Identifier: Apache-2.0 */
/* Has no descriptor, and is linked with a plugin that has one. */
#include "plugin-api/perry-plugin.h"

gconstpointer borrowed (void);

__attribute__ ((visibility ("default"))) gconstpointer
borrowed (void)
{
  return &perry_plugin_descriptor;
}
