// A borrowed column of optional strings over some rows: what storage hands out for structured
// metadata and what query stages produce for labels.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace skald {

// An absent value is a view whose data() is null; the empty string has a non-null data().
inline constexpr std::string_view kAbsent{};
inline bool IsAbsent(std::string_view value) { return value.data() == nullptr; }

// The empty string as a present value.
inline std::string_view PresentEmpty() { return std::string_view("", 0); }

// Whoever runs a function over a column should run it once per distinct value where it can:
//   kConstant:   every row has values[0].
//   kDictionary: row i has values[codes[i]]; values has no duplicates and may hold kAbsent.
//   kPlain:      row i has values[i].
struct StringColumn {
  enum class Kind : uint8_t { kConstant, kDictionary, kPlain };

  Kind kind = Kind::kConstant;
  std::span<const std::string_view> values;
  std::span<const uint32_t> codes;

  std::string_view operator[](size_t row) const {
    switch (kind) {
      case Kind::kConstant:
        return values[0];
      case Kind::kDictionary:
        return values[codes[row]];
      case Kind::kPlain:
        return values[row];
    }
    return kAbsent;
  }
};

}  // namespace skald
