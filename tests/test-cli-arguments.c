/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include <glib/gstdio.h>

#include "cli/perryctl-command.h"
#include "cli/perryctl-spec.h"

static const char *const no_words[] = { NULL };

/* A command line after `run`, and the spec that it gives, or the error. */
typedef struct {
  const char *name;
  const char *words; /* separated by | */
  const char *json;
  const char *message; /* a part of it */
} Case;

static const Case cases[] = {
  { "image", "busybox", "{\"image\":\"busybox\"}" },
  { "command", "busybox|sh|-c|echo a b", "{\"image\":\"busybox\",\"cmd\":[\"sh\",\"-c\",\"echo a b\"]}" },
  { "options-end-at-the-image", "busybox|ls|--read-only|-u|0",
    "{\"image\":\"busybox\",\"cmd\":[\"ls\",\"--read-only\",\"-u\",\"0\"]}" },
  { "a-double-dash-after-the-image-is-the-command's", "busybox|--|x",
    "{\"image\":\"busybox\",\"cmd\":[\"--\",\"x\"]}" },
  { "a-double-dash-ends-options", "--read-only|--|busybox|-u",
    "{\"image\":\"busybox\",\"cmd\":[\"-u\"],\"read_only\":true}" },
  { "empty-argument", "busybox|echo|", "{\"image\":\"busybox\",\"cmd\":[\"echo\",\"\"]}" },
  { "switch", "--read-only|--rm|x", "{\"image\":\"x\",\"read_only\":true,\"rm\":true}" },
  { "switch-off", "--read-only|--read-only=false|x", "{\"image\":\"x\",\"read_only\":false}" },
  { "switch-with-a-word", "--read-only=maybe|x", NULL, "--read-only is true or false, not \"maybe\"" },
  { "switch-does-not-eat-words", "--rm|true", "{\"image\":\"true\",\"rm\":true}" },
  { "long-with-equals", "--user=1:2|--memory=64m|x", "{\"image\":\"x\",\"user\":\"1:2\",\"memory\":67108864}" },
  { "value-with-equals", "--label=a=b=c|x", "{\"image\":\"x\",\"labels\":{\"a\":\"b=c\"}}" },
  { "short", "-u|nobody|-w|/tmp|x", "{\"image\":\"x\",\"user\":\"nobody\",\"workdir\":\"/tmp\"}" },
  { "short-joined", "-unobody|-w/tmp|x", "{\"image\":\"x\",\"user\":\"nobody\",\"workdir\":\"/tmp\"}" },
  { "short-with-equals", "-u=nobody|x", "{\"image\":\"x\",\"user\":\"nobody\"}" },
  { "short-switches-with-an-argument", "-idu|5|x", "{\"image\":\"x\",\"user\":\"5\"}" },
  { "scalars-override", "-u|1|-u|2|x", "{\"image\":\"x\",\"user\":\"2\"}" },
  { "lists-grow", "--cap-add|CHOWN|--cap-add|kill|x", "{\"image\":\"x\",\"cap_add\":[\"CHOWN\",\"KILL\"]}" },
  { "maps-grow", "-e|A=1|-e|B=2|-e|A=3|x", "{\"image\":\"x\",\"env\":{\"A\":\"3\",\"B\":\"2\"}}" },
  { "env-from-outside", "-e|PERRY_TEST_SET|-e|PERRY_TEST_UNSET|x",
    "{\"image\":\"x\",\"env\":{\"PERRY_TEST_SET\":\"from outside\"}}" },
  { "number", "--cpus|1.5|--pids-limit|-1|x", "{\"image\":\"x\",\"cpus\":1.5,\"pids_limit\":-1}" },
  { "value-that-looks-like-an-option", "--pids-limit|-1|x", "{\"image\":\"x\",\"pids_limit\":-1}" },
  { "missing-argument", "--user", NULL, "--user needs an argument: USER[:GROUP]" },
  { "missing-short-argument", "-u", NULL, "-u needs an argument: USER[:GROUP]" },
  { "unknown", "--read-onyl|x", NULL, "unknown option --read-onyl, did you mean --read-only?" },
  { "unknown-far", "--zzzzzzzz|x", NULL, "unknown option --zzzzzzzz" },
  { "unknown-short", "-Q|x", NULL, "unknown option -Q" },
  { "unknown-short-bytes", "-\xff|x", NULL, "unknown option -?" },
  { "bad-value-names-the-option", "--memory|much|x", NULL, "--memory" },
  { "bad-capability-names-the-nearest", "--cap-add|CHOWM|x", NULL, "CHOWN" },
  { "bad-image", "UPPER:lower:x", NULL, "IMAGE" },
  { "no-image", "--rm", "{\"rm\":true}" },
};

static PerryctlArguments *
parse (const char *const *argv, GError **error)
{
  return perryctl_arguments_parse (perryctl_command_dup_options (&perryctl_run_command), TRUE, argv, error);
}

static void
test_spec (gconstpointer data)
{
  const Case *test = data;
  g_auto (GStrv) words = g_strsplit (test->words, "|", -1);
  g_autoptr (GError) error = NULL;
  g_autoptr (PerryctlArguments) arguments = parse ((const char *const *) words, &error);
  g_autoptr (PerryContainerSpec) spec = NULL;
  g_autofree char *json = NULL;

  if (arguments != NULL)
    spec = perryctl_spec_new (arguments, &error);
  if (test->json == NULL)
    {
      g_assert_null (spec);
      g_assert_nonnull (error);
      g_assert_true (error->domain == PERRY_ERROR);
      if (strstr (error->message, test->message) == NULL)
        g_error ("\"%s\" is not in \"%s\"", test->message, error->message);
      return;
    }
  g_assert_no_error (error);
  json = perry_container_spec_to_json (spec);
  g_assert_cmpstr (json, ==, test->json);
}

/* Each field that has an option is reached by it, and no two commands disagree about an option's shape. */
static void
test_every_field_has_its_option (void)
{
  g_autoptr (GArray) options = perryctl_command_dup_options (&perryctl_run_command);

  for (int field = 0; field < PERRY_FIELD_LAST; field++)
    {
      const PerryFieldInfo *info = perry_field_get_info ((PerryField) field);
      guint found = 0, expected = info->option != NULL ? 1 : 0;

      for (const PerryFieldOption *row = info->options; row != NULL && row->name != NULL; row++)
        expected++;
      for (guint i = 0; i < options->len; i++)
        found += g_array_index (options, PerryctlOption, i).field == info;
      g_assert_cmpuint (found, ==, expected);
    }
}

static void
test_no_option_is_taken_twice (void)
{
  for (const PerryctlCommand *const *command = perryctl_command_get_table (); *command != NULL; command++)
    {
      g_autoptr (GArray) options = perryctl_command_dup_options (*command);

      for (guint i = 0; i < options->len; i++)
        for (guint j = i + 1; j < options->len; j++)
          {
            const PerryctlOption *one = &g_array_index (options, PerryctlOption, i);
            const PerryctlOption *other = &g_array_index (options, PerryctlOption, j);

            g_assert_cmpstr (one->name, !=, other->name);
            g_assert_true (one->short_name == 0 || one->short_name != other->short_name);
          }
    }
}

static PerryContainerSpec *
read_with_spec (const char *document, const char *const *more, GError **error)
{
  g_autofree char *directory = g_dir_make_tmp ("perry-cli-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (directory, "spec.json", NULL);
  g_autoptr (GPtrArray) words = g_ptr_array_new ();
  g_autoptr (PerryctlArguments) arguments = NULL;
  PerryContainerSpec *spec = NULL;

  g_assert_true (g_file_set_contents (path, document, -1, NULL));
  g_ptr_array_add (words, (gpointer) "--spec");
  g_ptr_array_add (words, path);
  for (; *more != NULL; more++)
    g_ptr_array_add (words, (gpointer) *more);
  g_ptr_array_add (words, NULL);
  arguments = parse ((const char *const *) words->pdata, error);
  if (arguments != NULL)
    spec = perryctl_spec_new (arguments, error);
  g_assert_cmpint (g_remove (path), ==, 0);
  g_assert_cmpint (g_rmdir (directory), ==, 0);
  return spec;
}

static void
test_options_come_on_top_of_a_spec (void)
{
  static const char *const more[]
      = { "--user", "7", "--cap-add", "KILL", "-e", "B=2", "other", "run", "me", NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (PerryContainerSpec) spec = read_with_spec (
      "{\"image\": \"x\", \"cmd\": [\"a\"], \"user\": \"1\", \"cap_add\": [\"CHOWN\"], \"env\": {\"A\": \"1\"}}", more,
      &error);
  g_autofree char *json = NULL;

  g_assert_no_error (error);
  json = perry_container_spec_to_json (spec);
  g_assert_cmpstr (json, ==,
                   "{\"image\":\"other\",\"cmd\":[\"run\",\"me\"],\"env\":{\"A\":\"1\",\"B\":\"2\"},\"user\":\"7\","
                   "\"cap_add\":[\"CHOWN\",\"KILL\"]}");
}

static void
test_a_bad_spec_names_its_file (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (read_with_spec ("{\"image\": 5, \"uzer\": \"1\"}", no_words, &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_SPEC);
  g_assert_nonnull (strstr (error->message, "spec.json: "));
  g_assert_nonnull (strstr (error->message, "$.image"));
  g_assert_nonnull (strstr (error->message, "uzer"));
}

static void
test_a_missing_spec (void)
{
  static const char *const words[] = { "--spec", "/does/not/exist", NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (PerryctlArguments) arguments = parse (words, &error);

  g_assert_no_error (error);
  g_assert_null (perryctl_spec_new (arguments, &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_NOT_FOUND);
}

static void
test_operands_and_options_mix (void)
{
  static const char *const words[] = { "one", "-f", "two", "--", "-three", NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (PerryctlArguments) arguments
      = perryctl_arguments_parse (perryctl_command_dup_options (&perryctl_rm_command), FALSE, words, &error);

  g_assert_no_error (error);
  g_assert_true (perryctl_arguments_is_on (arguments, "force"));
  g_assert_cmpuint (g_strv_length (arguments->operands), ==, 3);
  g_assert_cmpstr (arguments->operands[2], ==, "-three");
}

static void
test_integers (void)
{
  static const struct {
    const char *text;
    gboolean ok;
  } rows[] = { { "0", TRUE }, { "10", TRUE }, { "11", FALSE }, { "-1", FALSE }, { "1x", FALSE }, { "", FALSE } };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      const char *const words[] = { "-t", rows[i].text, "name", NULL };
      g_autoptr (GError) error = NULL;
      g_autoptr (PerryctlArguments) arguments
          = perryctl_arguments_parse (perryctl_command_dup_options (&perryctl_stop_command), FALSE, words, &error);
      gint64 value = -5;

      g_assert_no_error (error);
      g_assert_true (perryctl_arguments_read_integer (arguments, "time", 0, 10, &value, &error) == rows[i].ok);
      g_assert_true ((error == NULL) == rows[i].ok && (value != -5) == rows[i].ok);
    }
}

static void
test_proof (void)
{
  static const char *const good[] = { "--proof", "required", "x", NULL };
  static const char *const bad[] = { "--proof", "some", "x", NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (PerryctlArguments) good_arguments = parse (good, NULL);
  g_autoptr (PerryctlArguments) bad_arguments = parse (bad, NULL);
  g_autoptr (PerryctlArguments) no_arguments = parse (no_words, NULL);
  g_autoptr (PerryRunOptions) options = perryctl_spec_new_run_options (good_arguments, &error);
  g_autoptr (PerryRunOptions) defaults = perryctl_spec_new_run_options (no_arguments, &error);

  g_assert_no_error (error);
  g_assert_true (options->proof_set && options->proof == PERRY_PROOF_REQUIRED);
  g_assert_false (defaults->proof_set);
  g_assert_null (perryctl_spec_new_run_options (bad_arguments, &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_ARGUMENT);
}

int
main (int argc, char **argv)
{
  g_setenv ("PERRY_TEST_SET", "from outside", TRUE);
  g_unsetenv ("PERRY_TEST_UNSET");
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *name = g_strconcat ("/cli-arguments/spec/", cases[i].name, NULL);

      g_test_add_data_func (name, &cases[i], test_spec);
    }
  g_test_add_func ("/cli-arguments/every-field-has-its-option", test_every_field_has_its_option);
  g_test_add_func ("/cli-arguments/no-option-is-taken-twice", test_no_option_is_taken_twice);
  g_test_add_func ("/cli-arguments/options-come-on-top-of-a-spec", test_options_come_on_top_of_a_spec);
  g_test_add_func ("/cli-arguments/a-bad-spec-names-its-file", test_a_bad_spec_names_its_file);
  g_test_add_func ("/cli-arguments/a-missing-spec", test_a_missing_spec);
  g_test_add_func ("/cli-arguments/operands-and-options-mix", test_operands_and_options_mix);
  g_test_add_func ("/cli-arguments/integers", test_integers);
  g_test_add_func ("/cli-arguments/proof", test_proof);
  return g_test_run ();
}
