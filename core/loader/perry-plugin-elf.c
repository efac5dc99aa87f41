/* SPDX-License-Identifier: Apache-2.0 */
#include "core/loader/perry-plugin-elf.h"

#include <link.h>
#include <unistd.h>

#include "plugin-api/perry-error.h"

#define MAX_SEGMENTS 128

static gboolean
set_error (GError **error, const char *path, const char *problem)
{
  g_set_error (error, PERRY_ERROR, PERRY_ERROR_PLUGIN_OPEN_FAILED, "%s %s", path, problem);
  return FALSE;
}

static gboolean
read_at (int fd, void *buffer, gsize length, guint64 offset)
{
  return pread (fd, buffer, length, (off_t) offset) == (gssize) length;
}

gboolean
perry_plugin_elf_check (int fd, const char *path, guint64 size, GError **error)
{
  ElfW (Ehdr) header;
  ElfW (Phdr) segments[MAX_SEGMENTS];

  if (!read_at (fd, &header, sizeof header, 0) || memcmp (header.e_ident, ELFMAG, SELFMAG) != 0)
    return set_error (error, path, "is no shared object");
  if (header.e_type != ET_DYN || header.e_phentsize != sizeof segments[0] || header.e_phnum > MAX_SEGMENTS)
    return set_error (error, path, "is no shared object for this machine");
  if (!read_at (fd, segments, header.e_phnum * sizeof segments[0], header.e_phoff))
    return set_error (error, path, "is cut off");
  for (guint i = 0; i < header.e_phnum; i++)
    if (segments[i].p_offset > size || segments[i].p_filesz > size - segments[i].p_offset)
      return set_error (error, path, "is cut off; install it again");
  return TRUE;
}
