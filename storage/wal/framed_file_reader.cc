#include "storage/wal/framed_file_reader.h"

#include <algorithm>
#include <utility>

#include "storage/base/coding.h"
#include "storage/base/crc32c.h"

namespace skald::storage {
namespace {

// The unit in which a disk writes: a torn write keeps whole sectors.
constexpr uint64_t kSectorSize = 512;

}  // namespace

FramedFileReader::FramedFileReader(std::unique_ptr<RandomAccessFile> file, std::string_view kind,
                                   uint64_t number)
    : window_(std::move(file)), kind_(kind), number_(number) {}

StatusOr<std::unique_ptr<FramedFileReader>> FramedFileReader::Open(FileSystem* files,
                                                                   const std::string& path,
                                                                   std::string_view kind,
                                                                   uint64_t number) {
  ASSIGN_OR_RETURN(std::unique_ptr<RandomAccessFile> file, files->NewRandomAccessFile(path));
  std::unique_ptr<FramedFileReader> reader(new FramedFileReader(std::move(file), kind, number));
  if (Status status = reader->ReadHeader(); !status.ok()) return Annotate(status, path);
  return reader;
}

Status FramedFileReader::ReadHeader() {
  ASSIGN_OR_RETURN(const std::string_view bytes, window_.View(0, kFileHeaderSize));
  const StatusOr<FramedFileHeader> header = DecodeFileHeader(bytes, kind_);
  if (absl::IsFailedPrecondition(header.status())) return header.status();
  if (header.ok() && header->number == number_) {
    marker_ = header->marker;
    offset_ = kFileHeaderSize;
    return absl::OkStatus();
  }
  return AdoptMarkerOfFirstRecord();
}

// A damaged header does not cost the records: the first of them has the marker too.
Status FramedFileReader::AdoptMarkerOfFirstRecord() {
  ASSIGN_OR_RETURN(const std::string_view bytes, window_.View(kFileHeaderSize, kRecordHeaderSize));
  if (bytes.size() < kRecordHeaderSize) return absl::OkStatus();
  const uint64_t marker = LoadFixed<uint64_t>(bytes.data());
  if (DecodeRecordHeader(bytes, number_, marker).has_value()) marker_ = marker;
  return absl::OkStatus();
}

StatusOr<FramedFileReader::Event> FramedFileReader::Next() {
  if (offset_ >= file_size()) return Event::kEnd;
  if (offset_ < kFileHeaderSize) return TakeBadHeader();
  if (closed_) return TakeRest();
  ASSIGN_OR_RETURN(const Found found, Look(offset_));
  switch (found) {
    case Found::kRecord:
      return TakeRecord();
    case Found::kBadPayload:
      return TakeBadPayload();
    case Found::kCutShort:
      return TornTail();
    case Found::kNothing:
      return TakeUnknown();
  }
  return Event::kEnd;
}

StatusOr<FramedFileReader::Found> FramedFileReader::Look(uint64_t offset) {
  ASSIGN_OR_RETURN(std::string_view bytes, window_.View(offset, kRecordHeaderSize));
  const std::optional<RecordHeader> header = DecodeRecordHeader(bytes, number_, *marker_);
  if (!header.has_value()) return Found::kNothing;
  record_ = *header;
  if (record_size() > file_size() - offset) return Found::kCutShort;
  ASSIGN_OR_RETURN(bytes, window_.View(offset, record_size()));
  payload_ = bytes.substr(kRecordHeaderSize, record_.payload_size);
  const bool intact =
      record_.ordinal > last_ordinal_ && Crc32c(payload_) == record_.payload_checksum;
  return intact ? Found::kRecord : Found::kBadPayload;
}

StatusOr<FramedFileReader::Event> FramedFileReader::TakeRecord() {
  offset_ += record_size();
  last_ordinal_ = record_.ordinal;
  if (record_.type != kEndRecordType) return Event::kRecord;
  closed_ = true;
  return Next();
}

StatusOr<FramedFileReader::Event> FramedFileReader::TakeBadHeader() {
  if (marker_.has_value()) return Damage(kFileHeaderSize);
  ASSIGN_OR_RETURN(const uint64_t cut, TornFrom());
  return cut < kFileHeaderSize ? TornTail() : Damage(file_size());
}

StatusOr<FramedFileReader::Event> FramedFileReader::TakeBadPayload() {
  ASSIGN_OR_RETURN(const uint64_t cut, TornFrom());
  return cut < offset_ + record_size() ? TornTail() : Damage(offset_ + record_size());
}

StatusOr<FramedFileReader::Event> FramedFileReader::TakeUnknown() {
  ASSIGN_OR_RETURN(const uint64_t cut, TornFrom());
  ASSIGN_OR_RETURN(const bool begins_record, BeginsRecord(offset_, cut));
  if (begins_record) return TornTail();
  ASSIGN_OR_RETURN(const uint64_t next, FindRecord(offset_ + 1));
  return Damage(next < file_size() ? next : cut);
}

StatusOr<FramedFileReader::Event> FramedFileReader::TakeRest() {
  ASSIGN_OR_RETURN(const uint64_t content_end, ContentEnd());
  return content_end <= offset_ ? TornTail() : Damage(file_size());
}

FramedFileReader::Event FramedFileReader::Damage(uint64_t end) {
  damage_offset_ = std::exchange(offset_, end);
  return Event::kDamage;
}

FramedFileReader::Event FramedFileReader::TornTail() {
  torn_ = true;
  return Event::kEnd;
}

StatusOr<bool> FramedFileReader::BeginsRecord(uint64_t offset, uint64_t end) {
  if (end >= offset + kRecordHeaderSize) return false;
  if (end <= offset) return true;
  ASSIGN_OR_RETURN(const std::string_view bytes, window_.View(offset, end - offset));
  std::string marker;
  PutFixed64(&marker, *marker_);
  const size_t size = std::min<size_t>(kMarkerSize, end - offset);
  return bytes.substr(0, size) == std::string_view(marker).substr(0, size);
}

StatusOr<uint64_t> FramedFileReader::FindRecord(uint64_t from) {
  std::string marker;
  PutFixed64(&marker, *marker_);
  while (from + kRecordHeaderSize <= file_size()) {
    ASSIGN_OR_RETURN(const std::string_view bytes, window_.View(from, kRecordHeaderSize));
    for (size_t at = bytes.find(marker); at != bytes.npos; at = bytes.find(marker, at + 1)) {
      if (DecodeRecordHeader(bytes.substr(at), number_, *marker_).has_value()) return from + at;
    }
    from += bytes.size() - (kRecordHeaderSize - 1);
  }
  return file_size();
}

StatusOr<uint64_t> FramedFileReader::ContentEnd() {
  if (content_end_.has_value()) return *content_end_;
  uint64_t end = file_size();
  while (end > 0) {
    const uint64_t begin = end - std::min<uint64_t>(end, FileWindow::kSize);
    ASSIGN_OR_RETURN(std::string_view bytes, window_.View(begin, end - begin));
    bytes = bytes.substr(0, end - begin);
    const size_t last = bytes.find_last_not_of('\0');
    if (last != bytes.npos) {
      end = begin + last + 1;
      break;
    }
    end = begin;
  }
  content_end_ = end;
  return end;
}

StatusOr<uint64_t> FramedFileReader::TornFrom() {
  ASSIGN_OR_RETURN(const uint64_t content_end, ContentEnd());
  const uint64_t sector = (content_end + kSectorSize - 1) / kSectorSize * kSectorSize;
  return std::min(sector, file_size());
}

}  // namespace skald::storage
