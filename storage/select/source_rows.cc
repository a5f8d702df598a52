#include "storage/select/source_rows.h"

#include <algorithm>
#include <numeric>

#include "storage/base/hash.h"
#include "storage/model/row.h"

namespace skald::storage {
namespace {

bool IsSame(std::string_view a, std::string_view b) { return a == b && IsAbsent(a) == IsAbsent(b); }

}  // namespace

Status SourceRows::LoadContents(std::span<const uint32_t> indexes) {
  begin_ = indexes.front();
  lines_.clear();
  lines_.resize(indexes.back() + size_t{1} - begin_);
  std::vector<uint32_t> rows;
  rows.reserve(indexes.size());
  for (const uint32_t i : indexes) rows.push_back(first_row_ + i);
  std::vector<std::string_view> lines(rows.size());
  ASSIGN_OR_RETURN(LineColumn * column, block_->Lines());
  RETURN_IF_ERROR(column->Materialise(rows, std::span(lines)));
  for (size_t k = 0; k < rows.size(); ++k) lines_[indexes[k] - begin_] = lines[k];

  return LoadMetadata(indexes.front(), indexes.back() + 1);
}

Status SourceRows::LoadMetadata(uint32_t begin, uint32_t end) {
  metadata_.clear();
  arena_.Reset();
  std::vector<uint32_t> rows(end - begin);
  std::iota(rows.begin(), rows.end(), first_row_ + begin);
  const std::span<const std::string_view> names = block_->metadata_names();
  for (size_t c = 0; c < names.size(); ++c) {
    if (names[c] == kDetectedLevel) continue;
    ASSIGN_OR_RETURN(const StringColumn values, block_->MetadataOf(c, rows, &arena_));
    RETURN_IF_ERROR(Charge());
    if (!IsAbsent(values)) metadata_.push_back({names[c], values});
  }
  return absl::OkStatus();
}

Status SourceRows::Charge() {
  const size_t bytes = block_->metadata_memory() + arena_.capacity();
  return bytes <= memory_->bytes() ? absl::OkStatus() : memory_->Grow(bytes - memory_->bytes());
}

uint64_t SourceRows::HashOf(size_t i) const {
  uint64_t hash = Hash64(line(i));
  for (const Column& column : metadata_) {
    const std::string_view of_row = value(column.values, i);
    if (!IsAbsent(of_row)) hash = Hash64(of_row, Hash64(column.name, hash));
  }
  return hash;
}

SameContents::SameContents(const SourceRows& a, const SourceRows& b) : a_(a), b_(b) {
  size_t i = 0;
  size_t k = 0;
  while (i < a.metadata_.size() || k < b.metadata_.size()) {
    const bool only_a = k == b.metadata_.size() ||
                        (i < a.metadata_.size() && a.metadata_[i].name < b.metadata_[k].name);
    if (only_a) {
      Add(a.metadata_[i++].values, AbsentColumn());
    } else if (i == a.metadata_.size() || b.metadata_[k].name < a.metadata_[i].name) {
      Add(AbsentColumn(), b.metadata_[k++].values);
    } else {
      Add(a.metadata_[i++].values, b.metadata_[k++].values);
    }
  }
}

void SameContents::Add(const StringColumn& a, const StringColumn& b) {
  if (a.kind != StringColumn::Kind::kConstant || b.kind != StringColumn::Kind::kConstant) {
    metadata_.push_back({a, b});
  } else if (!IsSame(a.values[0], b.values[0])) {
    all_differ_ = true;
  }
}

bool SameContents::operator()(size_t i, size_t k) const {
  return !all_differ_ && a_.line(i) == b_.line(k) &&
         std::all_of(metadata_.begin(), metadata_.end(), [&](const Values& values) {
           return IsSame(a_.value(values.a, i), b_.value(values.b, k));
         });
}

}  // namespace skald::storage
