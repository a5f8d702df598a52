// The directory of a tenant's parts.
#pragma once

#include <set>
#include <string>

#include "storage/base/file_system.h"
#include "storage/base/status.h"
#include "storage/catalog/catalog_state.h"

namespace skald::storage {

// Creates the directory with the tenant's id in a file. Names are durable once every directory that
// was put into `touched` is synced.
Status CreateTenantDirectory(FileSystem* files, const std::string& directory, TenantNumber number,
                             const TenantId& tenant, std::set<std::string>* touched);

}  // namespace skald::storage
