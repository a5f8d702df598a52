// Names of files below the engine's directory (docs/storage_format.md, "Directory").
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "storage/catalog/catalog_state.h"

namespace skald::storage {

// `<directory>/tenants/<number>`.
std::string TenantDirectory(const std::string& directory, TenantNumber tenant);
// The part's file, and the name it has while it is being written.
std::string PartPath(const std::string& directory, TenantNumber tenant, FileNumber file);
std::string PartTemporaryPath(const std::string& directory, TenantNumber tenant, FileNumber file);
// The number in a name that PartPath gives; nullopt for any other name.
std::optional<FileNumber> ParsePartName(std::string_view name);
// True for the last component of a PartTemporaryPath.
bool IsTemporaryName(std::string_view name);

}  // namespace skald::storage
