#include "storage/model/labels.h"

#include <algorithm>

#include "storage/base/go_quote.h"
#include "storage/base/hash.h"

namespace skald {
namespace {

void AppendLabel(std::string* out, std::string_view name, std::string_view value) {
  if (out->size() > 1) out->append(", ");
  out->append(name);
  out->push_back('=');
  AppendQuoted(out, value);
}

}  // namespace

LabelSet LabelSet::FromPairs(std::vector<std::pair<std::string, std::string>> pairs) {
  const auto name_less = [](const auto& a, const auto& b) { return a.first < b.first; };
  if (!std::is_sorted(pairs.begin(), pairs.end(), name_less)) {
    std::stable_sort(pairs.begin(), pairs.end(), name_less);
  }
  size_t kept = 0;
  for (size_t i = 0; i < pairs.size(); ++i) {
    const bool replaced = i + 1 < pairs.size() && pairs[i + 1].first == pairs[i].first;
    if (replaced || pairs[i].second.empty()) continue;
    if (kept != i) pairs[kept] = std::move(pairs[i]);
    ++kept;
  }
  pairs.resize(kept);
  LabelSet set;
  set.labels_ = std::move(pairs);
  return set;
}

std::string_view LabelSet::Get(std::string_view name) const {
  const auto label =
      std::lower_bound(labels_.begin(), labels_.end(), name,
                       [](const auto& pair, std::string_view key) { return pair.first < key; });
  if (label == labels_.end() || label->first != name) return {};
  return label->second;
}

bool LabelSet::Has(std::string_view name) const { return !Get(name).empty(); }

LabelSet LabelSet::With(std::string_view name, std::string_view value) const {
  std::vector<std::pair<std::string, std::string>> pairs = labels_;
  pairs.emplace_back(name, value);
  return FromPairs(std::move(pairs));
}

std::string LabelSet::ToString() const {
  std::string out = "{";
  for (const auto& [name, value] : labels_) AppendLabel(&out, name, value);
  out.push_back('}');
  return out;
}

std::string LabelsToString(std::span<const LabelView> labels) {
  std::string out = "{";
  for (const LabelView& label : labels) AppendLabel(&out, label.name, label.value);
  out.push_back('}');
  return out;
}

void AppendQuoted(std::string* out, std::string_view text) { AppendGoQuoted(out, text); }

StreamId StreamIdOf(std::string_view canonical_text) {
  const Hash128Value hash = Hash128(canonical_text);
  return {hash.high, hash.low};
}

}  // namespace skald
