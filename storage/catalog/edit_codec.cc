#include "storage/catalog/edit_codec.h"

#include <utility>

#include "absl/functional/function_ref.h"
#include "storage/base/coding.h"

namespace skald::storage {
namespace {

enum class Tag : uint8_t {
  kTenantAdded = 1,
  kPartRemoved = 2,
  kPartAdded = 3,
  kFlushed = 4,
  kDeleteAdded = 5,
  kDeleteRemoved = 6,
  kDeleteProcessed = 7,
  kSetting = 8,
  kNeedsRebuild = 9,
  kNextNumbers = 10,
};

// --- Writing -------------------------------------------------------------------------------------

void PutPiece(std::string* out, Tag tag, absl::FunctionRef<void(std::string*)> put_fields) {
  std::string fields;
  put_fields(&fields);
  out->push_back(static_cast<char>(tag));
  PutLengthPrefixed(out, fields);
}

void PutPosition(std::string* out, LogPosition position) {
  PutVarint64(out, position.segment);
  PutVarint64(out, position.record);
}

void PutPart(std::string* out, const PartInfo& part) {
  PutVarint32(out, part.tenant);
  PutVarint64(out, part.file);
  PutVarint32(out, part.level);
  out->push_back(part.day.has_value() ? 1 : 0);
  if (part.day.has_value()) PutZigzag64(out, *part.day);
  out->push_back(part.retention_class.has_value() ? 1 : 0);
  if (part.retention_class.has_value()) PutVarint32(out, *part.retention_class);
  PutVarint64(out, part.rows);
  PutVarint64(out, part.bytes);
  PutZigzag64(out, part.min_time);
  PutZigzag64(out, part.max_time);
  PutPosition(out, part.first);
  PutPosition(out, part.last);
  PutVarint64(out, part.replaces.size());
  for (const FileNumber file : part.replaces) PutVarint64(out, file);
}

void PutKey(std::string* out, const DeleteKey& key) {
  PutVarint32(out, key.tenant);
  PutLengthPrefixed(out, key.id);
}

void PutDelete(std::string* out, const DeleteRequest& request) {
  PutKey(out, {request.tenant, request.id});
  PutLengthPrefixed(out, request.query);
  PutZigzag64(out, request.start);
  PutZigzag64(out, request.end);
  PutPosition(out, request.position);
  PutZigzag64(out, request.created_at);
  PutZigzag64(out, request.processed_at);
}

// --- Reading -------------------------------------------------------------------------------------

bool Read(ByteReader* in, uint32_t* value) { return in->ReadVarint32(value); }
bool Read(ByteReader* in, uint64_t* value) { return in->ReadVarint64(value); }
bool Read(ByteReader* in, int64_t* value) { return in->ReadZigzag64(value); }
bool Read(ByteReader* in, int32_t* value) {
  int64_t wide = 0;
  if (!in->ReadZigzag64(&wide)) return false;
  *value = static_cast<int32_t>(wide);
  return *value == wide;
}
bool Read(ByteReader* in, bool* value) {
  uint8_t byte = 0;
  if (!in->ReadByte(&byte) || byte > 1) return false;
  *value = byte == 1;
  return true;
}
bool Read(ByteReader* in, std::string* value) {
  std::string_view bytes;
  if (!in->ReadLengthPrefixed(&bytes)) return false;
  *value = bytes;
  return true;
}
bool Read(ByteReader* in, LogPosition* value) {
  return Read(in, &value->segment) && Read(in, &value->record);
}
bool Read(ByteReader* in, DeleteKey* value) {
  return Read(in, &value->tenant) && Read(in, &value->id);
}

template <typename T>
bool Read(ByteReader* in, std::optional<T>* value) {
  bool present = false;
  if (!Read(in, &present)) return false;
  if (!present) return true;
  return Read(in, &value->emplace());
}

template <typename A, typename B>
bool Read(ByteReader* in, std::pair<A, B>* value) {
  return Read(in, &value->first) && Read(in, &value->second);
}

bool Read(ByteReader* in, std::vector<FileNumber>* value) {
  uint64_t count = 0;
  if (!Read(in, &count) || count > in->remaining()) return false;
  value->resize(count);
  for (FileNumber& file : *value) {
    if (!Read(in, &file)) return false;
  }
  return true;
}

bool Read(ByteReader* in, PartInfo* part) {
  return Read(in, &part->tenant) && Read(in, &part->file) && Read(in, &part->level) &&
         Read(in, &part->day) && Read(in, &part->retention_class) && Read(in, &part->rows) &&
         Read(in, &part->bytes) && Read(in, &part->min_time) && Read(in, &part->max_time) &&
         Read(in, &part->first) && Read(in, &part->last) && Read(in, &part->replaces);
}

bool Read(ByteReader* in, DeleteRequest* request) {
  return Read(in, &request->tenant) && Read(in, &request->id) && Read(in, &request->query) &&
         Read(in, &request->start) && Read(in, &request->end) && Read(in, &request->position) &&
         Read(in, &request->created_at) && Read(in, &request->processed_at);
}

bool ReadPiece(Tag tag, ByteReader* in, CatalogEdit* edit) {
  switch (tag) {
    case Tag::kTenantAdded:
      return Read(in, &edit->tenants_added.emplace_back());
    case Tag::kPartRemoved:
      return Read(in, &edit->parts_removed.emplace_back());
    case Tag::kPartAdded:
      return Read(in, &edit->parts_added.emplace_back());
    case Tag::kFlushed:
      return Read(in, &edit->flushed.emplace());
    case Tag::kDeleteAdded:
      return Read(in, &edit->deletes_added.emplace_back());
    case Tag::kDeleteRemoved:
      return Read(in, &edit->deletes_removed.emplace_back());
    case Tag::kDeleteProcessed:
      return Read(in, &edit->deletes_processed.emplace_back());
    case Tag::kSetting:
      return Read(in, &edit->settings.emplace_back());
    case Tag::kNeedsRebuild:
      return Read(in, &edit->needs_rebuild.emplace());
    case Tag::kNextNumbers:
      return Read(in, &edit->min_next_tenant) && Read(in, &edit->min_next_file);
  }
  return false;
}

}  // namespace

void EncodeEdit(std::string* out, const CatalogEdit& edit) {
  for (const auto& [number, id] : edit.tenants_added) {
    PutPiece(out, Tag::kTenantAdded, [&](std::string* fields) {
      PutVarint32(fields, number);
      PutLengthPrefixed(fields, id);
    });
  }
  for (const FileNumber file : edit.parts_removed) {
    PutPiece(out, Tag::kPartRemoved, [&](std::string* fields) { PutVarint64(fields, file); });
  }
  for (const PartInfo& part : edit.parts_added) {
    PutPiece(out, Tag::kPartAdded, [&](std::string* fields) { PutPart(fields, part); });
  }
  if (edit.flushed.has_value()) {
    PutPiece(out, Tag::kFlushed, [&](std::string* fields) { PutPosition(fields, *edit.flushed); });
  }
  for (const DeleteRequest& request : edit.deletes_added) {
    PutPiece(out, Tag::kDeleteAdded, [&](std::string* fields) { PutDelete(fields, request); });
  }
  for (const DeleteKey& key : edit.deletes_removed) {
    PutPiece(out, Tag::kDeleteRemoved, [&](std::string* fields) { PutKey(fields, key); });
  }
  for (const auto& [key, processed_at] : edit.deletes_processed) {
    PutPiece(out, Tag::kDeleteProcessed, [&](std::string* fields) {
      PutKey(fields, key);
      PutZigzag64(fields, processed_at);
    });
  }
  for (const auto& [key, value] : edit.settings) {
    PutPiece(out, Tag::kSetting, [&](std::string* fields) {
      PutLengthPrefixed(fields, key);
      PutLengthPrefixed(fields, value);
    });
  }
  if (edit.needs_rebuild.has_value()) {
    PutPiece(out, Tag::kNeedsRebuild,
             [&](std::string* fields) { fields->push_back(*edit.needs_rebuild ? 1 : 0); });
  }
  if (edit.min_next_tenant != 0 || edit.min_next_file != 0) {
    PutPiece(out, Tag::kNextNumbers, [&](std::string* fields) {
      PutVarint32(fields, edit.min_next_tenant);
      PutVarint64(fields, edit.min_next_file);
    });
  }
}

StatusOr<CatalogEdit> DecodeEdit(std::string_view bytes) {
  CatalogEdit edit;
  ByteReader reader(bytes);
  while (!reader.empty()) {
    uint8_t tag = 0;
    std::string_view fields;
    if (!reader.ReadByte(&tag) || !reader.ReadLengthPrefixed(&fields)) {
      return DataLoss("the catalog edit is cut short");
    }
    ByteReader piece(fields);
    if (!ReadPiece(static_cast<Tag>(tag), &piece, &edit)) {
      return DataLoss(
          StrCat("the catalog edit has a malformed or unknown piece: ", static_cast<int>(tag)));
    }
  }
  return edit;
}

}  // namespace skald::storage
