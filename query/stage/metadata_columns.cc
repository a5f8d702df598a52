#include "query/stage/metadata_columns.h"

#include "query/stage/label_name.h"

namespace skald::query {
namespace {

// Tells for row after row whether its stream has a label.
class StreamLabelTest {
 public:
  StreamLabelTest(const Batch& batch, std::string_view name) : batch_(batch), name_(name) {}

  bool operator()(uint32_t row) {
    const uint32_t stream = batch_.stream_of[row];
    if (stream != stream_) {
      stream_ = stream;
      has_ = batch_.stream(row).labels.Has(name_);
    }
    return has_;
  }

 private:
  const Batch& batch_;
  std::string_view name_;
  uint32_t stream_ = UINT32_MAX;
  bool has_ = false;
};

void AddErrors(Batch* batch, bool details, const StringColumn& column) {
  for (uint32_t row = 0; row < batch->size(); ++row) {
    const std::string_view value = column[row];
    if (IsAbsent(value)) continue;
    if (details) {
      batch->SetErrorDetails(row, value);
    } else {
      batch->SetError(row, value);
    }
  }
}

// Writes the rows in which `name` collides to its other name, and the rest to its own.
void AddRenamed(Batch* batch, std::string_view name, const StringColumn& column) {
  const std::string renamed = StrCat(name, kExtractedSuffix);
  const auto of_renamed = batch->Writable(renamed, LabelCategory::kMetadata);
  const auto of_name = batch->Writable(name, LabelCategory::kMetadata);
  StreamLabelTest collides(*batch, name);
  for (uint32_t row = 0; row < batch->size(); ++row) {
    const std::string_view value = column[row];
    if (IsAbsent(value)) continue;
    (collides(row) ? of_renamed : of_name)[row] = value;
  }
}

}  // namespace

void AddMetadata(Batch* batch, std::string_view name, const StringColumn& column) {
  if (name == kErrorLabel || name == kErrorDetailsLabel) {
    return AddErrors(batch, name == kErrorDetailsLabel, column);
  }
  StreamLabelTest collides(*batch, name);
  for (uint32_t row = 0; row < batch->size(); ++row) {
    if (collides(row)) return AddRenamed(batch, name, column);
  }
  if (batch->Find(name, LabelCategory::kMetadata) == nullptr) {
    batch->AddColumn({name, LabelCategory::kMetadata, column});
    return;
  }
  // Another name has become this one by renaming.
  const auto cells = batch->Writable(name, LabelCategory::kMetadata);
  for (uint32_t row = 0; row < batch->size(); ++row) {
    if (!IsAbsent(column[row])) cells[row] = column[row];
  }
}

}  // namespace skald::query
