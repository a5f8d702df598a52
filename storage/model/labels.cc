#include "storage/model/labels.h"

#include <algorithm>
#include <cstring>
#include <optional>

#include "storage/base/go_quote.h"
#include "storage/base/hash.h"
#include "storage/model/label_name.h"

namespace skald {
namespace {

// Where in a text something stands as it is; nothing if its quotes changed it.
using Where = std::optional<size_t>;

Where AppendQuotedAt(std::string* out, std::string_view bytes) {
  const size_t begin = out->size() + 1;
  AppendQuoted(out, bytes);
  if (out->size() - begin != bytes.size() + 1) return std::nullopt;
  return begin;
}

Where AppendName(std::string* out, std::string_view name) {
  if (!IsPlainLabelName(name)) return AppendQuotedAt(out, name);
  out->append(name);
  return out->size() - name.size();
}

// Appends a label; calls done(where the name is, where the value is).
template <typename Done>
void AppendLabel(std::string* out, const LabelView& label, Done&& done) {
  if (out->size() > 1) out->append(", ");
  const Where name = AppendName(out, label.name);
  out->append("=");
  done(name, AppendQuotedAt(out, label.value));
}

}  // namespace

LabelSet LabelSet::FromPairs(std::vector<std::pair<std::string, std::string>> pairs) {
  const auto name_less = [](const auto& a, const auto& b) { return a.first < b.first; };
  if (!std::is_sorted(pairs.begin(), pairs.end(), name_less)) {
    std::stable_sort(pairs.begin(), pairs.end(), name_less);
  }
  std::vector<LabelView> kept;
  kept.reserve(pairs.size());
  for (size_t i = 0; i < pairs.size(); ++i) {
    const bool replaced = i + 1 < pairs.size() && pairs[i + 1].first == pairs[i].first;
    if (!replaced && !pairs[i].second.empty()) kept.push_back({pairs[i].first, pairs[i].second});
  }
  return FromSorted(kept);
}

LabelSet LabelSet::FromSorted(std::span<const LabelView> labels) {
  LabelSet set;
  if (labels.empty()) return set;
  const size_t text_begin = sizeof(Header) + labels.size() * sizeof(Place);
  std::vector<Place> places;
  places.reserve(labels.size());
  std::string text = "{";
  std::string unquoted;  // offsets in it are counted from the text's end until that is known
  std::vector<uint32_t*> behind_text;
  const auto put = [&](Where where, std::string_view bytes, uint32_t* offset) {
    *offset = static_cast<uint32_t>(text_begin + where.value_or(unquoted.size()));
    if (where.has_value()) return;
    behind_text.push_back(offset);
    unquoted.append(bytes);
  };
  for (const LabelView& label : labels) {
    AppendLabel(&text, label, [&](Where name, Where value) {
      Place& place = places.emplace_back();
      place.name_size = static_cast<uint32_t>(label.name.size());
      place.value_size = static_cast<uint32_t>(label.value.size());
      put(name, label.name, &place.name);
      put(value, label.value, &place.value);
    });
  }
  text.push_back('}');
  for (uint32_t* const offset : behind_text) *offset += static_cast<uint32_t>(text.size());

  const size_t size = text_begin + text.size() + unquoted.size();
  auto block = std::make_shared_for_overwrite<uint32_t[]>(size / sizeof(uint32_t) + 1);
  char* const bytes = reinterpret_cast<char*>(block.get());
  const Header header{static_cast<uint32_t>(labels.size()), static_cast<uint32_t>(text.size()),
                      static_cast<uint32_t>(size)};
  std::memcpy(bytes, &header, sizeof(header));
  std::memcpy(bytes + sizeof(header), places.data(), places.size() * sizeof(Place));
  char* const texts = std::copy(text.begin(), text.end(), bytes + text_begin);
  std::copy(unquoted.begin(), unquoted.end(), texts);
  set.block_ = std::move(block);
  return set;
}

std::string_view LabelSet::Get(std::string_view name) const {
  size_t begin = 0;
  size_t end = size();
  while (begin < end) {
    const size_t middle = begin + (end - begin) / 2;
    const LabelView label = (*this)[middle];
    if (label.name == name) return label.value;
    if (label.name < name) {
      begin = middle + 1;
    } else {
      end = middle;
    }
  }
  return {};
}

bool LabelSet::Has(std::string_view name) const { return !Get(name).empty(); }

LabelSet LabelSet::With(std::string_view name, std::string_view value) const {
  std::vector<LabelView> labels;
  labels.reserve(size() + 1);
  bool placed = value.empty();
  for (size_t i = 0; i < size(); ++i) {
    const LabelView label = (*this)[i];
    if (!placed && name <= label.name) {
      labels.push_back({name, value});
      placed = true;
    }
    if (label.name != name) labels.push_back(label);
  }
  if (!placed) labels.push_back({name, value});
  return FromSorted(labels);
}

std::string_view LabelSet::text() const {
  if (empty()) return "{}";
  return {reinterpret_cast<const char*>(places() + size()), header()->text_size};
}

bool LabelSet::operator==(const LabelSet& other) const {
  return block_ == other.block_ || (*this <=> other) == 0;
}

std::strong_ordering LabelSet::operator<=>(const LabelSet& other) const {
  for (size_t i = 0; i < std::min(size(), other.size()); ++i) {
    const auto order = (*this)[i] <=> other[i];
    if (order != 0) return order;
  }
  return size() <=> other.size();
}

std::string LabelsToString(std::span<const LabelView> labels) {
  std::string out = "{";
  for (const LabelView& label : labels) {
    AppendLabel(&out, label, [](Where, Where) {});
  }
  out.push_back('}');
  return out;
}

void AppendQuoted(std::string* out, std::string_view text) { AppendGoQuoted(out, text); }

StreamId StreamIdOf(std::string_view canonical_text) {
  const Hash128Value hash = Hash128(canonical_text);
  return {hash.high, hash.low};
}

}  // namespace skald
