#include "ingest/level_fields.h"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <utility>

#include "storage/base/ascii.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace skald::ingest {
namespace {

// What one step of a vector search reads: sixteen places and the byte after them.
constexpr size_t kWindow = 17;

// Sets the bit that tells upper from lower case; other bytes may collide, which costs a false hit.
constexpr char Fold(char c) { return static_cast<char>(c | 0x20); }

std::string DistinctFolded(std::string letters) {
  for (char& c : letters) c = Fold(c);
  std::sort(letters.begin(), letters.end());
  letters.erase(std::unique(letters.begin(), letters.end()), letters.end());
  return letters;
}

std::string FirstLetters(const std::vector<std::string>& names) {
  std::string letters;
  for (const std::string& name : names) letters.push_back(name.empty() ? '"' : name.front());
  return letters;
}

std::string LastLetters(const std::vector<std::string>& names) {
  std::string letters;
  for (const std::string& name : names) letters.push_back(name.empty() ? '=' : name.back());
  return letters;
}

}  // namespace

BytePairFilter::BytePairFilter(std::string_view firsts, std::string_view seconds) {
  const auto fill = [this](std::string_view letters, std::array<char, kLetters>* out) {
    const std::string distinct = DistinctFolded(std::string(letters));
    if (distinct.empty() || distinct.size() > kLetters) {
      wide_ = true;
      return;
    }
    out->fill(distinct.back());
    std::copy(distinct.begin(), distinct.end(), out->begin());
  };
  fill(firsts, &firsts_);
  fill(seconds, &seconds_);
}

bool BytePairFilter::Matches(char first, char second) const {
  const auto has = [](const std::array<char, kLetters>& letters, char c) {
    return std::find(letters.begin(), letters.end(), Fold(c)) != letters.end();
  };
  return has(firsts_, first) && has(seconds_, second);
}

size_t BytePairFilter::Find(std::string_view line, size_t from) const {
  if (wide_) return from < line.size() ? from : std::string_view::npos;
  size_t at = from;
#if defined(__SSE2__)
  const __m128i fold = _mm_set1_epi8(0x20);
  const auto any_of = [&](const char* text, const std::array<char, kLetters>& letters) {
    const __m128i bytes =
        _mm_or_si128(_mm_loadu_si128(reinterpret_cast<const __m128i*>(text)), fold);
    const auto is = [&](char c) { return _mm_cmpeq_epi8(bytes, _mm_set1_epi8(c)); };
    return _mm_or_si128(_mm_or_si128(is(letters[0]), is(letters[1])),
                        _mm_or_si128(is(letters[2]), is(letters[3])));
  };
  const auto mask_at = [&](size_t place) {
    const char* text = line.data() + place;
    return static_cast<uint32_t>(
        _mm_movemask_epi8(_mm_and_si128(any_of(text, firsts_), any_of(text + 1, seconds_))));
  };
  for (; at + kWindow <= line.size(); at += 16) {
    const uint32_t mask = mask_at(at);
    if (mask != 0) return at + static_cast<size_t>(std::countr_zero(mask));
  }
  if (line.size() >= kWindow) {
    // A last window that overlaps places that are done.
    const size_t last = line.size() - kWindow;
    const size_t done = std::min<size_t>(at - last, 31);
    const uint32_t mask = mask_at(last) >> done << done;
    return mask == 0 ? std::string_view::npos : last + static_cast<size_t>(std::countr_zero(mask));
  }
#endif
  for (; at + 1 < line.size(); ++at) {
    if (Matches(line[at], line[at + 1])) return at;
  }
  return std::string_view::npos;
}

LevelFields::LevelFields(std::vector<std::string> names)
    : names_(std::move(names)),
      json_keys_("\"", FirstLetters(names_)),
      logfmt_keys_(LastLetters(names_), "=") {
  for (const std::string& name : names_) {
    lengths_ |= uint64_t{1} << std::min<size_t>(name.size(), 63);
    longest_ = std::max(longest_, name.size());
  }
}

std::optional<size_t> LevelFields::Rank(std::string_view name) const {
  if (!HasLength(name.size())) return std::nullopt;
  for (size_t i = 0; i < names_.size(); ++i) {
    if (names_[i] == name) return i;
  }
  return std::nullopt;
}

std::optional<size_t> LevelFields::RankFolded(std::string_view name) const {
  if (!HasLength(name.size())) return std::nullopt;
  for (size_t i = 0; i < names_.size(); ++i) {
    if (EqualsIgnoreCase(names_[i], name)) return i;
  }
  return std::nullopt;
}

bool LevelFields::MayHaveJsonKey(std::string_view line) const {
  for (size_t at = json_keys_.Find(line, 0); at < line.size(); at = json_keys_.Find(line, at + 1)) {
    if (line[at] != '"') continue;
    const std::string_view key = line.substr(at + 1, longest_ + 1);
    const size_t quote = key.find('"');
    if (quote != std::string_view::npos && Rank(key.substr(0, quote))) return true;
  }
  return false;
}

bool LevelFields::MayHaveLogfmtKey(std::string_view line) const {
  for (size_t at = logfmt_keys_.Find(line, 0); at < line.size();
       at = logfmt_keys_.Find(line, at + 1)) {
    const size_t end = at + 1;
    if (end >= line.size() || line[end] != '=') continue;
    for (const std::string& name : names_) {
      if (name.size() <= end && EqualsIgnoreCase(line.substr(end - name.size(), name.size()), name))
        return true;
    }
  }
  return false;
}

}  // namespace skald::ingest
