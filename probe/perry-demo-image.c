/* SPDX-License-Identifier: Apache-2.0 */
#include <elf.h>
#include <gio/gio.h>
#include <link.h>
#include <stdlib.h>
#include <string.h>

#include "plugin-api/perry-error.h"
#include "probe/perry-image-archive.h"

#define DEMO_REFERENCE "docker.io/library/busybox:latest"
#define PROBE_REFERENCE "localhost/perry-probe:1"
#define MAX_APPLETS 2048

/* A program that asks for a dynamic linker would start in no container made from it. */
static gboolean
check_static (const char *path, GError **error)
{
  g_autoptr (GMappedFile) file = NULL;
  GError *foreign = NULL;
  ElfW (Ehdr) head;
  const char *data;
  gsize size;

  file = g_mapped_file_new (path, FALSE, &foreign);
  if (file == NULL)
    {
      perry_error_propagate_foreign (error, foreign, PERRY_ERROR_NOT_FOUND, "a static program is needed");
      return FALSE;
    }
  data = g_mapped_file_get_contents (file);
  size = g_mapped_file_get_length (file);
  if (size < sizeof head || memcmp (data, ELFMAG, SELFMAG) != 0)
    {
      g_set_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_ARGUMENT, "'%s' is not a program", path);
      return FALSE;
    }
  memcpy (&head, data, sizeof head);
  for (gsize i = 0; i < head.e_phnum; i++)
    {
      ElfW (Phdr) segment;
      gsize offset = head.e_phoff + i * sizeof segment;

      if (head.e_phoff > size || offset + sizeof segment > size)
        break;
      memcpy (&segment, data + offset, sizeof segment);
      if (segment.p_type == PT_INTERP)
        {
          g_set_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_ARGUMENT,
                       "'%s' is linked dynamically; install the distribution's static busybox (busybox-static)", path);
          return FALSE;
        }
    }
  return TRUE;
}

static gboolean
applet_is_plain (const char *applet)
{
  static const char allowed[] = G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "[-_.+/";

  return strchr (applet, '/') != NULL && strstr (applet, "..") == NULL && strspn (applet, allowed) == strlen (applet) &&
         g_strcmp0 (applet, "bin/busybox") != 0;
}

static gboolean
add_applets (PerryImageArchive *image, const char *busybox, GError **error)
{
  g_autoptr (GSubprocess) process = NULL;
  g_autofree char *output = NULL;
  g_auto (GStrv) applets = NULL;
  GError *foreign = NULL;

  process = g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE, &foreign, busybox, "--list-full", NULL);
  if (process == NULL || !g_subprocess_communicate_utf8 (process, NULL, NULL, &output, NULL, &foreign))
    {
      perry_error_propagate_foreign (error, foreign, PERRY_ERROR_PROCESS_FAILED, "asking '%s' for its applets",
                                     busybox);
      return FALSE;
    }
  applets = g_strsplit (output, "\n", MAX_APPLETS);
  for (gsize i = 0; applets[i] != NULL; i++)
    {
      g_autofree char *path = g_strconcat ("/", applets[i], NULL);

      if (applet_is_plain (applets[i]))
        perry_image_archive_add_symlink (image, path, "/bin/busybox");
    }
  return TRUE;
}

/* The directories and files that an engine mounts over, so that a read-only root needs nothing made. */
static void
add_skeleton (PerryImageArchive *image)
{
  static const char *const directories[] = { "/dev", "/home", "/proc", "/run", "/sys", "/var" };

  for (gsize i = 0; i < G_N_ELEMENTS (directories); i++)
    perry_image_archive_add_directory (image, directories[i], 0755);
  perry_image_archive_add_directory (image, "/root", 0700);
  perry_image_archive_add_directory (image, "/tmp", 01777);
  perry_image_archive_add_directory (image, "/var/tmp", 01777);
  perry_image_archive_add_text (image, "/etc/passwd", 0644,
                                "root:x:0:0:root:/root:/bin/sh\n"
                                "nobody:x:65534:65534:nobody:/nonexistent:/bin/false\n");
  perry_image_archive_add_text (image, "/etc/group", 0644, "root:x:0:\nnobody:x:65534:\n");
  perry_image_archive_add_text (image, "/etc/hosts", 0644, "");
  perry_image_archive_add_text (image, "/etc/hostname", 0644, "");
  perry_image_archive_add_text (image, "/etc/resolv.conf", 0644, "");
}

static PerryImageArchive *
make_image (const char *busybox, const char *probe, GError **error)
{
  static const char *const environment[] = {
    "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", NULL,
  };
  const char *const command[] = { probe != NULL ? "/perry-probe" : "sh", NULL };
  g_autoptr (PerryImageArchive) image = perry_image_archive_new (probe != NULL ? PROBE_REFERENCE : DEMO_REFERENCE);

  if (!check_static (busybox, error) || (probe != NULL && !check_static (probe, error)))
    return NULL;
  add_skeleton (image);
  if (!add_applets (image, busybox, error))
    return NULL;
  perry_image_archive_add_host_file (image, "/bin/busybox", 0755, busybox);
  if (probe != NULL)
    perry_image_archive_add_host_file (image, "/perry-probe", 0755, probe);
  perry_image_archive_set_command (image, command);
  perry_image_archive_set_environment (image, environment);
  return g_steal_pointer (&image);
}

int
main (int argc, char **argv)
{
  g_autofree char *busybox = NULL, *probe = NULL, *image_id = NULL;
  const GOptionEntry entries[] = {
    { "busybox", 0, 0, G_OPTION_ARG_FILENAME, &busybox, "Static busybox to use (/bin/busybox)", "FILE" },
    { "probe", 0, 0, G_OPTION_ARG_FILENAME, &probe, "Write " PROBE_REFERENCE " with this probe", "FILE" },
    { NULL },
  };
  g_autoptr (GOptionContext) context = g_option_context_new ("ARCHIVE");
  g_autoptr (PerryImageArchive) image = NULL;
  g_autoptr (GError) error = NULL;

  g_option_context_set_summary (context, "Writes the demo image " DEMO_REFERENCE " and prints its image ID.");
  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error) || argc != 2)
    {
      g_printerr ("perry-demo-image: %s\n", error != NULL ? error->message : "one ARCHIVE has to be named");
      return 2;
    }
  image = make_image (busybox != NULL ? busybox : "/bin/busybox", probe, &error);
  if (image == NULL || !perry_image_archive_write (image, argv[1], &image_id, &error))
    {
      g_printerr ("perry-demo-image: %s\n", error->message);
      return EXIT_FAILURE;
    }
  g_print ("%s\n", image_id);
  return EXIT_SUCCESS;
}
