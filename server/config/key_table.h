// The table of the configuration: every key that means something here.
//
// It drives the parsing of files and flags, what is printed, and docs/configuration.md. Keys of
// Loki that are not in it are in loki_names.h: accepted without effect.
#pragma once

#include <span>
#include <string_view>

#include "server/config/key.h"

namespace skald::config {

// Section by section, keys of one section together.
std::span<const Key> ServerKeys();   // auth, server, common, skald
std::span<const Key> ServiceKeys();  // distributor, querier, frontend, compactor, …
std::span<const Key> LimitsKeys();   // limits_config
const std::vector<const Key*>& AllKeys();

// Null when there is none.
const Key* FindKey(std::string_view path);
const Key* FindFlag(std::string_view flag);

// Whether `path` is a section that the table has keys of.
bool IsSection(std::string_view path);

// Whether `path` is a key of the table or lies in one that is a structure.
bool IsInTable(std::string_view path);

// Where the limits of single tenants belong.
inline constexpr std::string_view kLimitsSection = "limits_config";

}  // namespace skald::config
