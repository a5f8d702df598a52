#include "query/engine/categorised_labels.h"

#include <algorithm>

namespace skald::query {

CategorisedLabels::CategorisedLabels(const Batch& batch) : batch_(batch) {
  std::vector<const LabelColumn*> columns;
  for (const LabelColumn& column : batch.columns()) columns.push_back(&column);
  std::sort(columns.begin(), columns.end(),
            [](const LabelColumn* a, const LabelColumn* b) { return a->name < b->name; });
  for (const LabelColumn* column : columns) {
    if (sources_.empty() || sources_.back().name != column->name) {
      sources_.push_back({column->name});
    }
    switch (column->category) {
      case LabelCategory::kParsed:
        sources_.back().parsed = column;
        break;
      case LabelCategory::kMetadata:
        sources_.back().metadata = column;
        break;
      case LabelCategory::kStream:
        sources_.back().stream = column;
        break;
    }
  }
}

void CategorisedLabels::ReadSource(const Source& source, std::string_view stream_value,
                                   uint32_t row, std::vector<CategorisedLabel>* out) const {
  const auto cell = [row](const LabelColumn* column) {
    return column == nullptr ? kAbsent : column->cells[row];
  };
  if (const std::string_view parsed = cell(source.parsed); !HasNoValue(parsed)) {
    out->push_back({source.name, parsed, LabelCategory::kParsed});
  } else if (const std::string_view metadata = cell(source.metadata); !HasNoValue(metadata)) {
    out->push_back({source.name, metadata, LabelCategory::kMetadata});
  } else {
    const std::string_view value = source.stream == nullptr ? stream_value : cell(source.stream);
    if (!HasNoValue(value)) out->push_back({source.name, value, LabelCategory::kStream});
  }
}

void CategorisedLabels::Read(uint32_t row, std::vector<CategorisedLabel>* out) const {
  out->clear();
  const LabelSet& base = batch_.stream(row).labels;
  size_t next = 0;
  for (const Source& source : sources_) {
    for (; next < base.size() && base[next].name < source.name; ++next) {
      out->push_back({base[next].name, base[next].value, LabelCategory::kStream});
    }
    std::string_view stream_value = kAbsent;
    if (next < base.size() && base[next].name == source.name) stream_value = base[next++].value;
    ReadSource(source, stream_value, row, out);
  }
  for (; next < base.size(); ++next) {
    out->push_back({base[next].name, base[next].value, LabelCategory::kStream});
  }
  const auto add_error = [out](std::string_view name, std::string_view value) {
    if (IsAbsent(value)) return;
    const auto at =
        std::lower_bound(out->begin(), out->end(), name,
                         [](const CategorisedLabel& l, std::string_view n) { return l.name < n; });
    if (at != out->end() && at->name == name) return;
    out->insert(at, {name, value, LabelCategory::kParsed});
  };
  add_error(kErrorLabel, batch_.error(row));
  add_error(kErrorDetailsLabel, batch_.error_details(row));
}

std::vector<LabelView> ToLabelViews(const std::vector<CategorisedLabel>& labels) {
  std::vector<LabelView> views;
  views.reserve(labels.size());
  for (const CategorisedLabel& label : labels) views.push_back({label.name, label.value});
  return views;
}

}  // namespace skald::query
