#include "query/engine/line_words.h"

#include <array>

#include "storage/base/hash.h"

namespace skald::query {
namespace {

constexpr size_t kMaxBytes = 4096;
constexpr std::string_view kGapBytes = " \t\r\n\"'`=,;()[]{}|<>";
constexpr uint64_t kPrime = 0x9E3779B97F4A7C15;

enum ByteKind : uint8_t { kWordByte, kDigit, kGapByte, kColon };

constexpr std::array<ByteKind, 256> MakeKinds() {
  std::array<ByteKind, 256> kinds{};
  for (const char c : kGapBytes) kinds[static_cast<uint8_t>(c)] = kGapByte;
  for (char c = '0'; c <= '9'; ++c) kinds[static_cast<uint8_t>(c)] = kDigit;
  kinds[':'] = kColon;
  return kinds;
}
constexpr std::array<ByteKind, 256> kKinds = MakeKinds();

ByteKind KindOf(char c) { return kKinds[static_cast<uint8_t>(c)]; }

// Between words or at the end of one a colon is part of the gap, as in `"key":1` and `note: x`.
bool IsGap(std::string_view line, size_t at) {
  const ByteKind kind = KindOf(line[at]);
  if (kind != kColon) return kind == kGapByte;
  const bool after_gap = at == 0 || KindOf(line[at - 1]) == kGapByte;
  const bool before_gap = at + 1 == line.size() || KindOf(line[at + 1]) == kGapByte;
  return after_gap || before_gap;
}

void Mix(uint64_t value, uint64_t* shape) { *shape = (*shape ^ value) * kPrime; }

// `=` or `":` ends a key.
bool EndsKey(std::string_view gap) { return gap.starts_with('=') || gap.starts_with("\":"); }

}  // namespace

void CutLine(std::string_view line, LineWords* out) {
  out->words.clear();
  out->gaps.clear();
  out->shape = kPrime;
  out->cut = line.size() > kMaxBytes;
  line = line.substr(0, kMaxBytes);
  size_t at = 0;
  while (true) {
    const size_t gap_begin = at;
    while (at < line.size() && IsGap(line, at)) Mix(static_cast<uint8_t>(line[at++]), &out->shape);
    const std::string_view gap = line.substr(gap_begin, at - gap_begin);
    if (!out->words.empty() && EndsKey(gap)) {
      out->words.back().is_key = true;
      Mix(out->words.back().hash, &out->shape);
    }
    out->gaps.push_back(gap);
    Mix(gap.size(), &out->shape);
    if (at == line.size()) break;
    if (out->words.size() == kMaxLineWords) {
      out->cut = true;
      break;
    }
    LineWord word;
    const size_t begin = at;
    for (; at < line.size() && !IsGap(line, at); ++at) {
      word.has_digit |= KindOf(line[at]) == kDigit;
    }
    if (out->cut && at == line.size()) break;  // half a word
    word.text = line.substr(begin, at - begin);
    word.hash = Hash64(word.text);
    out->words.push_back(word);
  }
  Mix(out->cut ? 1 : 0, &out->shape);
}

}  // namespace skald::query
