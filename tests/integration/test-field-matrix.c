/* SPDX-License-Identifier: Apache-2.0 */
#include <glib/gstdio.h>
#include <string.h>
#include <sys/capability.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "plugin-api/perry-error.h"
#include "tests/integration/field-matrix.h"

/* Every field on every engine in every mode; docs/field-matrix.md is what came of it. */

#define MODES 3
#define WORKERS 3
#define LOOKS 3
#define FIRST_PORT 20000 /* below those that systems pick */

typedef struct {
  const char *backend;
  PerryLiveEngine *live;
  char *image_id;
  char *architecture;
  GPtrArray *trials; /* sample by sample, mode by mode */
} Column;

static Column columns[] = { { "docker" }, { "podman" } };
static char *directory; /* the samples' @DIR@ */

static void
set_default (JsonObject *spec, const char *member, JsonNode *value)
{
  if (json_object_has_member (spec, member))
    json_node_unref (value);
  else
    json_object_set_member (spec, member, value);
}

static JsonNode *
parse (const char *text)
{
  g_autoptr (GError) error = NULL;
  JsonNode *node = perry_json_parse (text, -1, NULL, &error);

  g_assert_no_error (error);
  return node;
}

static char *
fill_in (const FieldTrial *trial, const Column *column)
{
  GString *text = g_string_new (NULL);

  g_string_printf (text, "{%s}", trial->sample->spec);
  g_string_replace (text, "@DIR@", trial->directory, 0);
  g_string_replace (text, "@NAME@", trial->name, 0);
  g_string_replace (text, "@PORT@", trial->port, 0);
  g_string_replace (text, "@ARCH@", column->architecture, 0);
  g_string_replace (text, "@IMAGE_ID@", column->image_id, 0);
  return g_string_free (text, FALSE);
}

static gboolean
says_network (JsonObject *spec)
{
  static const char *const members[] = { "network", "no_network", "ports", "network_aliases" };

  for (gsize i = 0; i < G_N_ELEMENTS (members); i++)
    if (json_object_has_member (spec, members[i]))
      return TRUE;
  return FALSE;
}

/* The sample, with what it does not say: the probe in a container that is removed, without network. */
static char *
complete (const FieldTrial *trial, const Column *column)
{
  gboolean detached = trial->sample->stage == FIELD_STAGE_DETACHED;
  g_autofree char *text = fill_in (trial, column);
  g_autofree char *mode = g_strdup_printf ("\"%s\"", perry_enforcement_get_name (trial->mode));
  g_autofree char *name = g_strdup_printf ("\"%s\"", trial->name);
  g_autoptr (JsonNode) node = parse (text);
  JsonObject *spec = json_node_get_object (node);

  set_default (spec, "image", parse ("\"localhost/perry-probe:1\""));
  set_default (spec, "cmd", parse (detached ? "[\"/perry-probe\", \"--sleep\", \"60\"]" : "[\"/perry-probe\"]"));
  set_default (spec, "name", parse (name));
  set_default (spec, "enforcement", parse (mode));
  if (!detached || trial->sample->field == PERRY_FIELD_RM)
    set_default (spec, "rm", parse ("true"));
  if (!says_network (spec))
    set_default (spec, "network", parse ("\"none\""));
  return perry_json_to_text (node, FALSE);
}

static void
look (FieldTrial *trial)
{
  g_autofree char *seen = NULL;
  g_autoptr (GError) error = NULL;

  if (trial->sample->stage == FIELD_STAGE_PROBE)
    {
      trial->report = perry_json_parse_bytes (trial->result->stdout_data, NULL, &error);
      g_assert_no_error (error);
    }
  if (trial->sample->look == NULL)
    return;
  seen = trial->sample->look (trial, trial->sample->at);
  trial->seen = field_trial_hide (trial, g_strdup (seen != NULL ? seen : "nothing"));
}

static void
forget_trial (FieldTrial *trial)
{
  g_clear_pointer (&trial->result, perry_run_result_free);
  g_clear_pointer (&trial->report, json_node_unref);
  g_clear_error (&trial->error);
  g_clear_pointer (&trial->seen, g_free);
}

/* On a busy machine the look into a running Docker container can come when its files are gone. */
static gboolean
came_too_late (const FieldTrial *trial)
{
  g_autofree char *reason = NULL;
  g_autofree char *verdict = field_trial_describe_proof (trial, &reason);

  return verdict != NULL && reason != NULL && g_str_has_suffix (reason, "not read");
}

static void
run_once (FieldTrial *trial, const Column *column)
{
  g_autofree char *text = complete (trial, column);
  g_autoptr (PerryRunOptions) options = perry_run_options_new ();
  g_autoptr (PerryContainerSpec) spec = perry_container_spec_new_from_json (text, -1, &trial->error);

  if (spec == NULL || !perry_container_spec_complete (spec, NULL, &trial->error))
    return;
  options->detach = trial->sample->stage == FIELD_STAGE_DETACHED;
  options->capture = !options->detach;
  options->pull = PERRY_PULL_NEVER;
  trial->result = perry_engine_run (trial->engine, spec, options, NULL, &trial->error);
  if (trial->result == NULL)
    return;
  look (trial);
  perry_engine_remove (trial->engine, trial->result->container_id, TRUE, NULL, NULL);
}

static void
run_trial (gpointer data, gpointer user_data)
{
  FieldTrial *trial = data;

  for (guint i = 0; i < LOOKS; i++)
    {
      forget_trial (trial);
      run_once (trial, user_data);
      if (!came_too_late (trial))
        return;
    }
}

static void
free_trial (gpointer data)
{
  FieldTrial *trial = data;

  forget_trial (trial);
  g_clear_object (&trial->engine);
  g_free (trial->name);
  g_free (trial->port);
  g_free (trial);
}

static FieldTrial *
new_trial (Column *column, PerryEngine *engine, guint sample, guint mode)
{
  FieldTrial *trial = g_new0 (FieldTrial, 1);

  trial->sample = &field_samples[sample];
  trial->live = column->live;
  trial->engine = g_object_ref (engine);
  trial->mode = mode;
  trial->name = g_strdup_printf ("sample-%u-%u", sample, mode);
  trial->port = g_strdup_printf ("%u", FIRST_PORT + sample * MODES + mode);
  trial->directory = directory;
  trial->architecture = column->architecture;
  return trial;
}

static void
start_neighbour (PerryEngine *engine)
{
  static const char spec_text[] = "{\"image\": \"localhost/perry-probe:1\", \"name\": \"" FIELD_NEIGHBOUR "\","
                                  " \"cmd\": [\"/perry-probe\", \"--sleep\", \"3600\"], \"ipc\": \"shareable\","
                                  " \"network\": \"none\"}";
  g_autoptr (PerryRunOptions) options = perry_run_options_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (PerryContainerSpec) spec = perry_container_spec_new_from_json (spec_text, -1, &error);
  g_autoptr (PerryRunResult) result = NULL;

  g_assert_no_error (error);
  options->detach = TRUE;
  options->pull = PERRY_PULL_NEVER;
  result = perry_engine_run (engine, spec, options, NULL, &error);
  g_assert_no_error (error);
}

static void
make_network (PerryEngine *engine)
{
  g_autoptr (PerryNetworkRequest) request = perry_network_request_new (FIELD_NETWORK);
  g_autoptr (GError) error = NULL;
  g_autofree char *id = perry_engine_create_network (engine, request, NULL, NULL, &error);

  g_assert_no_error (error);
}

static void
stop_neighbour (PerryEngine *engine)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) left = NULL;

  perry_engine_remove (engine, FIELD_NEIGHBOUR, TRUE, NULL, &error);
  g_assert_no_error (error);
  left = perry_engine_list (engine, TRUE, FALSE, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (left->len, ==, 0);
}

static void
run_column (Column *column)
{
  g_autoptr (PerryEngine) engine = perry_live_engine_open (column->live);
  g_autoptr (GError) error = NULL;
  g_autoptr (PerryImageInfo) image = perry_engine_inspect_image (engine, "localhost/perry-probe:1", NULL, &error);
  GThreadPool *pool = g_thread_pool_new (run_trial, column, WORKERS, TRUE, &error);

  g_assert_no_error (error);
  column->image_id = g_strdup (image->id);
  column->architecture = g_strdup (image->architecture);
  column->trials = g_ptr_array_new_with_free_func (free_trial);
  make_network (engine);
  start_neighbour (engine);
  for (guint sample = 0; field_samples[sample].spec != NULL; sample++)
    for (guint mode = 0; mode < MODES; mode++)
      g_ptr_array_add (column->trials, new_trial (column, engine, sample, mode));
  for (guint i = 0; i < column->trials->len; i++)
    g_thread_pool_push (pool, column->trials->pdata[i], NULL);
  g_thread_pool_free (pool, FALSE, TRUE);
  stop_neighbour (engine);
}

static void
test_every_field_has_a_sample (void)
{
  for (int field = 0; field < PERRY_FIELD_LAST; field++)
    {
      const FieldSample *sample = field_samples;

      while (sample->spec != NULL && (int) sample->field != field)
        sample++;
      if (sample->spec == NULL)
        g_error ("%s has no row in tests/integration/field-samples.c", perry_field_get_name (field));
    }
}

/* Where the engine itself cannot, nothing is dropped: it is an error in every mode. */
static gboolean
engine_cannot (const FieldTrial *trial)
{
  return g_error_matches (trial->error, PERRY_ERROR, PERRY_ERROR_UNSUPPORTED) &&
         trial->mode != PERRY_ENFORCEMENT_STRICT;
}

/* What is wrong with a trial, NULL for nothing: nothing disappears in silence, nothing is refused without a reason in
 * the modes below, and what runs is seen. */
static const char *
find_fault (const FieldTrial *trial, const char *outcome, const char *reason, const char *lenient_outcome)
{
  const char *expected = field_trial_get_expected (trial);
  gboolean dropped = g_str_has_prefix (outcome, "dropped") && trial->sample->field != PERRY_FIELD_PREFER;

  if (!g_str_equal (outcome, "ok") && reason == NULL)
    return "there is no reason that names the field";
  if (trial->error == NULL && expected == NULL)
    return "it was to be refused";
  if (trial->error != NULL && trial->mode != PERRY_ENFORCEMENT_STRICT && expected != NULL && !engine_cannot (trial))
    return "it is refused although it is not strict mode";
  if (trial->error != NULL && g_str_equal (lenient_outcome, "ok"))
    return "it is refused, and lenient mode said nothing";
  if (trial->error == NULL && !dropped && g_strcmp0 (trial->seen, expected) != 0)
    return "it was accepted and is not seen";
  return NULL;
}

static void
check_trial (const FieldTrial *trial, const FieldTrial *lenient)
{
  g_autofree char *reason = NULL;
  g_autofree char *lenient_reason = NULL;
  g_autofree char *outcome = field_trial_describe (trial, &reason);
  g_autofree char *lenient_outcome = field_trial_describe (lenient, &lenient_reason);
  const char *fault = find_fault (trial, outcome, reason, lenient_outcome);

  if (fault == NULL)
    return;
  g_test_message ("%s on %s in %s mode: %s. Outcome %s (%s), seen %s instead of %s; %s", trial->sample->spec,
                  trial->live->backend, perry_enforcement_get_name (trial->mode), fault, outcome, reason, trial->seen,
                  field_trial_get_expected (trial), trial->error != NULL ? trial->error->message : "no error");
  g_test_fail ();
}

static void
test_sample (gconstpointer data)
{
  const FieldSample *sample = data;
  guint first = (guint) (sample - field_samples) * MODES;

  for (gsize i = 0; i < G_N_ELEMENTS (columns); i++)
    for (guint mode = 0; mode < MODES; mode++)
      check_trial (columns[i].trials->pdata[first + mode], columns[i].trials->pdata[first]);
}

static void
describe_engine (GString *text, Column *column)
{
  g_autoptr (PerryEngine) engine = perry_live_engine_open (column->live);
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) backends = perry_engine_list_backends (engine, NULL, &error);

  g_assert_no_error (error);
  for (guint i = 0; i < backends->len; i++)
    {
      const PerryBackendEntry *entry = g_ptr_array_index (backends, i);

      if (!entry->selected)
        continue;
      g_string_append_printf (text, "%s%s %s (%s%s)", text->len > 0 ? ", " : "", entry->info->name,
                              entry->info->version, entry->info->default_runtime,
                              entry->info->rootless ? ", rootless" : "");
      g_string_append_printf (text, " on cgroup version %u", entry->info->cgroup_version);
      if (perry_capability_matrix_get_support (entry->info->matrix, PERRY_CAPABILITY_APPARMOR)
          == PERRY_SUPPORT_UNSUPPORTED)
        g_string_append (text, " without AppArmor");
      if (perry_capability_matrix_get_support (entry->info->matrix, PERRY_CAPABILITY_SELINUX_LABEL)
          == PERRY_SUPPORT_UNSUPPORTED)
        g_string_append (text, " without SELinux");
      if ((entry->info->grantable_capabilities >> CAP_SYS_RESOURCE & 1) == 0)
        g_string_append (text, " without CAP_SYS_RESOURCE");
      if (perry_capability_matrix_get_support (entry->info->matrix, PERRY_CAPABILITY_HEALTHCHECK)
          == PERRY_SUPPORT_EMULATED)
        g_string_append (text, " without systemd");
    }
}

static char *
make_page (void)
{
  g_autoptr (GString) host = g_string_new (NULL);
  g_autoptr (GPtrArray) rows = g_ptr_array_new ();

  for (gsize i = 0; i < G_N_ELEMENTS (columns); i++)
    describe_engine (host, &columns[i]);
  for (guint first = 0; first < columns[0].trials->len; first += MODES)
    for (gsize i = 0; i < G_N_ELEMENTS (columns); i++)
      for (guint mode = 0; mode < MODES; mode++)
        g_ptr_array_add (rows, columns[i].trials->pdata[first + mode]);
  return field_page_write (host->str, rows);
}

static char *
find_host (const char *page)
{
  const char *line = strstr (page, "\n" FIELD_PAGE_HOST);

  g_assert_nonnull (line);
  return g_strndup (line + 1, strcspn (line + 1, "\n"));
}

static void
test_page (void)
{
  g_autofree char *file = g_test_build_filename (G_TEST_DIST, "..", "docs", "field-matrix.md", NULL);
  g_autofree char *wanted = make_page ();
  g_autofree char *found = NULL;
  g_autofree char *here = find_host (wanted);
  g_autofree char *there = NULL;
  g_auto (GStrv) wanted_lines = g_strsplit (wanted, "\n", -1);
  g_auto (GStrv) found_lines = NULL;

  if (g_strcmp0 (g_getenv ("PERRY_UPDATE_GOLDEN"), "1") == 0)
    g_assert_true (g_file_set_contents (file, wanted, -1, NULL));
  g_assert_true (g_file_get_contents (file, &found, NULL, NULL));
  there = find_host (found);
  if (!g_str_equal (here, there))
    {
      g_autofree char *reason = g_strdup_printf ("the page was recorded elsewhere (%s; here: %s)", there, here);

      g_test_skip (reason);
      return;
    }
  found_lines = g_strsplit (found, "\n", -1);
  for (guint i = 0; wanted_lines[i] != NULL || found_lines[i] != NULL; i++)
    g_assert_cmpstr (found_lines[i], ==, wanted_lines[i]);
}

static void
set_up (void)
{
  static const char profile[] = "{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": [{\"names\": [\"acct\"],"
                                " \"action\": \"SCMP_ACT_ERRNO\", \"errnoRet\": 95}]}";
  g_autofree char *perryctl = g_build_filename (g_test_get_dir (G_TEST_BUILT), "..", "cli", "perryctl", NULL);
  g_autofree char *path = NULL;
  g_autofree char *node = NULL;

  directory = g_dir_make_tmp ("field-matrix-XXXXXX", NULL);
  path = g_build_filename (directory, "profile.json", NULL);
  g_assert_true (g_file_set_contents (path, profile, -1, NULL));
  node = g_build_filename (directory, "kmsg", NULL);
  g_assert_cmpint (mknod (node, S_IFCHR | 0600, makedev (1, 11)), ==, 0);
  g_assert_true (g_setenv ("PERRY_CONTAINER_SUPERVISOR", perryctl, TRUE));
}

static void
tear_down (void)
{
  g_autofree char *path = g_build_filename (directory, "profile.json", NULL);
  g_autofree char *node = g_build_filename (directory, "kmsg", NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (columns); i++)
    {
      perry_live_engine_stop (columns[i].live);
      g_ptr_array_unref (columns[i].trials);
      g_free (columns[i].image_id);
      g_free (columns[i].architecture);
    }
  g_remove (path);
  g_remove (node);
  g_rmdir (directory);
  g_free (directory);
}

static char *
name_test (const FieldSample *sample)
{
  guint number = 1;

  for (const FieldSample *other = sample; other > field_samples && other[-1].field == sample->field; other--)
    number++;
  return g_strdup_printf ("/field-matrix/%s/%u", perry_field_get_name (sample->field), number);
}

/* What one engine cannot do is said with the engines that can, so each has to know of the other, and of no third. */
static void
name_both_engines (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (columns); i++)
    {
      g_autofree char *host = g_strconcat ("unix://", columns[i].live->socket, NULL);

      g_setenv (g_str_equal (columns[i].backend, "docker") ? "DOCKER_HOST" : "CONTAINER_HOST", host, TRUE);
    }
}

int
main (int argc, char **argv)
{
  g_autofree char *crun = g_find_program_in_path ("crun");
  g_autofree char *second = g_strdup_printf ("crun=%s", crun);
  const char *extra[] = { "--add-runtime", second, NULL };
  int status;

  g_test_init (&argc, &argv, NULL);
  if (crun == NULL)
    {
      g_print ("1..0 # SKIP crun is not installed\n");
      return 0;
    }
  for (gsize i = 0; i < G_N_ELEMENTS (columns); i++)
    {
      g_autofree char *reason = NULL;

      columns[i].live = perry_live_engine_start (columns[i].backend, "runc", extra, &reason);
      if (columns[i].live == NULL)
        {
          g_print ("1..0 # SKIP %s\n", reason);
          return 0;
        }
    }
  set_up ();
  name_both_engines ();
  for (gsize i = 0; i < G_N_ELEMENTS (columns); i++)
    run_column (&columns[i]);
  g_test_add_func ("/field-matrix/every-field-has-a-sample", test_every_field_has_a_sample);
  for (const FieldSample *sample = field_samples; sample->spec != NULL; sample++)
    {
      g_autofree char *path = name_test (sample);

      g_test_add_data_func (path, sample, test_sample);
    }
  g_test_add_func ("/field-matrix/page", test_page);
  status = g_test_run ();
  tear_down ();
  return status;
}
