/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "plugin-api/perry-plugin.h"

G_BEGIN_DECLS

/* A container in memory. All functions take the one lock of the mock engine themselves. */
typedef struct _MockContainer MockContainer;

/* Returns the new container's id. */
char *mock_container_create (const PerryCreateRequest *request, GError **error);

/* By id or name. */
MockContainer *mock_container_find (const char *id, GError **error);
MockContainer *mock_container_ref (MockContainer *container);
void mock_container_unref (MockContainer *container);

/* lie: `FIELD=VALUE` or NULL */
PerryContainerInfo *mock_container_inspect (MockContainer *container, const char *lie, GError **error);
GPtrArray *mock_container_list (gboolean all, const char *const *labels);

gboolean mock_container_start (MockContainer *container, GError **error);
gboolean mock_container_end (MockContainer *container, gint64 exit_code, GError **error);
gboolean mock_container_remove (MockContainer *container, gboolean force, GError **error);
gboolean mock_container_wait (MockContainer *container, gint64 *ret_exit_code, GCancellable *cancellable,
                              GError **error);
PerryStream *mock_container_attach (MockContainer *container, gboolean with_input, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MockContainer, mock_container_unref)

G_END_DECLS
