// Finds the first of a few bytes, sixteen positions at a time.
#pragma once

#include <bit>
#include <cstddef>
#include <string_view>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace skald::query {

// The first position at or after `from` that holds one of `bytes`, or npos.
template <char... bytes>
inline size_t FindAnyByte(std::string_view text, size_t from) {
#if defined(__SSE2__)
  for (; from + 16 <= text.size(); from += 16) {
    const __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text.data() + from));
    __m128i hits = _mm_setzero_si128();
    ((hits = _mm_or_si128(hits, _mm_cmpeq_epi8(block, _mm_set1_epi8(bytes)))), ...);
    const auto mask = static_cast<unsigned>(_mm_movemask_epi8(hits));
    if (mask != 0) return from + static_cast<size_t>(std::countr_zero(mask));
  }
#endif
  for (; from < text.size(); ++from) {
    if (((text[from] == bytes) || ...)) return from;
  }
  return std::string_view::npos;
}

}  // namespace skald::query
