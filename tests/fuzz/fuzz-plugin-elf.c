/* SPDX-License-Identifier: Apache-2.0 */
/* A plugin's file, before the dynamic linker sees it. */
#include <link.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/loader/perry-plugin-elf.h"
#include "tests/fuzz/fuzz-input.h"

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  int fd = memfd_create ("plugin.so", MFD_CLOEXEC);
  g_autoptr (GError) error = NULL;
  ElfW (Ehdr) header;

  fuzz_require (fd >= 0 && write (fd, data, size) == (ssize_t) size, "there is memory");
  if (perry_plugin_elf_check (fd, "plugin.so", size, &error))
    {
      fuzz_require (size >= sizeof header, "an object has a header");
      memcpy (&header, data, sizeof header);
      fuzz_require (header.e_type == ET_DYN, "an object is a shared one");
      for (guint i = 0; i < header.e_phnum; i++)
        {
          ElfW (Phdr) segment;

          fuzz_require (header.e_phoff + (i + 1) * sizeof segment <= size, "the segments are in the file");
          memcpy (&segment, data + header.e_phoff + i * sizeof segment, sizeof segment);
          fuzz_require (segment.p_filesz <= size && segment.p_offset <= size - segment.p_filesz,
                        "a segment is in the file");
        }
    }
  else
    fuzz_check_error (error, TRUE);
  close (fd);
  return 0;
}
