// Judges the entries of a push: time, size and structured metadata against the tenant's limits.
//
// Nothing here is asked again at replay: what is refused is logged as a set of ordinals.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "ingest/push_batch.h"
#include "ingest/refusal.h"
#include "ingest/settings.h"
#include "ingest/stream_resolver.h"
#include "storage/base/row_set.h"

namespace skald::ingest {

using ResolvedStreams = std::vector<std::shared_ptr<const ResolvedStream>>;

// Accepted entries and their bytes.
struct Usage {
  uint64_t lines = 0;
  uint64_t line_bytes = 0;
  uint64_t metadata_bytes = 0;

  uint64_t bytes() const { return line_bytes + metadata_bytes; }
  void Add(const Usage& other) {
    lines += other.lines;
    line_bytes += other.line_bytes;
    metadata_bytes += other.metadata_bytes;
  }
};

// What became of the entries of one class of streams.
struct ClassTally {
  Usage stored;
  DiscardedByReason discarded{};
};

// How many accepted lines are how long: up to 1 byte, 8, 64, and so on to 8^7, and longer.
using LineSizes = std::array<uint32_t, 9>;

// The outcome of checking one push; reused from push to push.
struct Verdict {
  RowSet refused;              // over the entries of the batch
  std::vector<Usage> streams;  // what was accepted, per stream of the batch
  Usage total;
  std::vector<uint16_t> classes;             // of the streams of the batch
  std::vector<DiscardedByReason> discarded;  // by class
  RefusalSummary errors;
  int64_t newest = kNoTimestamp;  // of the accepted entries
  LineSizes line_sizes;

  // Makes this the verdict of a push of which nothing is accepted or refused yet.
  void Reset(const PushBatch& batch, const ResolvedStreams& resolved,
             const IngestSettings& settings);
  // Gives back large buffers.
  void Shrink();
  // What was stored and what refused, by class, once everything is judged.
  std::vector<ClassTally> Tallies() const;
  // Refuses what was accepted of one stream so far, or all of it.
  void RefuseStream(const PushBatch& batch, size_t stream, RefusalReason reason);
};

// Refuses the streams whose labels are refused. `streams` has what each stream of the batch came
// to, without parse errors; `verdict` must be fresh.
void RefuseStreams(const PushBatch& batch, const ResolvedStreams& streams, Verdict* verdict);

// Refuses the streams of classes that are blocked at wall time `now`; the class of the first one,
// null if there is none.
const ClassLimits* RefuseBlockedClasses(const PushBatch& batch, const ResolvedStreams& streams,
                                        const IngestSettings& settings, int64_t now,
                                        Verdict* verdict);

// Checks the entries of all other streams at wall time `now`.
void CheckEntries(const PushBatch& batch, const ResolvedStreams& streams,
                  const IngestSettings& settings, int64_t now, Verdict* verdict);

}  // namespace skald::ingest
