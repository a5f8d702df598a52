#include "tests/support/fault_file_system.h"

#include <algorithm>
#include <cstdlib>
#include <new>
#include <numeric>
#include <utility>

namespace skald {

uint64_t FaultStride() {
  const char* chosen = std::getenv("SKALD_FAULT_STRIDE");
  return chosen == nullptr ? 1 : std::max<uint64_t>(1, std::strtoull(chosen, nullptr, 10));
}

class FaultFileSystem::Writer : public WritableFile {
 public:
  Writer(FaultFileSystem* faults, std::unique_ptr<WritableFile> file, std::string path)
      : faults_(faults), file_(std::move(file)), path_(std::move(path)) {}

  Status Append(std::string_view bytes) override {
    const auto fault = faults_->Strike(FileOperation::kAppend, path_);
    if (!fault.has_value()) return file_->Append(bytes);
    RETURN_IF_ERROR(file_->Append(bytes.substr(0, fault->written)));
    return fault->status;
  }
  Status Sync() override {
    RETURN_IF_ERROR(faults_->Begin(FileOperation::kSync, path_));
    return file_->Sync();
  }
  void StartWriteback() override { file_->StartWriteback(); }
  Status Close() override { return file_->Close(); }

 private:
  FaultFileSystem* const faults_;
  const std::unique_ptr<WritableFile> file_;
  const std::string path_;
};

class FaultFileSystem::Reader : public RandomAccessFile {
 public:
  Reader(FaultFileSystem* faults, std::unique_ptr<RandomAccessFile> file, std::string path)
      : faults_(faults), file_(std::move(file)), path_(std::move(path)) {}

  Status ReadRanges(std::span<const ReadRange> ranges) const override {
    RETURN_IF_ERROR(faults_->Begin(FileOperation::kRead, path_));
    return file_->ReadRanges(ranges);
  }
  uint64_t size() const override { return file_->size(); }

 private:
  FaultFileSystem* const faults_;
  const std::unique_ptr<RandomAccessFile> file_;
  const std::string path_;
};

void FaultFileSystem::FailNth(FileOperation operation, uint64_t nth, Status status,
                              std::string_view path_part) {
  MutexLock lock(&mutex_);
  faults_.push_back({operation, std::string(path_part), nth, true, std::move(status)});
}

void FaultFileSystem::ShortAppendNth(uint64_t nth, size_t written, Status status,
                                     std::string_view path_part) {
  MutexLock lock(&mutex_);
  faults_.push_back(
      {FileOperation::kAppend, std::string(path_part), nth, true, std::move(status), written});
}

void FaultFileSystem::ThrowNth(FileOperation operation, uint64_t nth, std::string_view path_part) {
  MutexLock lock(&mutex_);
  Fault fault{operation, std::string(path_part), nth, true, absl::OkStatus()};
  fault.throws = true;
  faults_.push_back(std::move(fault));
}

void FaultFileSystem::FailFrom(FileOperation operation, uint64_t nth, Status status,
                               std::string_view path_part) {
  MutexLock lock(&mutex_);
  faults_.push_back({operation, std::string(path_part), nth, false, std::move(status)});
}

void FaultFileSystem::FailAll(FileOperation operation, Status status, std::string_view path_part) {
  FailFrom(operation, 1, std::move(status), path_part);
}

void FaultFileSystem::CutPowerAfter(uint64_t operations) {
  MutexLock lock(&mutex_);
  power_left_ = operations;
}

void FaultFileSystem::Heal() {
  MutexLock lock(&mutex_);
  faults_.clear();
  power_left_.reset();
}

uint64_t FaultFileSystem::count(FileOperation operation) const {
  MutexLock lock(&mutex_);
  return counts_[static_cast<size_t>(operation)];
}

uint64_t FaultFileSystem::total() const {
  MutexLock lock(&mutex_);
  return std::accumulate(counts_.begin(), counts_.end(), uint64_t{0});
}

uint64_t FaultFileSystem::struck() const {
  MutexLock lock(&mutex_);
  return struck_;
}

std::optional<FaultFileSystem::Fault> FaultFileSystem::Strike(FileOperation operation,
                                                              std::string_view path) {
  MutexLock lock(&mutex_);
  ++counts_[static_cast<size_t>(operation)];
  if (power_left_.has_value()) {
    if (*power_left_ == 0) {
      ++struck_;
      return Fault{operation, {}, 0, false, Unavailable("power cut")};
    }
    --*power_left_;
  }
  std::optional<Fault> strikes;
  for (auto fault = faults_.begin(); fault != faults_.end();) {
    const bool meant =
        fault->operation == operation && path.find(fault->path_part) != std::string_view::npos;
    if (!meant || fault->countdown > 1) {
      fault->countdown -= meant ? 1 : 0;
      ++fault;
      continue;
    }
    if (!strikes.has_value()) strikes = *fault;
    fault = fault->once ? faults_.erase(fault) : fault + 1;
  }
  struck_ += strikes.has_value() ? 1 : 0;
  if (strikes.has_value() && strikes->throws) throw std::bad_alloc();
  return strikes;
}

Status FaultFileSystem::Begin(FileOperation operation, std::string_view path) {
  const auto fault = Strike(operation, path);
  return fault.has_value() ? fault->status : absl::OkStatus();
}

StatusOr<std::unique_ptr<WritableFile>> FaultFileSystem::Wrap(
    StatusOr<std::unique_ptr<WritableFile>> file, const std::string& path) {
  RETURN_IF_ERROR(file.status());
  return std::make_unique<Writer>(this, *std::move(file), path);
}

StatusOr<std::unique_ptr<WritableFile>> FaultFileSystem::NewWritableFile(const std::string& path) {
  RETURN_IF_ERROR(Begin(FileOperation::kCreate, path));
  return Wrap(files_->NewWritableFile(path), path);
}

StatusOr<std::unique_ptr<WritableFile>> FaultFileSystem::NewAppendableFile(
    const std::string& path) {
  RETURN_IF_ERROR(Begin(FileOperation::kCreate, path));
  return Wrap(files_->NewAppendableFile(path), path);
}

StatusOr<std::unique_ptr<RandomAccessFile>> FaultFileSystem::NewRandomAccessFile(
    const std::string& path) {
  RETURN_IF_ERROR(Begin(FileOperation::kOther, path));
  ASSIGN_OR_RETURN(auto file, files_->NewRandomAccessFile(path));
  return std::make_unique<Reader>(this, std::move(file), path);
}

Status FaultFileSystem::CreateDirectories(const std::string& path) {
  RETURN_IF_ERROR(Begin(FileOperation::kCreateDirectory, path));
  return files_->CreateDirectories(path);
}

StatusOr<std::vector<std::string>> FaultFileSystem::ListDirectory(const std::string& path) {
  RETURN_IF_ERROR(Begin(FileOperation::kOther, path));
  return files_->ListDirectory(path);
}

Status FaultFileSystem::SyncDirectory(const std::string& path) {
  RETURN_IF_ERROR(Begin(FileOperation::kSyncDirectory, path));
  return files_->SyncDirectory(path);
}

Status FaultFileSystem::RenameFile(const std::string& from, const std::string& to) {
  RETURN_IF_ERROR(Begin(FileOperation::kRename, from));
  return files_->RenameFile(from, to);
}

Status FaultFileSystem::RemoveFile(const std::string& path) {
  RETURN_IF_ERROR(Begin(FileOperation::kRemove, path));
  return files_->RemoveFile(path);
}

Status FaultFileSystem::TruncateFile(const std::string& path, uint64_t size) {
  RETURN_IF_ERROR(Begin(FileOperation::kTruncate, path));
  return files_->TruncateFile(path, size);
}

bool FaultFileSystem::FileExists(const std::string& path) {
  return Begin(FileOperation::kOther, path).ok() && files_->FileExists(path);
}

StatusOr<uint64_t> FaultFileSystem::FileSize(const std::string& path) {
  RETURN_IF_ERROR(Begin(FileOperation::kOther, path));
  return files_->FileSize(path);
}

StatusOr<std::unique_ptr<FileLock>> FaultFileSystem::LockFile(const std::string& path) {
  RETURN_IF_ERROR(Begin(FileOperation::kOther, path));
  return files_->LockFile(path);
}

StatusOr<uint64_t> FaultFileSystem::FreeSpace(const std::string& path) {
  RETURN_IF_ERROR(Begin(FileOperation::kOther, path));
  return files_->FreeSpace(path);
}

}  // namespace skald
