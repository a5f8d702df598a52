#include "ingest/metadata_names.h"

#include <algorithm>
#include <tuple>

#include "storage/base/ascii.h"
#include "storage/base/utf8.h"

namespace skald::ingest {
namespace {

// Bytes of a name that an error shows.
constexpr size_t kShownName = 4096;

bool IsAlphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool HasOnlyUnderscores(std::string_view name) {
  return name.find_first_not_of('_') == std::string_view::npos;
}

// Names such as __name__ are reserved and stay as they are.
bool IsReserved(std::string_view name) {
  return name.starts_with("__") && name.ends_with("__") && !HasOnlyUnderscores(name) &&
         std::all_of(name.begin(), name.end(),
                     [](char c) { return c == '_' || IsAlphanumeric(c); });
}

bool InSamePlace(std::string_view a, std::string_view b) {
  return a.data() == b.data() && a.size() == b.size();
}

bool InSamePlaces(std::span<const LabelView> a, std::span<const LabelView> b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const LabelView& x, const LabelView& y) {
                      return InSamePlace(x.name, y.name) && InSamePlace(x.value, y.value);
                    });
}

}  // namespace

bool IsMetadataName(std::string_view name) {
  if (name.empty() || IsDigit(name.front())) return false;
  bool after_underscore = false;
  bool has_letter = false;
  for (char c : name) {
    if (c == '_') {
      if (after_underscore) return IsReserved(name);
      after_underscore = true;
    } else if (IsAlphanumeric(c)) {
      after_underscore = false;
      has_letter = true;
    } else {
      return false;
    }
  }
  return has_letter;
}

StatusOr<std::string> SanitizeMetadataName(std::string_view name) {
  if (name.empty()) return InvalidArgument("label name is empty");
  std::string clean;
  if (IsReserved(name)) return std::string(name);
  if (IsDigit(name.front())) clean = "key_";
  for (char c : name) {
    if (IsAlphanumeric(c)) {
      clean.push_back(c);
    } else if (clean.empty() || clean.back() != '_') {
      clean.push_back('_');
    }
  }
  if (HasOnlyUnderscores(clean)) {
    return InvalidArgument(StrCat("normalization for label name \"", Shortened(name, kShownName),
                                  "\" resulted in invalid name \"_\""));
  }
  return clean;
}

Status CheckMetadataNames(std::span<const LabelView> pairs) {
  for (const LabelView& pair : pairs) {
    if (IsMetadataName(pair.name)) continue;
    RETURN_IF_ERROR(SanitizeMetadataName(pair.name).status());
  }
  return absl::OkStatus();
}

std::span<const LabelView> MetadataCanonicalizer::Canonicalize(std::span<const LabelView> pairs,
                                                               Arena* arena) {
  if (!InSamePlaces(pairs, pairs_)) {
    result_ = Build(pairs, arena);
    pairs_ = pairs;
  }
  return result_;
}

void MetadataCanonicalizer::Reset() {
  pairs_ = {};
  result_ = {};
  names_.Clear();
  values_.Clear();
}

bool MetadataCanonicalizer::IsName(std::string_view name) {
  return names_.Passes(name, IsMetadataName);
}

bool MetadataCanonicalizer::IsCanonical(std::span<const LabelView> pairs) {
  for (size_t i = 0; i < pairs.size(); ++i) {
    if (pairs[i].value.empty() || !IsName(pairs[i].name)) return false;
    if (i > 0 && pairs[i - 1].name >= pairs[i].name) return false;
    if (!values_.Passes(pairs[i].value, IsValidUtf8)) return false;
  }
  return true;
}

std::string_view MetadataCanonicalizer::ReplaceInvalidUtf8(std::string_view value, Arena* arena) {
  if (values_.Passes(value, IsValidUtf8)) return value;
  char* const out = arena->Allocate(value.size());
  for (size_t at = 0; at < value.size();) {
    const DecodedRune rune = DecodeRune(value.substr(at));
    if (rune.invalid) {
      out[at] = ' ';
    } else {
      std::copy_n(value.data() + at, rune.size, out + at);
    }
    at += rune.size;
  }
  return std::string_view(out, value.size());
}

std::span<const LabelView> MetadataCanonicalizer::Build(std::span<const LabelView> pairs,
                                                        Arena* arena) {
  if (IsCanonical(pairs)) return pairs;
  candidates_.clear();
  for (const LabelView& pair : pairs) {
    const bool renamed = !IsName(pair.name);
    const std::string_view name =
        renamed ? arena->Copy(SanitizeMetadataName(pair.name).value_or("_")) : pair.name;
    candidates_.push_back(
        {{name, ReplaceInvalidUtf8(pair.value, arena)}, renamed, candidates_.size()});
  }
  // Winners last among equal names. Not a stable_sort, which allocates.
  std::sort(candidates_.begin(), candidates_.end(), [](const Candidate& a, const Candidate& b) {
    return std::tie(a.pair.name, a.renamed, a.place) < std::tie(b.pair.name, b.renamed, b.place);
  });
  std::span<LabelView> kept = arena->NewArray<LabelView>(candidates_.size());
  size_t count = 0;
  for (size_t i = 0; i < candidates_.size(); ++i) {
    const LabelView& pair = candidates_[i].pair;
    const bool wins = i + 1 == candidates_.size() || candidates_[i + 1].pair.name != pair.name;
    if (wins && !pair.value.empty()) kept[count++] = pair;
  }
  return kept.first(count);
}

}  // namespace skald::ingest
