// Decodes logged pushes at start: the other end of what Distributor hands to the log.
#pragma once

#include <memory>
#include <string_view>

#include "ingest/push_batch.h"
#include "ingest/push_decoder.h"
#include "ingest/row_builder.h"
#include "ingest/settings.h"
#include "ingest/stream_cache.h"
#include "storage/base/row_set.h"
#include "storage/base/status.h"
#include "storage/base/strings.h"
#include "storage/writer.h"

namespace skald::ingest {

// Takes the same way from body to rows as Distributor, under the recorded settings, and leaves out
// the recorded rejections instead of validating: the clock and today's limits have no say.
//
// Threads: one.
class PushRecordDecoder : public storage::RecordDecoder {
 public:
  PushRecordDecoder();

  // DataLoss when the record cannot be decoded.
  Status Decode(const storage::PushRecord& record,
                absl::FunctionRef<void(std::span<const StreamRows>)> sink) override;

 private:
  Status DecodeRows(const storage::PushRecord& record, std::span<const StreamRows>* rows);
  Status UseSettings(std::string_view serialized);
  Status ResolveStreams(const RowSet& refused);

  // By their serialized form: tenants with limits of their own take turns in the log.
  StringMap<std::shared_ptr<const IngestSettings>> known_settings_;
  std::shared_ptr<const IngestSettings> settings_;
  StreamCache cache_;
  // What a stream comes to of which nothing was stored.
  const std::shared_ptr<const ResolvedStream> nothing_ = std::make_shared<ResolvedStream>();
  PushDecoder decoder_;
  PushBatch batch_;
  ResolvedStreams streams_;
  RowBuilder rows_;
  Reservation memory_;
};

}  // namespace skald::ingest
