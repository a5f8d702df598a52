#include "storage/catalog/edit_codec.h"

#include <utility>

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

void Put(std::string* out, uint32_t value) { PutVarint32(out, value); }
void Put(std::string* out, uint64_t value) { PutVarint64(out, value); }
void Put(std::string* out, int64_t value) { PutZigzag64(out, value); }
void Put(std::string* out, int32_t value) { PutZigzag64(out, value); }
void Put(std::string* out, bool value) { out->push_back(value ? 1 : 0); }
void Put(std::string* out, const std::string& value) { PutLengthPrefixed(out, value); }
void Put(std::string* out, LogPosition value) {
  Put(out, value.segment);
  Put(out, value.record);
}
void Put(std::string* out, const DeleteKey& value) {
  Put(out, value.tenant);
  Put(out, value.id);
}

template <typename T>
void Put(std::string* out, const std::optional<T>& value) {
  Put(out, value.has_value());
  if (value.has_value()) Put(out, *value);
}

template <typename A, typename B>
void Put(std::string* out, const std::pair<A, B>& value) {
  Put(out, value.first);
  Put(out, value.second);
}

void Put(std::string* out, const PartInfo& part) {
  Put(out, part.tenant);
  Put(out, part.file);
  Put(out, part.level);
  Put(out, part.day);
  Put(out, part.retention_class);
  Put(out, part.rows);
  Put(out, part.bytes);
  Put(out, part.min_time);
  Put(out, part.max_time);
  Put(out, part.first);
  Put(out, part.last);
  PutVarint64(out, part.replaces.size());
  for (const FileNumber file : part.replaces) Put(out, file);
}

void Put(std::string* out, const DeleteRequest& request) {
  Put(out, request.tenant);
  Put(out, request.id);
  Put(out, request.query);
  Put(out, request.start);
  Put(out, request.end);
  Put(out, request.position);
  Put(out, request.created_at);
  Put(out, request.processed_at);
}

template <typename T>
void PutPiece(std::string* out, Tag tag, const T& value) {
  std::string fields;
  Put(&fields, value);
  out->push_back(static_cast<char>(tag));
  PutLengthPrefixed(out, fields);
}

template <typename T>
void PutPieces(std::string* out, Tag tag, const std::vector<T>& values) {
  for (const T& value : values) PutPiece(out, tag, value);
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
  PutPieces(out, Tag::kTenantAdded, edit.tenants_added);
  PutPieces(out, Tag::kPartRemoved, edit.parts_removed);
  PutPieces(out, Tag::kPartAdded, edit.parts_added);
  if (edit.flushed.has_value()) PutPiece(out, Tag::kFlushed, *edit.flushed);
  PutPieces(out, Tag::kDeleteAdded, edit.deletes_added);
  PutPieces(out, Tag::kDeleteRemoved, edit.deletes_removed);
  PutPieces(out, Tag::kDeleteProcessed, edit.deletes_processed);
  PutPieces(out, Tag::kSetting, edit.settings);
  if (edit.needs_rebuild.has_value()) PutPiece(out, Tag::kNeedsRebuild, *edit.needs_rebuild);
  if (edit.min_next_tenant != 0 || edit.min_next_file != 0) {
    PutPiece(out, Tag::kNextNumbers, std::pair(edit.min_next_tenant, edit.min_next_file));
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
