/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

#include "plugin-api/perry-capability.h"

G_BEGIN_DECLS

/**
 * PerrySubnet:
 * @subnet: (nullable): the addresses in CIDR notation: `10.5.0.0/24`, `fd00:5::/64`
 * @gateway: (nullable): the address of the bridge, inside @subnet; %NULL for the engine's choice, and where there is none
 * @ip_range: (nullable): the part of @subnet, in CIDR notation, that containers get addresses from; %NULL for all
 *
 * Addresses of a network.
 *
 * Since: 0.1
 */
typedef struct {
  char *subnet;
  char *gateway;
  char *ip_range;
} PerrySubnet;

#define PERRY_TYPE_SUBNET (perry_subnet_get_type ())
PERRY_API GType perry_subnet_get_type (void);

/**
 * perry_subnet_new:
 * @subnet: (nullable): the addresses in CIDR notation
 * @gateway: (nullable): the gateway
 * @ip_range: (nullable): the part for containers in CIDR notation
 *
 * Makes a subnet; nothing is checked, see perry_network_request_check().
 *
 * Returns: (transfer full): a new subnet
 *
 * Since: 0.1
 */
PERRY_API PerrySubnet *perry_subnet_new (const char *subnet, const char *gateway, const char *ip_range);
PERRY_API PerrySubnet *perry_subnet_copy (const PerrySubnet *subnet);
PERRY_API void perry_subnet_free (PerrySubnet *subnet);

/**
 * PerryNetworkRequest:
 * @name: the network's name
 * @driver: (nullable): the driver; %NULL for `bridge`
 * @internal: whether containers on it reach neither the outside nor listeners of the host
 * @ipv6: whether it has IPv6 addresses; so it has where one of @subnets is IPv6
 * @ipam_driver: (nullable): who gives out addresses; %NULL for the engine's own
 * @subnets: (element-type PerrySubnet): the addresses; empty for the engine's choice
 * @options: (element-type utf8 utf8): options for the driver
 * @labels: (element-type utf8 utf8): labels
 *
 * What a network shall be. Made by libperry-plugin-1; fields are only ever added at the end.
 *
 * Since: 0.1
 */
typedef struct {
  char *name;
  char *driver;
  gboolean internal;
  gboolean ipv6;
  char *ipam_driver;
  GPtrArray *subnets;
  GHashTable *options;
  GHashTable *labels;
} PerryNetworkRequest;

#define PERRY_TYPE_NETWORK_REQUEST (perry_network_request_get_type ())
PERRY_API GType perry_network_request_get_type (void);

/**
 * perry_network_request_new:
 * @name: the network's name
 *
 * Makes a request with nothing but a name.
 *
 * Returns: (transfer full): a new request
 *
 * Since: 0.1
 */
PERRY_API PerryNetworkRequest *perry_network_request_new (const char *name);
PERRY_API PerryNetworkRequest *perry_network_request_copy (const PerryNetworkRequest *request);
PERRY_API void perry_network_request_free (PerryNetworkRequest *request);

/**
 * perry_network_parse_range:
 * @text: (nullable): a range in CIDR notation, such as `10.5.0.0/24`
 *
 * Reads a range of addresses. Unlike g_inet_address_mask_new_from_string() it takes no single address, and a prefix that
 * is too long is no warning.
 *
 * Returns: (transfer full) (nullable): the range, %NULL where @text is none or has bits beyond its prefix
 *
 * Since: 0.1
 */
PERRY_API GInetAddressMask *perry_network_parse_range (const char *text);

/**
 * perry_network_request_check:
 * @request: a request
 * @error: return location for an error
 *
 * Checks what needs no engine: the name, the syntax of every address, that each subnet is one without host bits, that
 * gateway and range lie inside it, that no two overlap, that no label or option is malformed, that no label begins with
 * `perry.`. All problems are reported at once.
 *
 * Errors: %PERRY_ERROR_INVALID_ARGUMENT.
 *
 * Returns: %TRUE where nothing is wrong
 *
 * Since: 0.1
 */
PERRY_API gboolean perry_network_request_check (const PerryNetworkRequest *request, GError **error);

/**
 * PerryNetworkInfo:
 * @id: the engine's id
 * @name: the name
 * @driver: the driver
 * @created_at: microseconds since the epoch, 0 where unknown
 * @internal: whether the engine calls it internal
 * @isolation: what that is worth here: %PERRY_SUPPORT_NATIVE where its containers reach neither the outside nor a listener
 *   of the host, %PERRY_SUPPORT_PARTIAL where they reach the host, %PERRY_SUPPORT_UNSUPPORTED where it is not internal
 * @isolation_reason: (nullable): why not better, where @internal is set
 * @keeps_route: whether the engine gives containers a default route although it is internal
 * @ipv6: whether it has IPv6 addresses
 * @ipam_driver: (nullable): who gives out addresses
 * @subnets: (element-type PerrySubnet): its addresses
 * @bridge: (nullable): the name of its interface on the host, where the engine tells
 * @options: (element-type utf8 utf8): the driver's options
 * @labels: (element-type utf8 utf8): its labels
 * @containers: (array zero-terminated=1) (nullable): full ids of the containers on it; %NULL in lists, and where the engine
 *   does not tell
 *
 * What an engine says about a network. Made by libperry-plugin-1, filled by a plugin; fields are only ever added at the
 * end.
 *
 * Since: 0.1
 */
typedef struct {
  char *id;
  char *name;
  char *driver;
  gint64 created_at;
  gboolean internal;
  PerrySupport isolation;
  char *isolation_reason;
  gboolean keeps_route;
  gboolean ipv6;
  char *ipam_driver;
  GPtrArray *subnets;
  char *bridge;
  GHashTable *options;
  GHashTable *labels;
  char **containers;
} PerryNetworkInfo;

#define PERRY_TYPE_NETWORK_INFO (perry_network_info_get_type ())
PERRY_API GType perry_network_info_get_type (void);
PERRY_API PerryNetworkInfo *perry_network_info_new (void);
PERRY_API PerryNetworkInfo *perry_network_info_copy (const PerryNetworkInfo *info);
PERRY_API void perry_network_info_free (PerryNetworkInfo *info);

/**
 * PerryVolumeRequest:
 * @name: the volume's name
 * @driver: (nullable): the driver; %NULL for `local`
 * @options: (element-type utf8 utf8): options for the driver
 * @labels: (element-type utf8 utf8): labels
 *
 * What a volume shall be. Made by libperry-plugin-1; fields are only ever added at the end.
 *
 * Since: 0.1
 */
typedef struct {
  char *name;
  char *driver;
  GHashTable *options;
  GHashTable *labels;
} PerryVolumeRequest;

#define PERRY_TYPE_VOLUME_REQUEST (perry_volume_request_get_type ())
PERRY_API GType perry_volume_request_get_type (void);

/**
 * perry_volume_request_new:
 * @name: the volume's name
 *
 * Makes a request with nothing but a name.
 *
 * Returns: (transfer full): a new request
 *
 * Since: 0.1
 */
PERRY_API PerryVolumeRequest *perry_volume_request_new (const char *name);
PERRY_API PerryVolumeRequest *perry_volume_request_copy (const PerryVolumeRequest *request);
PERRY_API void perry_volume_request_free (PerryVolumeRequest *request);

/**
 * perry_volume_request_check:
 * @request: a request
 * @error: return location for an error
 *
 * Checks what needs no engine: the name, that no label or option is malformed, that no label begins with `perry.`. All
 * problems are reported at once.
 *
 * Errors: %PERRY_ERROR_INVALID_ARGUMENT.
 *
 * Returns: %TRUE where nothing is wrong
 *
 * Since: 0.1
 */
PERRY_API gboolean perry_volume_request_check (const PerryVolumeRequest *request, GError **error);

/**
 * PerryVolumeInfo:
 * @name: the name, which is the id too
 * @driver: the driver
 * @created_at: microseconds since the epoch, 0 where unknown
 * @mountpoint: (nullable): where the engine keeps it, a path on the engine's machine
 * @options: (element-type utf8 utf8): the driver's options
 * @labels: (element-type utf8 utf8): its labels
 *
 * What an engine says about a volume. Made by libperry-plugin-1, filled by a plugin; fields are only ever added at the
 * end.
 *
 * Since: 0.1
 */
typedef struct {
  char *name;
  char *driver;
  gint64 created_at;
  char *mountpoint;
  GHashTable *options;
  GHashTable *labels;
} PerryVolumeInfo;

#define PERRY_TYPE_VOLUME_INFO (perry_volume_info_get_type ())
PERRY_API GType perry_volume_info_get_type (void);
PERRY_API PerryVolumeInfo *perry_volume_info_new (void);
PERRY_API PerryVolumeInfo *perry_volume_info_copy (const PerryVolumeInfo *info);
PERRY_API void perry_volume_info_free (PerryVolumeInfo *info);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PerrySubnet, perry_subnet_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PerryNetworkRequest, perry_network_request_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PerryNetworkInfo, perry_network_info_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PerryVolumeRequest, perry_volume_request_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PerryVolumeInfo, perry_volume_info_free)

G_END_DECLS
