/* SPDX-License-Identifier: Apache-2.0 */
/* What strict mode does with a network that the backend cannot make as asked, before it is there and after. */
#include <string.h>

#include "core/engine/perry-network-create.h"
#include "tests/stub-backend.h"

typedef struct {
  StubBackend stub;
  char **warnings;      /* what a create answers */
  GError *remove_error; /* what a remove answers */
  guint n_creates;
  guint n_removes;
} World;

static char *
network_create (gpointer backend, const PerryNetworkRequest *request, char ***ret_warnings, GCancellable *cancellable,
                GError **error)
{
  World *world = backend;

  world->n_creates++;
  *ret_warnings = g_strdupv (world->warnings);
  return g_strdup ("0123");
}

static gboolean
network_remove (gpointer backend, const char *name, GCancellable *cancellable, GError **error)
{
  World *world = backend;

  g_assert_cmpstr (name, ==, "0123");
  world->n_removes++;
  if (world->remove_error != NULL)
    g_propagate_error (error, g_error_copy (world->remove_error));
  return world->remove_error == NULL;
}

static void
set_up (World *world, gconstpointer data)
{
  PerryEngineInfo *info;

  stub_backend_init (&world->stub);
  info = (PerryEngineInfo *) world->stub.backend->info;
  if (info->matrix == NULL)
    info->matrix = perry_capability_matrix_new ();
  perry_capability_matrix_set (info->matrix, PERRY_CAPABILITY_INTERNAL_NETWORK, PERRY_SUPPORT_NATIVE,
                               PERRY_SUPPORT_ORIGIN_TABLE, NULL);
  world->stub.ops.network_create = network_create;
  world->stub.ops.network_remove = network_remove;
  world->stub.backend->handle = world;
  world->warnings = g_strsplit ("", "|", -1);
}

static void
tear_down (World *world, gconstpointer data)
{
  world->stub.backend->handle = &world->stub;
  stub_backend_clear (&world->stub);
  g_strfreev (world->warnings);
  g_clear_error (&world->remove_error);
}

static char *
create (World *world, gboolean internal, gboolean strict, GError **error)
{
  g_autoptr (PerryNetworkRequest) request = perry_network_request_new ("inside");
  g_auto (GStrv) warnings = NULL;
  char *id;

  request->internal = internal;
  id = perry_network_create (world->stub.backend, request, strict, &warnings, NULL, error);
  if (id != NULL)
    g_assert_cmpstrv (warnings, world->warnings);
  else
    g_assert_null (warnings);
  return id;
}

static void
set_warnings (World *world, const char *lines)
{
  g_strfreev (world->warnings);
  world->warnings = g_strsplit (lines, "|", -1);
}

/* What the matrix says is known before anything is created. */
static void
test_matrix (World *world, gconstpointer data)
{
  PerryEngineInfo *info = (PerryEngineInfo *) world->stub.backend->info;
  g_autoptr (GError) error = NULL;
  g_autofree char *lenient = NULL;
  g_autofree char *open = NULL;
  g_autofree char *native = create (world, TRUE, TRUE, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (native, ==, "0123");
  perry_capability_matrix_limit (info->matrix, PERRY_CAPABILITY_INTERNAL_NETWORK, PERRY_SUPPORT_PARTIAL,
                                 "containers reach the host");
  world->n_creates = 0;
  g_assert_null (create (world, TRUE, TRUE, &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_ENFORCEMENT);
  g_assert_cmpstr (error->message, ==, "strict enforcement refuses the network, which stub cannot make as asked:\n"
                                       "  internal: containers reach the host");
  g_assert_cmpuint (world->n_creates, ==, 0);
  g_assert_cmpuint (world->n_removes, ==, 0);
  g_clear_error (&error);
  lenient = create (world, TRUE, FALSE, &error);
  g_assert_no_error (error);
  open = create (world, FALSE, TRUE, &error);
  g_assert_no_error (error);
}

/* What shows only when it is there takes it away again. */
static void
test_warnings (World *world, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *id = NULL;

  set_warnings (world, "one thing|another");
  id = create (world, FALSE, FALSE, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (world->n_removes, ==, 0);
  g_assert_null (create (world, FALSE, TRUE, &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_ENFORCEMENT);
  g_assert_cmpstr (error->message, ==, "strict enforcement refuses the network, which stub cannot make as asked:\n"
                                       "  one thing\n  another");
  g_assert_cmpuint (world->n_removes, ==, 1);
}

static void
test_stays (World *world, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) gone = NULL;

  set_warnings (world, "one thing");
  world->remove_error = g_error_new (PERRY_ERROR, PERRY_ERROR_BACKEND_FAILED, "the engine says no");
  g_assert_null (create (world, TRUE, TRUE, &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_ENFORCEMENT);
  g_assert_nonnull (strstr (error->message, "\n  one thing\nand it could not be removed again: the engine says no; "
                                            "`perryctl network rm inside` removes it"));
  world->remove_error->code = PERRY_ERROR_NETWORK_NOT_FOUND;
  g_assert_null (create (world, TRUE, TRUE, &gone));
  g_assert_null (strstr (gone->message, "removed"));
  g_assert_cmpuint (world->n_removes, ==, 2);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/network-create/matrix", World, NULL, set_up, test_matrix, tear_down);
  g_test_add ("/network-create/warnings", World, NULL, set_up, test_warnings, tear_down);
  g_test_add ("/network-create/stays", World, NULL, set_up, test_stays, tear_down);
  return g_test_run ();
}
