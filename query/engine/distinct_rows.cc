#include "query/engine/distinct_rows.h"

#include <algorithm>
#include <span>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/hash/hash.h"
#include "query/engine/row_reader.h"

namespace skald::query {
namespace {

// How often more rows are searched for, twice as many each time, when too few of them differ.
constexpr int kMaxRounds = 6;

bool CanChangeRows(const Stage& stage) {
  return !std::holds_alternative<LineFilterStage>(stage) &&
         !std::holds_alternative<LabelFilterStage>(stage);
}

bool SameMoment(const RowKey& a, const RowKey& b) {
  return a.time == b.time && a.stream == b.stream;
}

// Indexes of the keys that share their stream and moment with another. REQUIRES: sorted.
std::vector<size_t> SharedMoments(std::span<const RowKey> keys) {
  std::vector<size_t> shared;
  for (size_t i = 0; i < keys.size(); ++i) {
    if ((i > 0 && SameMoment(keys[i], keys[i - 1])) ||
        (i + 1 < keys.size() && SameMoment(keys[i], keys[i + 1]))) {
      shared.push_back(i);
    }
  }
  return shared;
}

uint64_t HashOf(const ReadRow& row) {
  size_t hash = absl::HashOf(row.line);
  for (const CategorisedLabel& label : row.labels) {
    hash = absl::HashOf(hash, label.name, label.value);
  }
  return hash;
}

// Removes the later ones of equal rows.
Status RemoveCopies(const storage::Selection& selection, const LogExpr& log, QueryContext* context,
                    std::vector<RowKey>* keys) {
  const std::vector<size_t> shared = SharedMoments(*keys);
  if (shared.empty()) return absl::OkStatus();
  std::vector<RowKey> read;
  for (const size_t i : shared) read.push_back((*keys)[i]);
  std::vector<uint64_t> hashes(read.size());
  RETURN_IF_ERROR(ReadRows(selection, log, read, context, [&](const ReadRow& row) {
    hashes[row.index] = HashOf(row);
    return absl::OkStatus();
  }));
  std::vector<bool> copies(keys->size(), false);
  absl::flat_hash_set<uint64_t> seen;
  for (size_t i = 0; i < read.size(); ++i) {
    if (i > 0 && !SameMoment(read[i], read[i - 1])) seen.clear();
    copies[shared[i]] = !seen.insert(hashes[i]).second;
  }
  size_t kept = 0;
  for (size_t i = 0; i < keys->size(); ++i) {
    if (!copies[i]) (*keys)[kept++] = (*keys)[i];
  }
  keys->resize(kept);
  return absl::OkStatus();
}

}  // namespace

StatusOr<KeptRows> FindDistinctRows(const storage::Selection& selection, const LogExpr& log,
                                    TimeRange range, size_t limit, Direction direction,
                                    QueryContext* context) {
  const bool may_equal = std::any_of(log.stages.begin(), log.stages.end(), CanChangeRows);
  size_t asked = limit;
  for (int round = 0;; ++round) {
    ASSIGN_OR_RETURN(KeptRows rows, FindRows(selection, log, range, asked, direction, context));
    std::vector<RowKey>& keys = rows.keys;
    const bool is_all = keys.size() < asked;
    if (may_equal) RETURN_IF_ERROR(RemoveCopies(selection, log, context, &keys));
    if (is_all || keys.size() >= limit || round == kMaxRounds) {
      keys.resize(std::min(keys.size(), limit));
      return rows;
    }
    asked *= 2;
  }
}

}  // namespace skald::query
