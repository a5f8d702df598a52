// The names under which lines and metadata carry their level (`log_level_fields`), made ready for
// asking "does this line have one of them as a JSON key, as a logfmt key?".
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace skald::ingest {

// A quick test for two adjacent bytes of given letters (of any case).
// Threads: immutable.
class BytePairFilter {
 public:
  // Lets through every position if a side has more than four letters.
  BytePairFilter(std::string_view firsts, std::string_view seconds);

  // The first position at or after `from` where line[i] is one of the firsts and line[i + 1] one
  // of the seconds; there may be positions where neither is so. npos when there is none.
  size_t Find(std::string_view line, size_t from) const;

 private:
  static constexpr size_t kLetters = 4;
  bool Matches(char first, char second) const;

  std::array<char, kLetters> firsts_{};
  std::array<char, kLetters> seconds_{};
  bool wide_ = false;
};

// Threads: immutable.
class LevelFields {
 public:
  explicit LevelFields(std::vector<std::string> names);

  // The place of a name in the list, if it is there.
  std::optional<size_t> Rank(std::string_view name) const;
  // The same, in any letter case: the first name that is equal so.
  std::optional<size_t> RankFolded(std::string_view name) const;

  // False only if no object of this JSON text has one of the names as a key.
  bool MayHaveJsonKey(std::string_view line) const;
  // False only if this logfmt text has none of the names, in any letter case, as a key.
  bool MayHaveLogfmtKey(std::string_view line) const;

  const std::vector<std::string>& names() const { return names_; }

 private:
  // True if some name has this length.
  bool HasLength(size_t size) const { return (lengths_ >> (size < 63 ? size : 63)) & 1; }

  std::vector<std::string> names_;
  uint64_t lengths_ = 0;
  size_t longest_ = 0;
  BytePairFilter json_keys_;
  BytePairFilter logfmt_keys_;
};

}  // namespace skald::ingest
