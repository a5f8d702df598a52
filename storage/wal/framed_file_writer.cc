#include "storage/wal/framed_file_writer.h"

#include <utility>

namespace skald::storage {

FramedFileWriter::FramedFileWriter(std::unique_ptr<WritableFile> file,
                                   const FramedFileHeader& header)
    : header_(header), file_(std::move(file)) {}

StatusOr<std::unique_ptr<FramedFileWriter>> FramedFileWriter::Create(
    FileSystem* files, const std::string& path, const FramedFileHeader& header) {
  ASSIGN_OR_RETURN(std::unique_ptr<WritableFile> file, files->NewWritableFile(path));
  std::unique_ptr<FramedFileWriter> writer(new FramedFileWriter(std::move(file), header));
  RETURN_IF_ERROR(writer->Append(EncodeFileHeader(header)));
  return writer;
}

Status FramedFileWriter::Append(std::string_view records) {
  RETURN_IF_ERROR(status_);
  RETURN_IF_ERROR(Keep(file_->Append(records)));
  size_ += records.size();
  return absl::OkStatus();
}

Status FramedFileWriter::Sync() {
  RETURN_IF_ERROR(status_);
  return Keep(file_->Sync());
}

Status FramedFileWriter::Close() {
  RETURN_IF_ERROR(status_);
  RETURN_IF_ERROR(Keep(file_->Close()));
  status_ = absl::FailedPreconditionError("the file is closed");
  return absl::OkStatus();
}

Status FramedFileWriter::Keep(Status status) {
  status_ = std::move(status);
  return status_;
}

}  // namespace skald::storage
