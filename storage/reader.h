// The read side of the engine as queries see it: an immutable snapshot of a tenant, selections of
// streams within it, and blocks of rows that decode column by column, by need.
//
// A query takes one Snapshot, makes one Selection per stream selector, and opens the selection's
// scan units as independent tasks. Duplicates, deleted and expired rows never come out of here.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "storage/base/arena.h"
#include "storage/base/memory_budget.h"
#include "storage/base/memory_charge.h"
#include "storage/base/row_set.h"
#include "storage/base/status.h"
#include "storage/base/stop.h"
#include "storage/model/column.h"
#include "storage/model/column_rows.h"
#include "storage/model/ids.h"
#include "storage/model/line_fields.h"
#include "storage/model/line_matcher.h"
#include "storage/model/matcher.h"
#include "storage/model/required_metadata.h"
#include "storage/model/stream.h"
#include "storage/model/timestamp.h"

namespace skald::storage {

// The rows [begin, end) of a block belong to one stream and are sorted by (time, arrival).
struct StreamRun {
  uint32_t stream;  // index into Selection::streams()
  uint32_t begin;
  uint32_t end;
};

// Cumulative counts of a stream's rows before some moment.
struct Rank {
  uint64_t rows = 0;
  uint64_t line_bytes = 0;
};

// Which of a Rank's counts are wanted. Bytes cost the reading of line lengths.
enum class RankFields { kRows, kRowsAndBytes };

// By at most so many levels can a block's ranks tell rows apart.
inline constexpr size_t kMaxRankedLevels = 8;

// What work was done or spared, for a query's statistics. Counted by whoever does the work.
struct ScanStats {
  uint64_t blocks_read = 0;
  uint64_t blocks_skipped = 0;      // by time, streams or filters
  uint64_t compressed_bytes = 0;    // of pages read
  uint64_t decompressed_bytes = 0;  // of line pages decoded
  uint64_t decompressed_rows = 0;
  uint64_t memtable_bytes = 0;
  uint64_t memtable_rows = 0;
  uint64_t metadata_bytes = 0;
  uint64_t duplicates = 0;

  void Add(const ScanStats& other);
};

// The line text of a block's rows, whatever its encoding.
// Threads: externally synchronised. Lives as long as its block.
class LineColumn {
 public:
  virtual ~LineColumn() = default;

  // Keeps in `rows` only those whose line satisfies `matcher`; with `negate`, only those whose line
  // does not.
  virtual Status Match(const LineMatcher& matcher, bool negate, RowSet* rows) = 0;

  // Writes the byte length of every row's line. REQUIRES: lengths.size() == rows of the block.
  virtual Status Lengths(std::span<uint32_t> lengths) = 0;

  // Tells fields of the given rows, ascending, from columns that the encoding has of them: row i of
  // `fields` is rows[i]. Any row may be left unanswered; raw text answers none. The
  // columns live until the next call, the texts in them as long as the block.
  virtual Status Extract(const FieldRequest& request, std::span<const uint32_t> rows,
                         FieldColumns* fields);

  // Writes the lines of the given rows, in order, to `lines`. REQUIRES: rows ascending and
  // lines.size() == rows.size(). The views live as long as the block.
  virtual Status Materialise(std::span<const uint32_t> rows, std::span<std::string_view> lines) = 0;
};

// An opened scan unit. Columns are decoded when first asked for and stay valid while it lives.
// Threads: externally synchronised; different blocks may be used by different threads.
class Block {
 public:
  virtual ~Block() = default;

  virtual uint32_t rows() const = 0;
  // The runs of the selected streams, ascending and disjoint. Rows outside them are not selected.
  virtual std::span<const StreamRun> runs() const = 0;

  // Puts into `rows` (resized to rows()) every visible row of the selected streams in `range`.
  virtual Status SelectRows(TimeRange range, RowSet* rows) = 0;

  // Row i's time in nanoseconds.
  virtual StatusOr<std::span<const int64_t>> Timestamps() = 0;
  virtual StatusOr<LineColumn*> Lines() = 0;

  // Names of the structured-metadata columns that occur in the block, detected_level included;
  // sorted, unique.
  virtual std::span<const std::string_view> metadata_names() const = 0;
  // The column of metadata_names()[index] over all rows of the block.
  virtual StatusOr<StringColumn> Metadata(size_t index) = 0;
  // The column over `rows` only, ascending: its arrays are the block's, or `arena`'s. A column in
  // which few rows have a value is not spread out over the block. AbsentColumn() (column_rows.h)
  // where none of the rows has one.
  virtual StatusOr<StringColumn> MetadataOf(size_t index, std::span<const uint32_t> rows,
                                            Arena* arena) = 0;
  // Bytes that the metadata looked at so far takes, beside pages of the cache: the caller's to
  // charge.
  virtual size_t metadata_memory() const = 0;

  // For one of runs(): out[i] counts the run's visible rows with a time before edges[i]; their
  // bytes only where `fields` asks for them. Needs no line bytes.
  // REQUIRES: edges ascending, out.size() == edges.size().
  virtual Status RanksAt(const StreamRun& run, std::span<const int64_t> edges, RankFields fields,
                         std::span<Rank> out) = 0;
  Status RanksAt(const StreamRun& run, std::span<const int64_t> edges, std::span<Rank> out) {
    return RanksAt(run, edges, RankFields::kRowsAndBytes, out);
  }

  // The values of detected_level that LevelRanksAt counts, each once; kAbsent stands for the rows
  // without one. At most kMaxRankedLevels + 1. Empty: the block cannot count by level.
  virtual StatusOr<std::span<const std::string_view>> RankedLevels();
  // As RanksAt, for rows by level: out[i * levels + l] counts those before edges[i] that have
  // RankedLevels()[l]. REQUIRES: RankedLevels() gave some; out.size() == edges.size() * levels.
  virtual Status LevelRanksAt(const StreamRun& run, std::span<const int64_t> edges,
                              std::span<uint64_t> out);

  // Work done through this block so far.
  virtual const ScanStats& stats() const = 0;
};

// What can be known of a scan unit without opening it.
struct ScanUnit {
  int64_t min_time = 0;     // of the selected streams' rows, inclusive; may be wider
  int64_t max_time = 0;     // inclusive
  uint64_t rows = 0;        // at most so many selected rows
  uint64_t line_bytes = 0;  // about so many bytes of text when decoded
  // Rows of one stream with equal times: those of the unit with the smaller arrival came first.
  uint64_t arrival = 0;
};

// Totals of one stream over a range; rows and lines are exact.
struct StreamTotals {
  uint32_t stream = 0;  // index into Selection::streams()
  uint64_t rows = 0;
  uint64_t line_bytes = 0;
  uint64_t bytes = 0;  // lines and structured metadata
};

// The streams that match a selector and may have rows in a range, and where those rows lie.
// Threads: immutable after creation; Open may be called by many threads at once.
class Selection {
 public:
  virtual ~Selection() = default;

  virtual const std::vector<StreamPtr>& streams() const = 0;
  // Unordered.
  virtual const std::vector<ScanUnit>& units() const = 0;

  // Opens units()[index].
  virtual StatusOr<std::unique_ptr<Block>> Open(size_t index, const StopToken* stop) const = 0;

  // False only if no row of the unit can satisfy all of `required` (each as
  // LineMatcher::required()). Never reads line text.
  virtual StatusOr<bool> MayMatch(size_t index,
                                  std::span<const RequiredLiterals* const> required) const = 0;

  // False only if no row of the unit satisfies `required`. Reads no rows.
  virtual StatusOr<bool> MayHaveMetadata(size_t index, const RequiredMetadata& required) const = 0;

  // Rows and bytes per stream between every two of `edges`, which ascend and lie in the selection's
  // range or at its ends: those of a stream follow each other. A part's streams that lie between
  // two edges are not looked at row by row. The result has a StreamTotals for each stream and
  // stretch: the caller's to charge, before.
  virtual StatusOr<std::vector<StreamTotals>> TotalsBetween(std::span<const int64_t> edges,
                                                            const StopToken* stop) const = 0;
  // Rows and bytes per stream within the selection's range.
  virtual StatusOr<std::vector<StreamTotals>> Totals(const StopToken* stop) const = 0;

  // Work done while selecting and pruning.
  virtual ScanStats stats() const = 0;
};

// What an answer is charged for a stream, name or value in it, and for finding it.
inline uint64_t AnswerMemory(std::string_view text) { return 128 + 2 * text.size(); }

// One tenant's data at one moment, which may come as late as the end of the first question. Each of
// the questions may be told ResourceExhausted: running queries keep too much memory.
// Threads: thread-safe.
class Snapshot {
 public:
  virtual ~Snapshot() = default;

  // The streams that satisfy every matcher and may have rows in `range`, and where those rows lie.
  // No matchers: every stream. What the selection holds, and what finding copies of rows takes, is
  // taken from `memory`, which must outlive the selection, or be null; ResourceExhausted: it has
  // not so much.
  virtual StatusOr<std::unique_ptr<Selection>> Select(std::span<const Matcher> matchers,
                                                      TimeRange range, const StopToken* stop,
                                                      MemoryBudget* memory) const = 0;
  StatusOr<std::unique_ptr<Selection>> Select(std::span<const Matcher> matchers, TimeRange range,
                                              const StopToken* stop) const {
    return Select(matchers, range, stop, nullptr);
  }

  // The same streams, from the label index alone. The answer is charged to `charge`, whose owner
  // keeps it as long as the answer; ResourceExhausted: its budget has not so much.
  virtual StatusOr<std::vector<StreamPtr>> Streams(std::span<const Matcher> matchers,
                                                   TimeRange range, const StopToken* stop,
                                                   MemoryCharge* charge) const = 0;
  StatusOr<std::vector<StreamPtr>> Streams(std::span<const Matcher> matchers, TimeRange range,
                                           const StopToken* stop) const {
    MemoryCharge nothing(nullptr);
    return Streams(matchers, range, stop, &nothing);
  }

  // Sorted names of labels (values of one label) of the streams as Select finds them; charged as
  // streams are.
  virtual StatusOr<std::vector<std::string>> LabelNames(std::span<const Matcher> matchers,
                                                        TimeRange range, const StopToken* stop,
                                                        MemoryCharge* charge) const = 0;
  StatusOr<std::vector<std::string>> LabelNames(std::span<const Matcher> matchers, TimeRange range,
                                                const StopToken* stop) const {
    MemoryCharge nothing(nullptr);
    return LabelNames(matchers, range, stop, &nothing);
  }
  virtual StatusOr<std::vector<std::string>> LabelValues(std::string_view name,
                                                         std::span<const Matcher> matchers,
                                                         TimeRange range, const StopToken* stop,
                                                         MemoryCharge* charge) const = 0;
  StatusOr<std::vector<std::string>> LabelValues(std::string_view name,
                                                 std::span<const Matcher> matchers, TimeRange range,
                                                 const StopToken* stop) const {
    MemoryCharge nothing(nullptr);
    return LabelValues(name, matchers, range, stop, &nothing);
  }
};

// Threads: thread-safe.
class Reader {
 public:
  virtual ~Reader() = default;
  // The tenant as it is now; empty for an unknown tenant. Never null.
  virtual std::shared_ptr<const Snapshot> GetSnapshot(std::string_view tenant) = 0;
  // The same of several tenants, for one query.
  virtual std::vector<std::shared_ptr<const Snapshot>> GetSnapshots(
      std::span<const std::string_view> tenants);
};

}  // namespace skald::storage
