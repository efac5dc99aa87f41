/* SPDX-License-Identifier: Apache-2.0 */
#include "core/verification/perry-registry-proxy.h"

#include <string.h>

static const char *
get_either (const char *const *environment, const char *upper, const char *lower)
{
  const char *value = g_environ_getenv ((char **) environment, lower);

  if (value == NULL || *value == '\0')
    value = g_environ_getenv ((char **) environment, upper);
  return value != NULL && *value != '\0' ? value : NULL;
}

/* `.example.com` and `example.com` both stand for the host and all below it, which is what others understand. */
static char **
split_exceptions (const char *text)
{
  g_autoptr (GPtrArray) hosts = g_ptr_array_new_with_free_func (g_free);
  g_auto (GStrv) words = g_strsplit_set (text != NULL ? text : "", ", ", -1);

  for (char **word = words; *word != NULL; word++)
    if (**word != '\0')
      g_ptr_array_add (hosts, g_strdup (**word == '.' ? *word + 1 : *word));
  g_ptr_array_add (hosts, g_strdup ("localhost"));
  g_ptr_array_add (hosts, g_strdup ("127.0.0.0/8"));
  g_ptr_array_add (hosts, g_strdup ("::1"));
  g_ptr_array_add (hosts, NULL);
  return (char **) g_ptr_array_free (g_steal_pointer (&hosts), FALSE);
}

GProxyResolver *
perry_registry_proxy_resolver_new (const char *const *environment)
{
  const char *proxy = get_either (environment, "HTTPS_PROXY", "https_proxy");
  const char *except = get_either (environment, "NO_PROXY", "no_proxy");
  g_auto (GStrv) exceptions = split_exceptions (except);
  g_autofree char *uri = NULL;
  GProxyResolver *resolver;

  if (proxy == NULL || g_strcmp0 (except, "*") == 0)
    return NULL;
  uri = strstr (proxy, "://") != NULL ? g_strdup (proxy) : g_strconcat ("http://", proxy, NULL);
  resolver = g_simple_proxy_resolver_new (NULL, exceptions);
  g_simple_proxy_resolver_set_uri_proxy (G_SIMPLE_PROXY_RESOLVER (resolver), "https", uri);
  return resolver;
}
