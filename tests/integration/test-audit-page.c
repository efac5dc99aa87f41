/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "core/perry-container.h"
#include "plugin-api/perry-process.h"
#include "tests/test-folder.h"

/* The page of an audit in a browser that has no network and runs no script. Skipped where there is no Chromium. */

static PerryAuditEntry *
make_entry (const char *name, const char *members, const char *finding)
{
  g_autofree char *json = g_strdup_printf ("{\"image\": \"bb:1\"%s}", members);
  g_autoptr (PerryContainerSpec) spec = perry_container_spec_new_from_json (json, -1, NULL);
  PerryAuditEntry *entry = g_new0 (PerryAuditEntry, 1);
  const char *findings[] = { finding, NULL };

  g_assert_nonnull (spec);
  entry->name = g_strdup (name);
  entry->exposure = perry_exposure_rate (spec, NULL);
  entry->findings = g_strdupv ((char **) findings);
  return entry;
}

static char *
write_page (const char *directory)
{
  g_autoptr (GPtrArray) entries = g_ptr_array_new_with_free_func ((GDestroyNotify) perry_audit_entry_free);
  g_autofree char *page = NULL;
  char *path = g_build_filename (directory, "audit.html", NULL);

  g_ptr_array_add (entries, make_entry ("backup", ", \"volumes\": [\"/etc:/host\"]", "volumes: /etc of the host, writable"));
  g_ptr_array_add (entries, make_entry ("<b>web</b>", ", \"ports\": [\"80:80\"]", NULL));
  g_ptr_array_add (entries, make_entry ("closed", ", \"read_only\": true, \"cap_drop\": [\"ALL\"], \"no_network\": true, "
                                                  "\"user\": \"1000\", \"seccomp\": \"perry\"", NULL));
  page = perry_audit_to_html (entries, "Containers of a host");
  g_assert_true (g_file_set_contents (path, page, -1, NULL));
  return path;
}

static PerryProcessResult *
run_browser (const char *browser, const char *profile, const char *what, const char *page)
{
  g_autofree char *url = g_strconcat ("file://", page, NULL);
  const char *argv[] = { browser, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
                         "--window-size=1000,1400", profile, what, url, NULL };
  PerryProcessOptions options = { .timeout_ms = 60000, .max_stdout = 4 * 1024 * 1024 };
  g_autoptr (GError) error = NULL;
  PerryProcessResult *result = perry_process_run (argv, &options, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpint (result->exit_status, ==, 0);
  return result;
}

static void
test_page (gconstpointer data)
{
  const char *browser = data;
  g_autofree char *directory = g_dir_make_tmp ("perry-page-XXXXXX", NULL);
  g_autofree char *profile = g_strdup_printf ("--user-data-dir=%s/profile", directory);
  g_autofree char *page = write_page (directory);
  g_autofree char *picture = g_build_filename (directory, "audit.png", NULL);
  g_autofree char *screenshot = g_strdup_printf ("--screenshot=%s", picture);
  const char *kept = g_getenv ("PERRY_TEST_KEEP_PAGE");
  g_autoptr (PerryProcessResult) dumped = run_browser (browser, profile, "--dump-dom", page);
  g_autoptr (PerryProcessResult) drawn = run_browser (browser, profile, screenshot, page);
  g_autofree char *dom = g_strndup (g_bytes_get_data (dumped->stdout_bytes, NULL), g_bytes_get_size (dumped->stdout_bytes));
  g_autofree char *contents = NULL;
  gsize length = 0;

  /* what the browser made of it: every container, and names as text */
  g_assert_nonnull (strstr (dom, "volumes: /etc of the host, writable"));
  g_assert_nonnull (strstr (dom, "&lt;b&gt;web&lt;/b&gt;"));
  g_assert_null (strstr (dom, "<b>web</b>"));
  g_assert_true (g_file_get_contents (picture, &contents, &length, NULL));
  g_assert_cmpuint (length, >, 10000);
  if (kept != NULL)
    g_assert_true (g_file_set_contents (kept, contents, (gssize) length, NULL));
  test_folder_remove (directory);
}

int
main (int argc, char **argv)
{
  g_autofree char *browser = g_find_program_in_path ("chromium");

  g_test_init (&argc, &argv, NULL);
  if (browser == NULL)
    {
      g_print ("1..0 # SKIP there is no chromium\n");
      return 0;
    }
  g_test_add_data_func ("/audit-page/in-a-browser", browser, test_page);
  return g_test_run ();
}
