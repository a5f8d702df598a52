#include "storage/catalog/part_files.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "storage/base/strings.h"

namespace skald::storage {
namespace {
constexpr std::string_view kPartSuffix = ".part";
constexpr std::string_view kTemporarySuffix = ".tmp";
constexpr size_t kNumberDigits = 16;
}  // namespace

std::string TenantDirectory(const std::string& directory, TenantNumber tenant) {
  return StrCat(directory, "/tenants/", tenant);
}

std::string PartPath(const std::string& directory, TenantNumber tenant, FileNumber file) {
  return StrCat(TenantDirectory(directory, tenant), "/", absl::Hex(file, absl::kZeroPad16),
                kPartSuffix);
}

std::string PartTemporaryPath(const std::string& directory, TenantNumber tenant, FileNumber file) {
  return StrCat(PartPath(directory, tenant, file), kTemporarySuffix);
}

std::optional<FileNumber> ParsePartName(std::string_view name) {
  FileNumber number = 0;
  if (name.size() != kNumberDigits + kPartSuffix.size() || !name.ends_with(kPartSuffix) ||
      !absl::SimpleHexAtoi(ToAbsl(name.substr(0, kNumberDigits)), &number)) {
    return std::nullopt;
  }
  return number;
}

bool IsTemporaryName(std::string_view name) { return name.ends_with(kTemporarySuffix); }

}  // namespace skald::storage
