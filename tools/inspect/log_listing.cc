#include "tools/inspect/log_listing.h"

#include <filesystem>
#include <functional>
#include <optional>

#include "storage/base/strings.h"
#include "storage/catalog/edit_codec.h"
#include "storage/wal/framed_file_reader.h"
#include "storage/wal/wal_format.h"
#include "tools/inspect/part_report.h"

namespace skald::inspect {
namespace {

using storage::CatalogEdit;
using storage::FramedFileReader;

// The number of a manifest's header.
constexpr uint64_t kManifestNumber = 1;

// Appends what `describe` says of every record, and the damage between them.
StatusOr<std::string> List(FramedFileReader* reader,
                           const std::function<std::string(const FramedFileReader&)>& describe) {
  std::string text;
  while (true) {
    ASSIGN_OR_RETURN(const FramedFileReader::Event event, reader->Next());
    switch (event) {
      case FramedFileReader::Event::kRecord:
        StrAppend(&text, reader->ordinal(), " @", reader->record_offset(), " ", describe(*reader),
                  "\n");
        break;
      case FramedFileReader::Event::kDamage:
        StrAppend(&text, "DAMAGED @", reader->damage_offset(), ": ", reader->damage_size(),
                  " bytes\n");
        break;
      case FramedFileReader::Event::kEnd:
        StrAppend(&text, "end @", reader->intact_size(),
                  reader->closed() ? ": closed in order" : ": not closed",
                  reader->torn() ? ", a torn write behind it" : "", "\n");
        return text;
    }
  }
}

std::string DescribePush(std::string_view payload) {
  const auto push = storage::DecodePush(payload);
  if (!push.ok()) return StrCat("push that cannot be decoded: ", Message(push.status()));
  const auto& record = push->record;
  return StrCat("push: tenant ", record.tenant, ", received ", TimeText(record.receive_time),
                ", body ", record.body.size(), " bytes");
}

std::string DescribeRows(std::string_view payload) {
  const auto decoded = storage::DecodedRows::Decode(payload);
  if (!decoded.ok()) return StrCat("rows that cannot be decoded: ", Message(decoded.status()));
  const storage::RowsRecord& record = decoded->record();
  size_t rows = 0;
  for (const StreamRows& stream : record.streams) rows += stream.rows.size();
  return StrCat("rows: tenant ", record.tenant, ", ", rows, " rows of ", record.streams.size(),
                " streams, first logged at ", record.first_origin.segment, "/",
                record.first_origin.record);
}

std::string DescribeLogRecord(const FramedFileReader& reader) {
  switch (static_cast<storage::WalRecordType>(reader.type())) {
    case storage::WalRecordType::kSettings:
      return StrCat("settings: ", reader.payload().size(), " bytes");
    case storage::WalRecordType::kPush:
      return DescribePush(reader.payload());
    case storage::WalRecordType::kRows:
      return DescribeRows(reader.payload());
  }
  return StrCat("record of type ", static_cast<int>(reader.type()), ": ", reader.payload().size(),
                " bytes");
}

std::string DescribePart(const storage::PartInfo& part) {
  return StrCat("part ", absl::Hex(part.file, absl::kZeroPad16), " of tenant ", part.tenant,
                ", level ", part.level, ", ", part.rows, " rows, ", part.bytes, " bytes, ",
                TimeText(part.min_time), " to ", TimeText(part.max_time), ", log ",
                part.first.segment, "/", part.first.record, " to ", part.last.segment, "/",
                part.last.record);
}

std::string DescribeEdit(const FramedFileReader& reader) {
  const StatusOr<CatalogEdit> edit = storage::DecodeEdit(reader.payload());
  if (!edit.ok()) return StrCat("edit that cannot be decoded: ", Message(edit.status()));
  std::string text = StrCat("edit of ", reader.payload().size(), " bytes");
  for (const auto& [number, id] : edit->tenants_added) {
    StrAppend(&text, "\n    + tenant ", number, ": ", id);
  }
  for (const storage::FileNumber file : edit->parts_removed) {
    StrAppend(&text, "\n    - part ", absl::Hex(file, absl::kZeroPad16));
  }
  for (const storage::PartInfo& part : edit->parts_added) {
    StrAppend(&text, "\n    + ", DescribePart(part));
  }
  if (edit->flushed.has_value()) {
    StrAppend(&text, "\n    flushed to ", edit->flushed->segment, "/", edit->flushed->record);
  }
  for (const storage::DeleteRequest& request : edit->deletes_added) {
    StrAppend(&text, "\n    + delete ", request.id, " of tenant ", request.tenant, ": ",
              request.query, ", ", TimeText(request.start), " to ", TimeText(request.end));
  }
  for (const storage::DeleteKey& key : edit->deletes_removed) {
    StrAppend(&text, "\n    - delete ", key.id, " of tenant ", key.tenant);
  }
  for (const auto& [key, when] : edit->deletes_processed) {
    StrAppend(&text, "\n    delete ", key.id, " of tenant ", key.tenant, " processed ",
              TimeText(when));
  }
  for (const auto& [key, value] : edit->settings) StrAppend(&text, "\n    ", key, " = ", value);
  return text;
}

}  // namespace

StatusOr<std::string> ListSegment(FileSystem* files, const std::string& path) {
  const std::string name = std::filesystem::path(path).filename().string();
  const std::optional<uint64_t> segment = storage::ParseSegmentFileName(name);
  if (!segment.has_value()) {
    return InvalidArgument(StrCat(path, " is not named like a log segment"));
  }
  ASSIGN_OR_RETURN(const auto reader,
                   FramedFileReader::Open(files, path, storage::kWalKind, *segment));
  return List(reader.get(), DescribeLogRecord);
}

StatusOr<std::string> ListManifest(FileSystem* files, const std::string& path) {
  ASSIGN_OR_RETURN(const auto reader,
                   FramedFileReader::Open(files, path, storage::kManifestKind, kManifestNumber));
  return List(reader.get(), DescribeEdit);
}

}  // namespace skald::inspect
