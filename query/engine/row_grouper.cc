#include "query/engine/row_grouper.h"

#include <algorithm>
#include <utility>

namespace skald::query {
namespace {

// REQUIRES: sorted by name.
template <typename List>
bool HasName(const List& varying, std::string_view name) {
  const auto at =
      std::lower_bound(varying.begin(), varying.end(), name,
                       [](const auto& v, std::string_view wanted) { return v.name < wanted; });
  return at != varying.end() && at->name == name;
}

bool SameCell(std::string_view a, std::string_view b) {
  return a.data() == b.data() && a.size() == b.size();
}

}  // namespace

bool SeriesGrouping::Keeps(std::string_view name) const {
  const bool listed = std::find(labels.begin(), labels.end(), name) != labels.end();
  return listed != without;
}

std::vector<RowGrouper::Varying> RowGrouper::FindVarying(const Batch& batch) const {
  std::vector<std::string_view> names;
  for (const LabelColumn& column : batch.columns()) names.push_back(column.name);
  if (batch.has_errors()) {
    names.push_back(kErrorLabel);
    names.push_back(kErrorDetailsLabel);
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  std::vector<Varying> varying;
  for (const std::string_view name : names) {
    if (!grouping_.Keeps(name)) continue;
    varying.push_back({name, Hash64(name), LabelReader(batch, name), kAbsent, {}});
  }
  return varying;
}

LabelsKey RowGrouper::KeyOfCell(Varying* varying, uint32_t row) const {
  const std::string_view value = varying->read(row);
  if (!SameCell(value, varying->value)) {
    varying->value = value;
    varying->key = IsLeftOut(value) ? LabelsKey{} : KeyOf(varying->name_hash, value);
  }
  return varying->key;
}

LabelsKey RowGrouper::BaseKey(const Stream& stream, std::span<const Varying> varying) const {
  LabelsKey key;
  for (size_t i = 0; i < stream.labels.size(); ++i) {
    const LabelView label = stream.labels[i];
    if (grouping_.Keeps(label.name) && !HasName(varying, label.name)) key.Add(KeyOf(label));
  }
  return key;
}

StatusOr<uint32_t> RowGrouper::Lookup(LabelsKey key, const Stream& stream,
                                      std::span<const Varying> varying, uint32_t row) {
  if (const auto at = known_.find(key); at != known_.end()) return at->second;
  std::vector<LabelView> labels = BaseLabels(stream, varying);
  for (const Varying& v : varying) {
    const std::string_view value = v.read(row);
    if (!IsLeftOut(value)) labels.push_back({v.name, value});
  }
  return Add(key, std::move(labels));
}

std::vector<LabelView> RowGrouper::BaseLabels(const Stream& stream,
                                              std::span<const Varying> varying) const {
  std::vector<LabelView> labels;
  for (size_t i = 0; i < stream.labels.size(); ++i) {
    const LabelView label = stream.labels[i];
    if (grouping_.Keeps(label.name) && !HasName(varying, label.name)) labels.push_back(label);
  }
  return labels;
}

StatusOr<uint32_t> RowGrouper::Add(LabelsKey key, std::vector<LabelView> labels) {
  std::sort(labels.begin(), labels.end());
  ASSIGN_OR_RETURN(const uint32_t series, series_->FindOrAdd(key, labels));
  known_.emplace(key, series);
  return series;
}

Status RowGrouper::Group(const Batch& batch, std::span<const uint32_t> rows,
                         std::span<uint32_t> out) {
  std::vector<Varying> varying = FindVarying(batch);
  uint32_t stream = UINT32_MAX;
  LabelsKey base;
  LabelsKey last_key;
  uint32_t last_series = SeriesTable::kNone;
  for (size_t i = 0; i < rows.size(); ++i) {
    const uint32_t row = rows[i];
    if (batch.stream_of[row] != stream) {
      stream = batch.stream_of[row];
      if (varying.empty()) {
        ASSIGN_OR_RETURN(last_series, GroupStream(stream, batch.stream(row)));
      } else {
        base = BaseKey(batch.stream(row), varying);
      }
    }
    if (!varying.empty()) {
      LabelsKey key = base;
      for (Varying& v : varying) key.Add(KeyOfCell(&v, row));
      if (last_series == SeriesTable::kNone || !(key == last_key)) {
        ASSIGN_OR_RETURN(last_series, Lookup(key, batch.stream(row), varying, row));
        last_key = key;
      }
    }
    out[i] = last_series;
  }
  return absl::OkStatus();
}

StatusOr<uint32_t> RowGrouper::GroupStream(uint32_t index, const Stream& stream) {
  if (index >= series_of_stream_.size()) series_of_stream_.resize(index + 1, SeriesTable::kNone);
  uint32_t& known = series_of_stream_[index];
  if (known == SeriesTable::kNone) {
    ASSIGN_OR_RETURN(known, Lookup(BaseKey(stream, {}), stream, {}, 0));
  }
  return known;
}

StatusOr<uint32_t> RowGrouper::GroupStreamAnd(LabelView label, const Stream& stream) {
  LabelsKey key = BaseKey(stream, {});
  const bool kept = grouping_.Keeps(label.name) && !IsLeftOut(label.value);
  if (kept) key.Add(KeyOf(label));
  if (const auto at = known_.find(key); at != known_.end()) return at->second;
  std::vector<LabelView> labels = BaseLabels(stream, {});
  if (kept) labels.push_back(label);
  return Add(key, std::move(labels));
}

}  // namespace skald::query
