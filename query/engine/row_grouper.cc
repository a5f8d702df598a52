#include "query/engine/row_grouper.h"

#include <algorithm>
#include <utility>

namespace skald::query {
namespace {

// The one of this name, or null. REQUIRES: sorted by name.
template <typename List>
auto* FindName(List& varying, std::string_view name) {
  const auto at =
      std::lower_bound(varying.begin(), varying.end(), name,
                       [](const auto& v, std::string_view wanted) { return v.name < wanted; });
  return at != varying.end() && at->name == name ? &*at : nullptr;
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
    varying.push_back({name, Hash64(name), LabelReader(batch, name)});
  }
  return varying;
}

template <typename Visit>
void RowGrouper::ForEachValue(const Varying& varying, std::span<const uint32_t> rows,
                              Visit&& visit) const {
  varying.read.ForEachValue(rows, varying.in_streams, [&](size_t i, std::string_view value) {
    if (!IsLeftOut(value)) visit(i, value);
  });
}

template <typename Visit>
void RowGrouper::ForEachBaseLabel(const Stream& stream, std::span<Varying> varying,
                                  Visit&& visit) const {
  for (size_t i = 0; i < stream.labels.size(); ++i) {
    const LabelView label = stream.labels[i];
    if (!grouping_.Keeps(label.name)) continue;
    Varying* const also = FindName(varying, label.name);
    if (also == nullptr) {
      visit(label);
    } else {
      also->in_streams = true;
    }
  }
}

Status RowGrouper::Group(const Batch& batch, std::span<const uint32_t> rows,
                         std::span<uint32_t> out) {
  std::vector<Varying> varying = FindVarying(batch);
  if (varying.empty()) return GroupByStreams(batch, rows, out);
  FindKeys(batch, rows, varying);
  FindKnown(out);
  if (missed_.empty()) return absl::OkStatus();
  if (Status added = AddMissed(batch, rows, varying); !added.ok()) {
    for (const size_t i : missed_) known_.erase(keys_[i]);
    return added;
  }
  FillIn(out);
  return absl::OkStatus();
}

Status RowGrouper::GroupByStreams(const Batch& batch, std::span<const uint32_t> rows,
                                  std::span<uint32_t> out) {
  for (size_t i = 0; i < rows.size(); ++i) {
    const uint32_t stream = batch.stream_of[rows[i]];
    if (i > 0 && stream == batch.stream_of[rows[i - 1]]) {
      out[i] = out[i - 1];
    } else {
      ASSIGN_OR_RETURN(out[i], GroupStream(stream, batch.stream(rows[i])));
    }
  }
  return absl::OkStatus();
}

void RowGrouper::FindKeys(const Batch& batch, std::span<const uint32_t> rows,
                          std::span<Varying> varying) {
  keys_.resize(rows.size());
  for (size_t i = 0; i < rows.size(); ++i) {
    if (i > 0 && batch.stream_of[rows[i]] == batch.stream_of[rows[i - 1]]) {
      keys_[i] = keys_[i - 1];
      continue;
    }
    keys_[i] = {};
    ForEachBaseLabel(batch.stream(rows[i]), varying,
                     [&](LabelView label) { keys_[i].Add(KeyOf(label)); });
  }
  for (const Varying& v : varying) {
    std::string_view last = kAbsent;
    LabelsKey key;
    ForEachValue(v, rows, [&](size_t i, std::string_view value) {
      if (!SameCell(value, last)) key = KeyOf(v.name_hash, value);
      last = value;
      keys_[i].Add(key);
    });
  }
}

void RowGrouper::FindKnown(std::span<uint32_t> out) {
  missed_.clear();
  for (size_t i = 0; i < out.size(); ++i) {
    if (i > 0 && keys_[i] == keys_[i - 1]) {
      out[i] = out[i - 1];
      continue;
    }
    const auto [at, is_new] = known_.try_emplace(keys_[i], SeriesTable::kNone);
    if (is_new) missed_.push_back(i);
    out[i] = at->second;
  }
}

Status RowGrouper::AddMissed(const Batch& batch, std::span<const uint32_t> rows,
                             std::span<Varying> varying) {
  std::vector<uint32_t> missed_rows;
  std::vector<std::vector<LabelView>> labels(missed_.size());
  for (const size_t i : missed_) {
    std::vector<LabelView>& of_row = labels[missed_rows.size()];
    missed_rows.push_back(rows[i]);
    ForEachBaseLabel(batch.stream(rows[i]), varying,
                     [&](LabelView label) { of_row.push_back(label); });
  }
  for (const Varying& v : varying) {
    ForEachValue(v, missed_rows, [&](size_t i, std::string_view value) {
      labels[i].push_back({v.name, value});
    });
  }
  for (size_t i = 0; i < missed_.size(); ++i) {
    const LabelsKey key = keys_[missed_[i]];
    ASSIGN_OR_RETURN(known_[key], Add(key, std::move(labels[i])));
  }
  return absl::OkStatus();
}

void RowGrouper::FillIn(std::span<uint32_t> out) const {
  for (size_t i = 0; i < out.size(); ++i) {
    if (out[i] == SeriesTable::kNone) out[i] = known_.find(keys_[i])->second;
  }
}

StatusOr<uint32_t> RowGrouper::Add(LabelsKey key, std::vector<LabelView> labels) {
  std::sort(labels.begin(), labels.end());
  return series_->FindOrAdd(key, labels);
}

StatusOr<uint32_t> RowGrouper::GroupStream(uint32_t index, const Stream& stream) {
  if (index >= series_of_stream_.size()) series_of_stream_.resize(index + 1, SeriesTable::kNone);
  uint32_t& known = series_of_stream_[index];
  if (known == SeriesTable::kNone) {
    ASSIGN_OR_RETURN(known, GroupStreamAnd({}, stream));
  }
  return known;
}

StatusOr<uint32_t> RowGrouper::GroupStreamAnd(LabelView label, const Stream& stream) {
  LabelsKey key;
  ForEachBaseLabel(stream, {}, [&](LabelView own) { key.Add(KeyOf(own)); });
  const bool kept = grouping_.Keeps(label.name) && !IsLeftOut(label.value);
  if (kept) key.Add(KeyOf(label));
  if (const auto at = known_.find(key); at != known_.end()) return at->second;
  std::vector<LabelView> labels;
  ForEachBaseLabel(stream, {}, [&](LabelView own) { labels.push_back(own); });
  if (kept) labels.push_back(label);
  ASSIGN_OR_RETURN(const uint32_t series, Add(key, std::move(labels)));
  known_.emplace(key, series);
  return series;
}

}  // namespace skald::query
