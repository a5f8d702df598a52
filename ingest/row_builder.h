// Makes rows of the accepted entries of a push: lines cut to size, metadata canonical, levels
// found.
//
// The one place where entries become rows, for a push that arrives and for one that is replayed:
// the result depends on nothing but the arguments.
#pragma once

#include <span>
#include <vector>

#include "ingest/metadata_names.h"
#include "ingest/push_batch.h"
#include "ingest/settings.h"
#include "ingest/validator.h"
#include "storage/base/arena.h"
#include "storage/base/memory_budget.h"
#include "storage/base/row_set.h"
#include "storage/base/status.h"
#include "storage/model/row.h"

namespace skald::ingest {

// Threads: externally synchronised.
class RowBuilder {
 public:
  // The rows of all entries not in `refused`, by stream in the order pushed, streams without rows
  // left out. They live until the next call and as long as the batch and the streams. Memory is
  // charged to `memory`. REQUIRES: `refused` has every entry that CheckEntries refuses because of
  // its metadata, and every entry of a stream that came to nothing.
  StatusOr<std::span<const StreamRows>> Build(const PushBatch& batch,
                                              const ResolvedStreams& streams, const RowSet& refused,
                                              const IngestSettings& settings, Reservation* memory);

  // Gives back large buffers and the streams.
  void Shrink();

 private:
  // Adds the rows of one stream.
  Status AddRows(const PushBatch& batch, const PushStream& pushed, const ResolvedStream& resolved,
                 const RowSet& refused, const IngestSettings& settings, Reservation* memory);
  Row MakeRow(const PushEntry& entry, std::span<const LabelView> metadata,
              std::string_view stream_level, const IngestSettings& settings);
  // The line within `limits`: cut, with the identifier at its end, when it is too long.
  std::string_view CutLine(std::string_view line, const IngestLimits& limits);
  // Splits a level that was pushed as metadata off the rest.
  std::span<const LabelView> WithoutLevel(std::span<const LabelView> metadata,
                                          std::string_view* level);

  std::vector<Row> rows_;
  std::vector<StreamRows> streams_;
  MetadataCanonicalizer canonicalizer_;
  Arena arena_;
};

}  // namespace skald::ingest
