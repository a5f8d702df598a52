#include "ingest/level_in_logfmt.h"

#include <cstddef>
#include <optional>

namespace skald::ingest {
namespace {

// go-logfmt's reader of one record: bytes up to the space separate pairs, a quote or a second '='
// where none may stand ends the record.
class LogfmtCursor {
 public:
  explicit LogfmtCursor(std::string_view line) : line_(line) {}

  // Reads the next pair; a bare key has an empty value. False at the end and at an error.
  bool Next(std::string_view* key, std::string_view* value) {
    while (at_ < line_.size() && IsSpace(line_[at_])) ++at_;
    if (at_ == line_.size()) return false;
    *value = {};
    const size_t begin = at_;
    while (at_ < line_.size() && !IsSpace(line_[at_]) && line_[at_] != '=' && line_[at_] != '"') {
      ++at_;
    }
    *key = line_.substr(begin, at_ - begin);
    if (at_ == line_.size() || IsSpace(line_[at_])) return true;
    if (line_[at_] == '"' || key->empty()) return false;
    ++at_;
    if (at_ < line_.size() && line_[at_] == '"') return ReadQuoted(value);
    return ReadPlain(value);
  }

 private:
  static bool IsSpace(char c) { return static_cast<unsigned char>(c) <= ' '; }

  bool ReadPlain(std::string_view* value) {
    const size_t begin = at_;
    for (; at_ < line_.size() && !IsSpace(line_[at_]); ++at_) {
      if (line_[at_] == '=' || line_[at_] == '"') return false;
    }
    *value = line_.substr(begin, at_ - begin);
    return true;
  }

  bool ReadQuoted(std::string_view* value) {
    const size_t begin = ++at_;
    for (; at_ < line_.size() && line_[at_] != '"'; ++at_) {
      if (line_[at_] == '\\') ++at_;
    }
    if (at_ >= line_.size()) return false;
    *value = line_.substr(begin, at_ - begin);
    ++at_;
    return true;
  }

  std::string_view line_;
  size_t at_ = 0;
};

}  // namespace

std::string_view FindLogfmtLevel(std::string_view line, const LevelFields& fields) {
  LogfmtCursor cursor(line);
  std::string_view key;
  std::string_view value;
  std::string_view best;
  size_t best_rank = fields.names().size();
  while (best_rank > 0 && cursor.Next(&key, &value)) {
    if (value.empty()) continue;
    const std::optional<size_t> rank = fields.RankFolded(key);
    if (!rank || *rank >= best_rank) continue;
    best_rank = *rank;
    best = value;
  }
  return best;
}

}  // namespace skald::ingest
