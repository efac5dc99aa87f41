/* SPDX-License-Identifier: Apache-2.0 */
#include "core/engine/perry-verify-service.h"

#include <string.h>

#include "plugin-api/perry-error.h"

struct _PerryVerifyService {
  PerryConfig *config;
  PerryPluginRegistry *plugins;
  GPtrArray *rules;

  GMutex mutex; /* guards what follows, which is made once and then stays */
  PerryRegistryClient *registry;
  PerryVerifyCache *cache;
  PerryPlugin *plugin;
  gpointer handle;
  PerryVerifyGate *gate;
};

PerryVerifyService *
perry_verify_service_new (PerryConfig *config, PerryPluginRegistry *registry)
{
  PerryVerifyService *service = g_new0 (PerryVerifyService, 1);

  g_mutex_init (&service->mutex);
  service->config = perry_config_ref (config);
  service->plugins = perry_plugin_registry_ref (registry);
  service->rules = perry_config_list_verify_rules (config);
  return service;
}

void
perry_verify_service_free (PerryVerifyService *service)
{
  if (service == NULL)
    return;
  g_clear_pointer (&service->gate, perry_verify_gate_free);
  if (service->handle != NULL)
    perry_plugin_get_verifier_ops (service->plugin)->close (service->handle);
  g_clear_pointer (&service->plugin, perry_plugin_unref);
  g_clear_pointer (&service->cache, perry_verify_cache_free);
  g_clear_pointer (&service->registry, perry_registry_client_free);
  g_ptr_array_unref (service->rules);
  perry_plugin_registry_unref (service->plugins);
  perry_config_unref (service->config);
  g_mutex_clear (&service->mutex);
  g_free (service);
}

PerryVerifyDecision *
perry_verify_service_decide (PerryVerifyService *service, const PerryVerifyCall *call,
                             const PerryImageReference *reference)
{
  PerryVerifyPolicy policy = {
    .rules = service->rules,
    .has_own_mode = call->has_mode,
    .own_mode = call->mode,
    .own_requirement = call->requirement,
  };

  policy.mode = perry_config_get_verify_mode (service->config, &policy.mode_origin);
  policy.minimum = perry_config_get_minimum_verify_mode (service->config, &policy.minimum_origin);
  if (call->at_least_enforce && policy.mode < PERRY_VERIFY_ENFORCE)
    {
      policy.mode = PERRY_VERIFY_ENFORCE;
      policy.mode_origin = "this call";
    }
  return perry_verify_decide (&policy, reference);
}

/* `REGISTRY=MIRROR`, several for one registry in their order. */
static GHashTable *
read_mirrors (PerryConfig *config)
{
  GHashTable *mirrors = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_strfreev);
  const char *const *entries = perry_config_get_registry_mirrors (config);

  for (gsize i = 0; entries != NULL && entries[i] != NULL; i++)
    {
      const char *equals = strchr (entries[i], '=');
      g_autofree char *registry = g_strndup (entries[i], (gsize) (equals - entries[i]));
      g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
      char **before = g_hash_table_lookup (mirrors, registry);

      if (before != NULL)
        g_strv_builder_addv (builder, (const char **) before);
      g_strv_builder_add (builder, equals + 1);
      g_hash_table_insert (mirrors, g_steal_pointer (&registry), g_strv_builder_end (builder));
    }
  return mirrors;
}

/* Under the mutex. */
static void
make_registry (PerryVerifyService *service)
{
  const char *ca_file = perry_config_get_registry_ca_file (service->config);
  g_autoptr (GHashTable) mirrors = NULL;
  PerryRegistryOptions options = { .ca_file = ca_file != NULL && *ca_file != '\0' ? ca_file : NULL };

  if (service->registry != NULL)
    return;
  mirrors = read_mirrors (service->config);
  options.mirrors = mirrors;
  service->registry = perry_registry_client_new (&options);
}

/* Under the mutex. */
static void
make_cache (PerryVerifyService *service)
{
  g_autofree char *directory = NULL;

  if (service->cache != NULL)
    return;
  directory = perry_verify_cache_dup_directory (NULL);
  service->cache = perry_verify_cache_new (directory, perry_config_get_verification_cache_s (service->config),
                                           perry_config_get_rejection_cache_s (service->config));
}

/* Under the mutex. */
static gboolean
open_verifier (PerryVerifyService *service, GCancellable *cancellable, GError **error)
{
  const char *origin = NULL;
  const char *id = perry_config_get_verifier (service->config, &origin);
  g_autoptr (PerryPlugin) plugin = NULL;
  g_autoptr (GVariant) options = NULL;

  if (service->handle != NULL)
    return TRUE;
  plugin = perry_plugin_registry_get (service->plugins, PERRY_PLUGIN_VERIFIER, id, error);
  if (plugin == NULL)
    {
      g_prefix_error (error, "the verifier %s (%s): ", id, origin);
      return FALSE;
    }
  options = perry_config_get_plugin_options (service->config, id, perry_plugin_get_options (plugin), error);
  if (options == NULL)
    return FALSE;
  service->handle = perry_plugin_get_verifier_ops (plugin)->open (options, cancellable, error);
  if (service->handle == NULL)
    {
      g_prefix_error (error, "the verifier %s: ", id);
      return FALSE;
    }
  service->plugin = g_steal_pointer (&plugin);
  return TRUE;
}

static void
make_gate (PerryVerifyService *service)
{
  const PerryVerifyGateOptions options = {
    .verifier = { perry_plugin_get_id (service->plugin), perry_plugin_get_version (service->plugin),
                  perry_plugin_get_verifier_ops (service->plugin), service->handle },
    .registry = service->registry,
    .cache = service->cache,
    .log = perry_config_get_verification_log (service->config),
    .timeout_ms = perry_config_get_verification_timeout_ms (service->config),
  };

  service->gate = perry_verify_gate_new (&options);
}

static PerryVerifyGate *
get_gate (PerryVerifyService *service, GCancellable *cancellable, GError **error)
{
  PerryVerifyGate *gate = NULL;

  g_mutex_lock (&service->mutex);
  if (service->gate == NULL && open_verifier (service, cancellable, error))
    {
      make_registry (service);
      make_cache (service);
      make_gate (service);
    }
  gate = service->gate;
  g_mutex_unlock (&service->mutex);
  return gate;
}

static void
fill_record (PerryVerifyService *service, const PerryVerifyDecision *decision, const PerryVerifyOutcome *outcome,
             const char *image, PerryVerifyRecord *record)
{
  const char *version = service->plugin != NULL ? perry_plugin_get_version (service->plugin) : NULL;

  perry_verify_outcome_fill_record (outcome, decision, image, perry_config_get_verifier (service->config, NULL), version,
                                    record);
}

/* A decision for which no verifier was asked: the image is exempt, or there is none to ask. */
static PerryVerifyOutcome *
end_without_verifier (PerryVerifyService *service, const PerryVerifyRequest *request, PerryVerification *verification,
                      GError **error)
{
  g_autoptr (PerryVerifyOutcome) outcome = g_new0 (PerryVerifyOutcome, 1);
  g_autofree char *image = perry_image_reference_to_string (request->reference);
  PerryVerifyRecord record;

  outcome->verification = verification;
  fill_record (service, request->decision, outcome, image, &record);
  if (!request->changes_nothing &&
      !perry_verify_record_write (&record, perry_config_get_verification_log (service->config), error))
    return NULL;
  return g_steal_pointer (&outcome);
}

PerryVerifyOutcome *
perry_verify_service_check (PerryVerifyService *service, const PerryVerifyRequest *request, GCancellable *cancellable,
                            GError **error)
{
  g_autoptr (GError) local_error = NULL;
  PerryVerifyGate *gate;

  if (request->decision->exempt)
    return end_without_verifier (service, request, NULL, error);
  gate = get_gate (service, cancellable, &local_error);
  if (gate != NULL)
    return perry_verify_gate_check (gate, request, cancellable, error);
  if (g_error_matches (local_error, PERRY_ERROR, PERRY_ERROR_CANCELLED))
    {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return NULL;
    }
  return end_without_verifier (service, request,
                               perry_verification_new (PERRY_VERIFICATION_ERROR,
                                                       PERRY_VERIFICATION_REASON_CONFIGURATION, local_error->message),
                               error);
}

/* A name whose image is in the engine alone is the case in which a rule is what the caller wants. */
static char *
suggest_rule (const PerryVerifyService *service, const PerryImageReference *reference,
              const PerryVerifyDecision *decision, const PerryVerification *verification)
{
  gboolean may_be_local = verification->kind == PERRY_VERIFICATION_UNSIGNED ||
                          verification->reason == PERRY_VERIFICATION_REASON_REGISTRY;

  if (perry_image_reference_get_kind (reference) != PERRY_IMAGE_REFERENCE_NAME ||
      (!may_be_local && !decision->exemption_void))
    return g_strdup ("");
  if (perry_config_get_minimum_verify_mode (service->config, NULL) == PERRY_VERIFY_ENFORCE)
    return g_strdup_printf ("\n  minimum-verification is enforce here, so that no rule can exempt it%s%s%s",
                            decision->exemption_void ? " (the rule “" : "", decision->exemption_void ? decision->rule : "",
                            decision->exemption_void ? "” would)" : "");
  return g_strdup_printf ("\n  an image that nobody signs, such as one that is in the engine alone, is exempted by a rule "
                          "in perry.conf: [verify NAME] with pattern=%s/%s and action=exempt",
                          perry_image_reference_get_registry (reference),
                          perry_image_reference_get_repository (reference));
}

char *
perry_verify_outcome_describe (const PerryVerifyOutcome *outcome, const PerryImageReference *reference)
{
  const PerryVerification *verification = outcome->verification;
  g_autofree char *image = perry_image_reference_to_string (reference);

  if (verification == NULL || verification->kind == PERRY_VERIFICATION_VERIFIED)
    return NULL;
  return g_strdup_printf ("the image %s is not verified (%s): %s", image,
                          perry_verification_kind_get_name (verification->kind),
                          verification->note != NULL && *verification->note != '\0' ? verification->note
                                                                             : "the verifier does not say why");
}

void
perry_verify_service_refuse (PerryVerifyService *service, const PerryImageReference *reference,
                             const PerryVerifyDecision *decision, const PerryVerifyOutcome *outcome, GError **error)
{
  g_autofree char *found = perry_verify_outcome_describe (outcome, reference);
  g_autofree char *requirement = perry_requirement_describe (decision->requirement);
  g_autofree char *suggestion = suggest_rule (service, reference, decision, outcome->verification);

  g_set_error (error, PERRY_ERROR, PERRY_ERROR_NOT_VERIFIED, "%s\n  required: %s (%s)\n  mode: %s (%s)%s", found,
               requirement, decision->requirement_reason, perry_verify_mode_get_name (decision->mode),
               decision->mode_reason, suggestion);
}

JsonNode *
perry_verify_service_record (PerryVerifyService *service, const PerryImageReference *reference,
                             const PerryVerifyDecision *decision, const PerryVerifyOutcome *outcome)
{
  g_autofree char *image = perry_image_reference_to_string (reference);
  g_autofree char *text = NULL;
  PerryVerifyRecord record;

  fill_record (service, decision, outcome, image, &record);
  text = perry_verify_record_to_json (&record);
  return json_from_string (text, NULL);
}

void
perry_verify_admission_clear (PerryVerifyAdmission *admission)
{
  g_clear_pointer (&admission->runs, g_free);
  g_clear_pointer (&admission->found, g_free);
  g_clear_pointer (&admission->notes, g_strfreev);
  g_clear_pointer (&admission->record, json_node_unref);
}

gboolean
perry_verify_service_admit (PerryVerifyService *service, const PerryVerifyCall *call, PerryVerifyRequest *request,
                            PerryVerifyAdmission *admission, GCancellable *cancellable, GError **error)
{
  const PerryImageReference *reference = request->reference;
  g_autoptr (PerryVerifyDecision) decision = perry_verify_service_decide (service, call, reference);
  g_autoptr (PerryVerifyOutcome) outcome = NULL;
  g_autofree char *found = NULL;

  if (decision->mode == PERRY_VERIFY_OFF && !decision->exempt)
    return TRUE;
  request->decision = decision;
  outcome = perry_verify_service_check (service, request, cancellable, error);
  request->decision = NULL;
  if (outcome == NULL)
    return FALSE;
  found = perry_verify_outcome_describe (outcome, reference);
  if (found != NULL && decision->mode == PERRY_VERIFY_ENFORCE)
    {
      perry_verify_service_refuse (service, reference, decision, outcome, error);
      return FALSE;
    }
  if (found == NULL && outcome->verification != NULL)
    admission->runs = g_steal_pointer (&outcome->runs);
  admission->found = g_steal_pointer (&found);
  admission->notes = g_steal_pointer (&outcome->notes);
  admission->record = perry_verify_service_record (service, reference, decision, outcome);
  return TRUE;
}

PerryRegistryImage *
perry_verify_service_resolve (PerryVerifyService *service, const PerryImageReference *reference, const char *platform,
                              GCancellable *cancellable, GError **error)
{
  g_mutex_lock (&service->mutex);
  make_registry (service);
  g_mutex_unlock (&service->mutex);
  return perry_registry_client_resolve (service->registry, reference, platform, cancellable, error);
}

gboolean
perry_verify_service_clear_cache (PerryVerifyService *service, guint *ret_n, GError **error)
{
  g_mutex_lock (&service->mutex);
  make_cache (service);
  g_mutex_unlock (&service->mutex);
  return perry_verify_cache_clear (service->cache, ret_n, error);
}
