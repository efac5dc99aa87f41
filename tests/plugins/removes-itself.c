/* SPDX-License-Identifier: Apache-2.0 */
/* Removes its own file while it is being opened. */
#include <dlfcn.h>
#include <unistd.h>

#include "tests/plugins/zoo.h"

static void __attribute__ ((constructor))
remove_file (void)
{
  Dl_info info;

  if (dladdr (&perry_plugin_descriptor, &info) == 0 || unlink (info.dli_fname) != 0)
    g_error ("could not remove the file");
}
