/* SPDX-License-Identifier: Apache-2.0 */
/* Removes its own file while it is being opened. */
#include <dlfcn.h>
#include <unistd.h>

#include "tests/plugins/zoo.h"

static void __attribute__ ((constructor))
remove_file (void)
{
  Dl_info info;

  if (dladdr (&perry_plugin_descriptor, &info) == 0)
    g_error ("no path");
  if (strstr (info.dli_fname, "/perry-loader-") == NULL) /* not the one that was built */
    return;
  if (unlink (info.dli_fname) != 0)
    g_error ("could not remove %s", info.dli_fname);
}
