#include "storage/base/substring_search.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>

#include "absl/strings/ascii.h"
#include "storage/base/strings.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace skald {
namespace {

constexpr size_t kNotFound = std::string_view::npos;

// One byte of the needle that every position is tested for: (byte | fold) == value.
struct Probe {
  size_t offset = 0;
  char value = 0;
  char fold = 0;  // the bit that tells the cases of a letter apart, when case is ignored

  bool Accepts(const char* position) const {
    return static_cast<char>(position[offset] | fold) == value;
  }
};

struct Needle {
  std::string_view text;
  LetterCase letter_case = LetterCase::kExact;
  Probe a;
  Probe b;

  bool Accepts(const char* position) const { return a.Accepts(position) && b.Accepts(position); }
};

// Positions begin + i, for the bits i of the mask, that both probes accept.
struct Candidates {
  size_t begin = 0;
  uint32_t mask = 0;
};

// Tests positions from `from` in whole blocks, never at or past `end`; returns the first block with
// candidates, or an empty one that begins where fewer positions than a block are left.
// REQUIRES: a needle that begins before `end` lies within the haystack.
using ScanBlocks = Candidates (*)(const char* haystack, size_t from, size_t end,
                                  const Needle& needle);

struct Kernel {
  size_t block;
  ScanBlocks scan;
};

#if defined(__x86_64__)

__attribute__((target("avx2"))) Candidates ScanAvx2(const char* haystack, size_t from, size_t end,
                                                    const Needle& needle) {
  const __m256i value_a = _mm256_set1_epi8(needle.a.value);
  const __m256i value_b = _mm256_set1_epi8(needle.b.value);
  const __m256i fold_a = _mm256_set1_epi8(needle.a.fold);
  const __m256i fold_b = _mm256_set1_epi8(needle.b.fold);
  const char* at_a = haystack + needle.a.offset;
  const char* at_b = haystack + needle.b.offset;
  for (; from + 32 <= end; from += 32) {
    const __m256i bytes_a = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(at_a + from));
    const __m256i bytes_b = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(at_b + from));
    const __m256i both =
        _mm256_and_si256(_mm256_cmpeq_epi8(_mm256_or_si256(bytes_a, fold_a), value_a),
                         _mm256_cmpeq_epi8(_mm256_or_si256(bytes_b, fold_b), value_b));
    const auto mask = static_cast<uint32_t>(_mm256_movemask_epi8(both));
    if (mask != 0) return {from, mask};
  }
  return {from, 0};
}

Candidates ScanSse2(const char* haystack, size_t from, size_t end, const Needle& needle) {
  const __m128i value_a = _mm_set1_epi8(needle.a.value);
  const __m128i value_b = _mm_set1_epi8(needle.b.value);
  const __m128i fold_a = _mm_set1_epi8(needle.a.fold);
  const __m128i fold_b = _mm_set1_epi8(needle.b.fold);
  const char* at_a = haystack + needle.a.offset;
  const char* at_b = haystack + needle.b.offset;
  for (; from + 16 <= end; from += 16) {
    const __m128i bytes_a = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at_a + from));
    const __m128i bytes_b = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at_b + from));
    const __m128i both = _mm_and_si128(_mm_cmpeq_epi8(_mm_or_si128(bytes_a, fold_a), value_a),
                                       _mm_cmpeq_epi8(_mm_or_si128(bytes_b, fold_b), value_b));
    const auto mask = static_cast<uint32_t>(_mm_movemask_epi8(both));
    if (mask != 0) return {from, mask};
  }
  return {from, 0};
}

constexpr Kernel kBaseline = {16, ScanSse2};
Kernel BestKernel() {
  return __builtin_cpu_supports("avx2") != 0 ? Kernel{32, ScanAvx2} : kBaseline;
}

#else

Candidates ScanOne(const char* haystack, size_t from, size_t end, const Needle& needle) {
  for (; from < end; ++from) {
    if (needle.Accepts(haystack + from)) return {from, 1};
  }
  return {from, 0};
}

constexpr Kernel kBaseline = {1, ScanOne};
Kernel BestKernel() { return kBaseline; }

#endif

char Lower(char c) { return absl::ascii_tolower(static_cast<unsigned char>(c)); }

std::string Lowered(std::string_view text) {
  std::string lowered(text);
  for (char& c : lowered) c = Lower(c);
  return lowered;
}

Probe MakeProbe(std::string_view needle, LetterCase letter_case, size_t offset) {
  const char c = needle[offset];
  const bool folds =
      letter_case == LetterCase::kIgnoreAscii && absl::ascii_isalpha(static_cast<unsigned char>(c));
  return {offset, c, folds ? ' ' : '\0'};
}

Needle MakeNeedle(std::string_view text, LetterCase letter_case, size_t probe_a, size_t probe_b) {
  return {text, letter_case, MakeProbe(text, letter_case, probe_a),
          MakeProbe(text, letter_case, probe_b)};
}

// A linear-time search for needles and haystacks that were made to defeat the kernel.
size_t FindLinear(std::string_view haystack, const Needle& needle, size_t from) {
  std::string lowered;
  std::string_view rest = haystack.substr(from);
  if (needle.letter_case == LetterCase::kIgnoreAscii) rest = lowered = Lowered(rest);
  const void* hit = memmem(rest.data(), rest.size(), needle.text.data(), needle.text.size());
  if (hit == nullptr) return kNotFound;
  return from + static_cast<size_t>(static_cast<const char*>(hit) - rest.data());
}

// Runs the kernel over one haystack and checks its candidates.
class Search {
 public:
  Search(const Kernel& kernel, std::string_view haystack, const Needle& needle, size_t from)
      : kernel_(kernel), haystack_(haystack), needle_(needle), from_(from) {}

  // REQUIRES: the needle is not empty.
  size_t Run() {
    if (haystack_.size() < needle_.text.size()) return kNotFound;
    const size_t end = haystack_.size() - needle_.text.size() + 1;
    size_t position = from_;
    while (position < end) {
      Candidates found = NextBlock(position, end);
      position = std::min(found.begin + kernel_.block, end);
      for (; found.mask != 0; found.mask &= found.mask - 1) {
        const size_t hit = found.begin + static_cast<size_t>(std::countr_zero(found.mask));
        if (IsAt(hit)) return hit;
      }
      if (wasted_ > kWasteLimit + 8 * (position - from_)) {
        return FindLinear(haystack_, needle_, position);
      }
    }
    return kNotFound;
  }

 private:
  static constexpr size_t kWasteLimit = 64 << 10;
  static constexpr size_t kCheapPrefix = 16;

  // The next candidates from `position` on; a last partial block is tested by stepping back over
  // positions already rejected, or one by one when there are none.
  Candidates NextBlock(size_t position, size_t end) const {
    Candidates found = kernel_.scan(haystack_.data(), position, end, needle_);
    if (found.mask != 0 || found.begin == end) return found;
    position = found.begin;
    if (end - from_ >= kernel_.block) {
      found = kernel_.scan(haystack_.data(), end - kernel_.block, end, needle_);
      found.begin = end - kernel_.block;
      return found;
    }
    found.begin = position;
    for (size_t i = 0; position + i < end; ++i) {
      if (needle_.Accepts(haystack_.data() + position + i)) found.mask |= uint32_t{1} << i;
    }
    return found;
  }

  bool IsAt(size_t position) {
    const char* text = haystack_.data() + position;
    const size_t prefix = std::min(kCheapPrefix, needle_.text.size());
    if (!Equal(text, needle_.text.substr(0, prefix))) return false;
    if (Equal(text + prefix, needle_.text.substr(prefix))) return true;
    wasted_ += needle_.text.size();
    return false;
  }

  bool Equal(const char* text, std::string_view needle) const {
    if (needle_.letter_case == LetterCase::kExact) {
      return std::memcmp(text, needle.data(), needle.size()) == 0;
    }
    return std::equal(needle.begin(), needle.end(), text,
                      [](char wanted, char c) { return wanted == Lower(c); });
  }

  const Kernel& kernel_;
  const std::string_view haystack_;
  const Needle& needle_;
  const size_t from_;
  size_t wasted_ = 0;  // bytes of the needle compared in vain, past its first few
};

const Kernel& Fastest() {
  static const Kernel kernel = BestKernel();
  return kernel;
}

// How rare a byte is in logs: 0 for the commonest.
size_t Rarity(char c) {
  constexpr std::string_view kCommonestFirst =
      " e0ta1ionr2s\"l:3-.d4c5,/6p78m9u=fh_gTb[]vwyk{}()AESIRNOCDLMPx;'FUBGWHVzj&?%+@qXKY";
  return std::min(kCommonestFirst.find(c), kCommonestFirst.size());
}

}  // namespace

size_t FindSubstring(std::string_view haystack, std::string_view needle, size_t from) {
  if (from > haystack.size()) return kNotFound;
  if (needle.size() <= 1) return haystack.find(needle, from);
  const Needle prepared = MakeNeedle(needle, LetterCase::kExact, 0, needle.size() - 1);
  return Search(Fastest(), haystack, prepared, from).Run();
}

SubstringSearcher::SubstringSearcher(std::string_view needle, LetterCase letter_case)
    : needle_(letter_case == LetterCase::kExact ? std::string(needle) : Lowered(needle)),
      letter_case_(letter_case) {
  const auto rarest = [this](size_t other) {
    size_t best = other == 0 && needle_.size() > 1 ? 1 : 0;
    for (size_t i = 0; i < needle_.size(); ++i) {
      if (i != other && Rarity(needle_[i]) > Rarity(needle_[best])) best = i;
    }
    return best;
  };
  probe_a_ = rarest(kNotFound);
  probe_b_ = rarest(probe_a_);
}

size_t SubstringSearcher::Find(std::string_view haystack, size_t from) const {
  if (from > haystack.size()) return kNotFound;
  if (needle_.empty()) return from;
  if (needle_.size() == 1 && letter_case_ == LetterCase::kExact) {
    return haystack.find(needle_[0], from);
  }
  const Needle prepared = MakeNeedle(needle_, letter_case_, probe_a_, probe_b_);
  return Search(Fastest(), haystack, prepared, from).Run();
}

size_t SubstringSearcher::FindPortably(std::string_view haystack, size_t from) const {
  if (from > haystack.size()) return kNotFound;
  if (needle_.empty()) return from;
  const Needle prepared = MakeNeedle(needle_, letter_case_, probe_a_, probe_b_);
  return Search(kBaseline, haystack, prepared, from).Run();
}

}  // namespace skald
