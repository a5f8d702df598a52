// From the label text of a push to a stream: parsing, discovery of service_name, label checks.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "ingest/refusal.h"
#include "ingest/settings.h"
#include "storage/base/status.h"
#include "storage/model/stream.h"

namespace skald::ingest {

// Why all entries of a stream are refused.
struct StreamRefusal {
  RefusalReason reason;
  std::string message;
};

// What a label text comes to. Threads: immutable.
struct ResolvedStream {
  Status parse_error;                            // not OK: the whole push is refused
  std::unique_ptr<const StreamRefusal> refusal;  // not null: the stream is refused
  StreamPtr stream;                              // null after a parse error
  std::string_view level;     // given by a label; points into `stream` or is static
  uint16_t stream_class = 0;  // IngestSettings::ClassOf(labels)

  // Bytes that this holds, roughly, those of its allocations included.
  size_t SizeEstimate() const;
};

// `tenant` appears in messages only.
std::shared_ptr<const ResolvedStream> ResolveStream(std::string_view label_text,
                                                    std::string_view tenant,
                                                    const IngestSettings& settings);

}  // namespace skald::ingest
