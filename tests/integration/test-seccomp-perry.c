/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/perry-config.h"
#include "tests/integration/perry-live-engine.h"

/* The profile `perry` on Docker and Podman, with runc and crun: every call of this machine's processor, and the conditions on
 * arguments. The arguments name the engines, `docker-crun` for one; without them there are four. */
typedef struct {
  char *name;
  PerryLiveEngine *live;
  GHashTable *filtered; /* from a call's number to what came of it */
} Variant;

static GPtrArray *variants;

/* What cannot be tried, because it ends the process, waits for ever, or makes another one; and the two calls that the kernel
 * puts into a process itself, for which newer ones ask no filter. */
static const char *const not_tried[] = { "exit", "exit_group", "rt_sigreturn", "fork", "vfork", "pause", "sync", "uprobe",
                                         "uretprobe", NULL };

/* Numbers that are no call. The last two are beyond every table, and far beyond. */
static const char *const no_calls[] = { "400", "999", "100000", NULL };

/* For what the profile does not name. Docker 20.10 does not hand this on, and then it is the runtime's. */
#define BY_DEFAULT -1

typedef struct {
  const char *name;
  const char *arguments;
  int answer; /* of the filter; 0 where it lets the call through, and the answer is the kernel's */
} Condition;

static const Condition conditions[] = {
  { "clone", ":11", 0 },                /* as fork */
  { "clone", ":10000000", EPERM },      /* CLONE_NEWUSER */
  { "clone", ":00020000", EPERM },      /* CLONE_NEWNS */
  { "clone", ":02000000", EPERM },      /* CLONE_NEWCGROUP */
  { "clone", ":04000000", EPERM },      /* CLONE_NEWUTS */
  { "clone", ":08000000", EPERM },      /* CLONE_NEWIPC */
  { "clone", ":20000000", EPERM },      /* CLONE_NEWPID */
  { "clone", ":40000000", EPERM },      /* CLONE_NEWNET */
  { "clone", ":7e020011", EPERM },
  { "clone", ":100000010000000", EPERM }, /* CLONE_NEWUSER and a bit that the kernel does not look at */
  { "socket", ":1:1:0", 0 },            /* AF_UNIX */
  { "socket", ":2:1:0", 0 },            /* AF_INET */
  { "socket", ":a:1:0", 0 },            /* AF_INET6 */
  { "socket", ":f:1:0", 0 },
  { "socket", ":10:3:0", 0 },           /* AF_NETLINK, NETLINK_ROUTE */
  { "socket", ":10:3:f", 0 },           /* NETLINK_KOBJECT_UEVENT */
  { "socket", ":10:3:9", EPERM },       /* NETLINK_AUDIT */
  { "socket", ":10:3:100000009", EPERM },
  { "socket", ":11:3:0", 0 },           /* AF_PACKET: the kernel refuses it without NET_RAW */
  { "socket", ":27:1:0", 0 },
  { "socket", ":28:1:0", EPERM },       /* AF_VSOCK */
  { "socket", ":100000028:1:0", EPERM }, /* the same to the kernel */
  { "socket", ":29:1:0", 0 },
  { "socket", ":3f:1:0", 0 },
  { "socket", ":40:1:0", BY_DEFAULT },  /* no family */
  { "personality", ":0", 0 },
  { "personality", ":8", 0 },           /* PER_LINUX32 */
  { "personality", ":20000", 0 },
  { "personality", ":20008", 0 },
  { "personality", ":ffffffff", 0 },    /* which one is it? */
  { "personality", ":40000", EPERM },   /* ADDR_NO_RANDOMIZE */
  { "personality", ":400000", EPERM },  /* READ_IMPLIES_EXEC */
  { "personality", ":1", EPERM },
};

/* From a call's name to its number, a GPtrArray of both texts. */
static GHashTable *
read_numbers (void)
{
  g_autofree char *file = g_build_filename (g_test_get_dir (G_TEST_DIST), "..", "config", "seccomp",
#ifdef __aarch64__
                                            "calls-aarch64.txt",
#else
                                            "calls-x86_64.txt",
#endif
                                            NULL);
  GHashTable *numbers = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;

  g_assert_true (g_file_get_contents (file, &text, NULL, NULL));
  lines = g_strsplit (text, "\n", -1);
  for (char **line = lines; *line != NULL; line++)
    if (g_ascii_isdigit (**line))
      {
        char *blank = strchr (*line, ' ');

        g_hash_table_insert (numbers, g_strdup (blank + 1), g_strndup (*line, (gsize) (blank - *line)));
      }
  g_assert_cmpuint (g_hash_table_size (numbers), >, 300);
  return numbers;
}

/* From a call's name to what the profile says to it always: 0 or an error. A call with conditions is not in it. */
static GHashTable *
read_answers (void)
{
  g_autoptr (JsonNode) root = perry_json_parse (perry_config_seccomp_perry (), -1, NULL, NULL);
  JsonArray *rules = perry_json_as_array (perry_json_find (root, "syscalls", NULL));
  GHashTable *answers = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; i < json_array_get_length (rules); i++)
    {
      JsonObject *rule = json_array_get_object_element (rules, i);
      g_auto (GStrv) names = NULL;
      gint64 answer = 0;

      perry_json_read_int64 (rule, "errnoRet", &answer);
      if (json_object_has_member (rule, "args") || !perry_json_read_strv (rule, "names", &names))
        continue;
      for (char **name = names; *name != NULL; name++)
        g_hash_table_insert (answers, g_strdup (*name), GINT_TO_POINTER ((int) answer));
    }
  return answers;
}

/* Makes calls in a container without capabilities; returns from a word to what came of it. */
static GHashTable *
make_calls (PerryLiveEngine *live, const char *profile, GPtrArray *words)
{
  g_autofree char *program = g_build_filename (g_test_get_dir (G_TEST_BUILT), "integration", "every-call", NULL);
  g_autofree char *volume = g_strconcat (program, ":/every-call:ro", NULL);
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();
  g_autoptr (PerryProcessResult) result = NULL;
  const char *const options[] = { "run", "--rm", "--no-network", "--cap-drop", "ALL", "-u", "65534:65534",
                                  "--no-new-privileges", "--seccomp", profile, "-v", volume, "busybox", "/every-call" };
  GHashTable *results = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_auto (GStrv) lines = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (options); i++)
    g_ptr_array_add (argv, (gpointer) options[i]);
  for (guint i = 0; i < words->len; i++)
    g_ptr_array_add (argv, words->pdata[i]);
  g_ptr_array_add (argv, NULL);
  result = perry_live_engine_perryctl_argv (live, NULL, (const char *const *) argv->pdata);
  perry_live_assert_status (result, 0);
  lines = g_strsplit (perry_live_stdout (result), "\n", -1);
  for (char **line = lines; *line != NULL && **line != '\0'; line++)
    {
      char *blank = strchr (*line, ' ');

      g_assert_nonnull (blank);
      g_hash_table_insert (results, g_strndup (*line, (gsize) (blank - *line)), g_strdup (blank + 1));
    }
  g_assert_cmpuint (g_hash_table_size (results), ==, words->len);
  return results;
}

static gboolean
hands_default_answer_on (PerryLiveEngine *live)
{
  g_autoptr (PerryProcessResult) result = perry_live_engine_perryctl (live, NULL, "backends", "--format", "json", NULL);

  perry_live_assert_status (result, 0);
  return strstr (perry_live_stdout (result), "\"20.10.") == NULL;
}

static void
check_answer (const char *name, const char *found, int wanted, const char *unfiltered, guint *wrong)
{
  g_autofree char *text = wanted != 0 ? g_strdup_printf ("%d", wanted) : g_strdup (unfiltered);

  if (g_strcmp0 (found, text) == 0)
    return;
  g_test_message ("%s: %s, not %s", name, found, text);
  (*wrong)++;
}

static void
check_default_answer (PerryLiveEngine *live, const char *name, const char *found, guint *wrong)
{
  gboolean is_runtimes = !hands_default_answer_on (live) && g_strcmp0 (found, G_STRINGIFY (1)) == 0;

  G_STATIC_ASSERT (EPERM == 1);
  if (!is_runtimes)
    check_answer (name, found, ENOSYS, NULL, wrong);
}

static GPtrArray *
collect_words (GHashTable *numbers, GHashTable *answers, gboolean allowed_alone)
{
  GPtrArray *words = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer name, number, answer;

  g_hash_table_iter_init (&iter, numbers);
  while (g_hash_table_iter_next (&iter, &name, &number))
    if (!g_strv_contains (not_tried, name) && g_hash_table_lookup_extended (answers, name, NULL, &answer) &&
        (!allowed_alone || answer == NULL))
      g_ptr_array_add (words, number);
  return words;
}

/* What is denied answers as the profile says, and what is allowed as without any profile. */
static void
test_every_call (gconstpointer data)
{
  Variant *variant = (Variant *) data;
  g_autoptr (GHashTable) numbers = read_numbers ();
  g_autoptr (GHashTable) answers = read_answers ();
  g_autoptr (GPtrArray) all = collect_words (numbers, answers, FALSE);
  g_autoptr (GPtrArray) allowed = collect_words (numbers, answers, TRUE);
  g_autoptr (GHashTable) filtered = make_calls (variant->live, "perry", all);
  g_autoptr (GHashTable) unfiltered = make_calls (variant->live, "unconfined", allowed);
  GHashTableIter iter;
  gpointer name, number;
  guint wrong = 0;

  g_assert_cmpuint (all->len, >, 280);
  g_assert_cmpuint (allowed->len, >, 220);
  g_hash_table_iter_init (&iter, numbers);
  while (g_hash_table_iter_next (&iter, &name, &number))
    {
      const char *found = g_hash_table_lookup (filtered, number);
      int wanted = GPOINTER_TO_INT (g_hash_table_lookup (answers, name));

      if (found == NULL)
        continue;
      /* A runtime may not know a newer call by its name. */
      if (wanted == ENOSYS && !g_str_equal (name, "clone3"))
        check_default_answer (variant->live, name, found, &wrong);
      else
        check_answer (name, found, wanted, g_hash_table_lookup (unfiltered, number), &wrong);
    }
  g_assert_cmpuint (wrong, ==, 0);
  variant->filtered = g_steal_pointer (&filtered);
}

/* Both engines give the same floor. */
static void
test_same_everywhere (void)
{
  const Variant *first = g_ptr_array_index (variants, 0);
  guint wrong = 0;

  for (guint i = 1; i < variants->len; i++)
    {
      const Variant *other = g_ptr_array_index (variants, i);
      gboolean lenient = !hands_default_answer_on (first->live) || !hands_default_answer_on (other->live);
      GHashTableIter iter;
      gpointer number, one;

      if (first->filtered == NULL || other->filtered == NULL)
        {
          g_test_skip ("the calls were not made on all of them");
          return;
        }
      g_hash_table_iter_init (&iter, first->filtered);
      while (g_hash_table_iter_next (&iter, &number, &one))
        {
          const char *two = g_hash_table_lookup (other->filtered, number);
          gboolean is_runtimes = lenient && atoi (number) > 448 && (atoi (one) == ENOSYS || atoi (two) == ENOSYS);

          if (g_str_equal (one, two) || is_runtimes)
            continue;
          g_test_message ("%s on %s: %s, on %s: %s", (char *) number, first->name, (char *) one, other->name, two);
          wrong++;
        }
    }
  g_assert_cmpuint (wrong, ==, 0);
}

static void
test_conditions (gconstpointer data)
{
  const Variant *variant = data;
  g_autoptr (GHashTable) numbers = read_numbers ();
  g_autoptr (GPtrArray) words = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GHashTable) filtered = NULL;
  g_autoptr (GHashTable) unfiltered = NULL;
  guint wrong = 0;

  for (gsize i = 0; i < G_N_ELEMENTS (conditions); i++)
    g_ptr_array_add (words, g_strconcat (g_hash_table_lookup (numbers, conditions[i].name), conditions[i].arguments, NULL));
  filtered = make_calls (variant->live, "perry", words);
  unfiltered = make_calls (variant->live, "unconfined", words);
  for (gsize i = 0; i < G_N_ELEMENTS (conditions); i++)
    {
      g_autofree char *name = g_strconcat (conditions[i].name, conditions[i].arguments, NULL);

      if (conditions[i].answer == BY_DEFAULT)
        check_default_answer (variant->live, name, g_hash_table_lookup (filtered, words->pdata[i]), &wrong);
      else
        check_answer (name, g_hash_table_lookup (filtered, words->pdata[i]), conditions[i].answer,
                      g_hash_table_lookup (unfiltered, words->pdata[i]), &wrong);
    }
  g_assert_cmpuint (wrong, ==, 0);
}

static void
test_no_calls (gconstpointer data)
{
  const Variant *variant = data;
  g_autoptr (GPtrArray) words = g_ptr_array_new ();
  g_autoptr (GHashTable) filtered = NULL;
  guint wrong = 0;

  for (gsize i = 0; no_calls[i] != NULL; i++)
    g_ptr_array_add (words, (gpointer) no_calls[i]);
  filtered = make_calls (variant->live, "perry", words);
  for (gsize i = 0; no_calls[i] != NULL; i++)
    check_default_answer (variant->live, no_calls[i], g_hash_table_lookup (filtered, no_calls[i]), &wrong);
  g_assert_cmpuint (wrong, ==, 0);
}

#ifdef __x86_64__
/* The entries of other architectures are closed. */
static void
test_other_entries (gconstpointer data)
{
  const Variant *variant = data;
  g_autofree char *x32 = g_strdup_printf ("%d", 0x40000000 + 39);
  const char *const tried[] = { "x86", x32 };
  g_autoptr (GPtrArray) words = g_ptr_array_new ();
  g_autoptr (GHashTable) filtered = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (tried); i++)
    g_ptr_array_add (words, (gpointer) tried[i]);
  filtered = make_calls (variant->live, "perry", words);
  for (gsize i = 0; i < G_N_ELEMENTS (tried); i++)
    {
      g_test_message ("%s: %s", tried[i], (char *) g_hash_table_lookup (filtered, tried[i]));
      g_assert_cmpstr (g_hash_table_lookup (filtered, tried[i]), !=, "ok");
    }
}
#endif

static void
test_report (gconstpointer data)
{
  const Variant *variant = data;
  g_autofree char *path = g_build_filename (variant->live->directory, "report.json", NULL);
  g_autofree char *digest = g_compute_checksum_for_string (G_CHECKSUM_SHA256, perry_config_seccomp_perry (), -1);
  g_autofree char *name = g_strdup_printf ("perry (sha256:%s)", digest);
  g_autoptr (PerryProcessResult) result = NULL;
  g_autoptr (PerryProcessResult) plan = NULL;
  g_autofree char *text = NULL;

  result = perry_live_engine_perryctl (variant->live, NULL, "run", "--rm", "--enforcement", "strict", "--seccomp", "perry",
                                       "--report", path, "busybox", "grep", "Seccomp:", "/proc/self/status", NULL);
  perry_live_assert_status (result, 0);
  g_assert_cmpstr (perry_live_stdout (result), ==, "Seccomp:\t2\n");
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_assert_nonnull (strstr (text, name));
  g_assert_nonnull (strstr (text, "mode 2"));
  g_remove (path);
  plan = perry_live_engine_perryctl (variant->live, NULL, "plan", "--seccomp", "perry", "busybox", NULL);
  perry_live_assert_status (plan, 0);
  g_assert_nonnull (strstr (perry_live_stdout (plan), digest));
}

/* What a label keeps for the later proof is the word. */
static void
test_started_later (gconstpointer data)
{
  const Variant *variant = data;
  static const char *const steps[][8] = {
    { "create", "--name", "later", "--seccomp", "perry", "busybox", "true", NULL },
    { "start", "later", NULL },
    { "wait", "later", NULL },
    { "rm", "later", NULL },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (steps); i++)
    {
      g_autoptr (PerryProcessResult) result = perry_live_engine_perryctl_argv (variant->live, NULL, steps[i]);

      g_test_message ("%s", steps[i][0]);
      perry_live_assert_status (result, 0);
    }
}

static gboolean
add_variant (const char *name)
{
  g_auto (GStrv) parts = g_strsplit (name, "-", 2);
  g_autofree char *reason = NULL;
  Variant *variant = g_new0 (Variant, 1);

  g_assert_cmpuint (g_strv_length (parts), ==, 2);
  variant->name = g_strdup (name);
  variant->live = perry_live_engine_start (parts[0], parts[1], NULL, &reason);
  if (variant->live != NULL)
    {
      g_ptr_array_add (variants, variant);
      return TRUE;
    }
  g_printerr ("# %s: %s\n", name, reason);
  g_free (variant->name);
  g_free (variant);
  return FALSE;
}

static void
variant_free (gpointer data)
{
  Variant *variant = data;

  perry_live_engine_stop (variant->live);
  g_clear_pointer (&variant->filtered, g_hash_table_unref);
  g_free (variant->name);
  g_free (variant);
}

static void
add_tests (const Variant *variant)
{
  static const struct { const char *name; void (*test) (gconstpointer data); } tests[] = {
    { "report", test_report },
    { "started-later", test_started_later },
    { "every-call", test_every_call },
    { "conditions", test_conditions },
    { "no-calls", test_no_calls },
#ifdef __x86_64__
    { "other-entries", test_other_entries },
#endif
  };

  for (gsize i = 0; i < G_N_ELEMENTS (tests); i++)
    {
      g_autofree char *path = g_strdup_printf ("/seccomp-perry/%s/%s", variant->name, tests[i].name);

      g_test_add_data_func (path, variant, tests[i].test);
    }
}

int
main (int argc, char **argv)
{
  static const char *const all[] = { "docker-runc", "docker-crun", "podman-runc", "podman-crun", NULL };
  const char *const *names = all;
  int status;

  g_test_init (&argc, &argv, NULL);
  variants = g_ptr_array_new_with_free_func (variant_free);
  if (argc > 1)
    names = (const char *const *) argv + 1;
  for (; *names != NULL; names++)
    if (add_variant (*names))
      add_tests (g_ptr_array_index (variants, variants->len - 1));
  if (variants->len > 1)
    g_test_add_func ("/seccomp-perry/all/same-everywhere", test_same_everywhere);
  status = variants->len > 0 ? g_test_run () : 77;
  g_ptr_array_unref (variants);
  return status;
}
