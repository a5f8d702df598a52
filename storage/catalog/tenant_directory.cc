#include "storage/catalog/tenant_directory.h"

#include "storage/catalog/part_files.h"

namespace skald::storage {

Status CreateTenantDirectory(FileSystem* files, const std::string& directory, TenantNumber number,
                             const TenantId& tenant, std::set<std::string>* touched) {
  const std::string path = TenantDirectory(directory, number);
  RETURN_IF_ERROR(files->CreateDirectories(path));
  touched->insert({directory, directory + "/tenants", path});
  ASSIGN_OR_RETURN(auto file, files->NewWritableFile(path + "/tenant"));
  RETURN_IF_ERROR(file->Append(tenant));
  RETURN_IF_ERROR(file->Sync());
  return file->Close();
}

}  // namespace skald::storage
