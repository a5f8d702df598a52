#include "storage/catalog/ballast.h"

#include <algorithm>
#include <utility>

#include "storage/base/catching.h"
#include "storage/base/coding.h"
#include "storage/base/disk_full.h"
#include "storage/base/hash.h"
#include "storage/base/log.h"
#include "storage/base/units.h"

namespace skald::storage {
namespace {

// What a file takes beyond its bytes: a last block, its entry in the directory. Enough for a dozen
// emergencies and more, in which others are faster to fill what was given back.
constexpr uint64_t kSlack = 64_KiB;

// Bytes that file systems cannot compress: zeros would take no space.
std::string Incompressible(uint64_t bytes) {
  std::string out;
  for (uint64_t i = 0; out.size() < bytes; ++i) {
    std::string word;
    PutFixed64(&word, i);
    PutFixed64(&out, Hash64(word));
  }
  return out;
}

}  // namespace

Ballast::Ballast(FileSystem* files, std::string directory)
    : files_(files),
      directory_(std::move(directory)),
      path_(directory_ + "/BALLAST"),
      size_(files->FileSize(path_).value_or(0)) {}

void Ballast::Keep(uint64_t bytes) {
  if (size_ >= bytes) return;
  const StatusOr<uint64_t> free = files_->FreeSpace(directory_);
  if (!free.ok() || *free / 4 < bytes) return;
  const Status filled = Catching("filling a file", [&] { return Fill(bytes); });
  if (filled.ok()) {
    size_ = bytes;
    return;
  }
  // A quota may allow less than the disk has.
  SKALD_LOG(kWarn, "space for emergencies cannot be taken", {{"err", Message(filled)}});
  files_->TruncateFile(path_, size_).IgnoreError();
}

Status Ballast::Fill(uint64_t bytes) {
  ASSIGN_OR_RETURN(const auto file, files_->NewAppendableFile(path_));
  RETURN_IF_ERROR(file->Append(std::string_view(Incompressible(bytes)).substr(size_)));
  RETURN_IF_ERROR(file->Sync());
  return file->Close();
}

bool Ballast::Release(uint64_t bytes, const Status& cause) {
  const StatusOr<uint64_t> free = files_->FreeSpace(directory_);
  const bool is_enough = free.ok() && *free >= bytes + kSlack && !IsDiskFull(cause);
  if (size_ == 0 || is_enough) return false;
  const uint64_t left = size_ - std::min(size_, bytes + kSlack);
  if (!files_->TruncateFile(path_, left).ok()) return false;
  size_ = left;
  SKALD_LOG(kWarn, "the disk is full: space for emergencies is given back to the manifest",
            {{"bytes", bytes}, {"left", left}});
  return true;
}

}  // namespace skald::storage
