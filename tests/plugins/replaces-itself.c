/* SPDX-License-Identifier: Apache-2.0 */
/* Puts another file in its own place while it is being opened, as somebody who wins a race would. */
#include <dlfcn.h>
#include <stdio.h>

#include "tests/plugins/zoo.h"

static void __attribute__ ((constructor))
replace (void)
{
  Dl_info info;
  g_autofree char *other = NULL;

  if (dladdr (&perry_plugin_descriptor, &info) == 0)
    g_error ("no path");
  if (strstr (info.dli_fname, "/perry-loader-") == NULL) /* not the one that was built */
    return;
  /* both files exist at once, so that the second has another inode, and rename() makes the change in one step */
  other = g_strconcat (info.dli_fname, ".new", NULL);
  if (!g_file_set_contents_full (other, "", 0, G_FILE_SET_CONTENTS_NONE, 0644, NULL))
    g_error ("could not write %s", other);
  if (rename (other, info.dli_fname) != 0)
    g_error ("could not rename %s", other);
}
