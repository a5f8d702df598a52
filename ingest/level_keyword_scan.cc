#include "ingest/level_keyword_scan.h"

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

#include "storage/base/ascii.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace skald::ingest {
namespace {

using ByteSet = std::array<bool, 256>;

constexpr ByteSet MakeByteSet(std::string_view members) {
  ByteSet set{};
  for (char c : members) set[static_cast<unsigned char>(c)] = true;
  return set;
}

constexpr ByteSet kBefore = MakeByteSet(" \t\n[({\"=");
constexpr ByteSet kAfter = MakeByteSet(" \t\n[](){}:,!\"=");

bool In(const ByteSet& set, char c) { return set[static_cast<unsigned char>(c)]; }

struct Keyword {
  std::string_view word;
  std::string_view level;
};

// At one place at most one of them is a whole word, so the order does not matter.
constexpr Keyword kKeywords[] = {
    {"info", "info"},   {"error", "error"},       {"err", "error"},
    {"warn", "warn"},   {"warning", "warn"},      {"debug", "debug"},
    {"trace", "trace"}, {"critical", "critical"}, {"fatal", "fatal"},
};

// REQUIRES: `word` is lower-case ASCII letters.
bool StartsWithFolded(std::string_view text, std::string_view word) {
  if (text.size() < word.size()) return false;
  for (size_t i = 0; i < word.size(); ++i) {
    if (AsciiLower(text[i]) != word[i]) return false;
  }
  return true;
}

// The level of the whole word at `at`, or an empty view.
std::string_view LevelAt(std::string_view line, size_t at) {
  if (at > 0 && !In(kBefore, line[at - 1])) return {};
  const std::string_view rest = line.substr(at);
  for (const Keyword& keyword : kKeywords) {
    if (!StartsWithFolded(rest, keyword.word)) continue;
    const size_t size = keyword.word.size();
    if (rest.size() == size || In(kAfter, rest[size])) return keyword.level;
  }
  return {};
}

// True if a keyword can start with these two (lower-cased) letters.
constexpr bool CanStart(char first, char second) {
  switch (second) {
    case 'r':
      return first == 'e' || first == 't' || first == 'c';
    case 'n':
      return first == 'i';
    case 'a':
      return first == 'w' || first == 'f';
    case 'e':
      return first == 'd';
    default:
      return false;
  }
}

#if defined(__SSE2__)
// Bit i is set if line[i] and line[i + 1] can start a keyword, for i < 16.
// REQUIRES: 17 readable bytes.
uint32_t StartMask(const char* text) {
  const __m128i fold = _mm_set1_epi8(0x20);
  const auto load = [&](const char* from) {
    return _mm_or_si128(_mm_loadu_si128(reinterpret_cast<const __m128i*>(from)), fold);
  };
  const __m128i first = load(text);
  const __m128i second = load(text + 1);
  const auto is = [](__m128i bytes, char c) { return _mm_cmpeq_epi8(bytes, _mm_set1_epi8(c)); };
  const __m128i r = _mm_and_si128(
      is(second, 'r'), _mm_or_si128(is(first, 'e'), _mm_or_si128(is(first, 't'), is(first, 'c'))));
  const __m128i n = _mm_and_si128(is(second, 'n'), is(first, 'i'));
  const __m128i a = _mm_and_si128(is(second, 'a'), _mm_or_si128(is(first, 'w'), is(first, 'f')));
  const __m128i e = _mm_and_si128(is(second, 'e'), is(first, 'd'));
  return static_cast<uint32_t>(
      _mm_movemask_epi8(_mm_or_si128(_mm_or_si128(r, n), _mm_or_si128(a, e))));
}

// Sixteen places and the byte after them.
constexpr size_t kWindow = 17;

// REQUIRES: line.size() >= kWindow.
std::string_view ScanWindows(std::string_view line) {
  const size_t last = line.size() - kWindow;
  for (size_t at = 0;; at += 16) {
    // The last window overlaps the one before it, whose places are not looked at again.
    const size_t from = at < last ? at : last;
    uint32_t mask = StartMask(line.data() + from) >> (at - from) << (at - from);
    for (; mask != 0; mask &= mask - 1) {
      const std::string_view level =
          LevelAt(line, from + static_cast<size_t>(std::countr_zero(mask)));
      if (!level.empty()) return level;
    }
    if (at >= last) return {};
  }
}
#endif

}  // namespace

std::string_view ScanForLevelKeyword(std::string_view line) {
#if defined(__SSE2__)
  if (line.size() >= kWindow) return ScanWindows(line);
#endif
  for (size_t at = 0; at + 1 < line.size(); ++at) {
    if (!CanStart(AsciiLower(line[at]), AsciiLower(line[at + 1]))) continue;
    const std::string_view level = LevelAt(line, at);
    if (!level.empty()) return level;
  }
  return {};
}

}  // namespace skald::ingest
