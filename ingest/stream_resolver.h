// From the label text of a push to a stream: parsing, discovery of service_name, label checks.
#pragma once

#include <cstdint>
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

// Parsing a text and judging its labels takes at most so many bytes for each of its own.
inline constexpr uint64_t kParsingBytesPerByte = 64;

// `tenant` appears in messages only.
std::shared_ptr<const ResolvedStream> ResolveStream(std::string_view label_text,
                                                    std::string_view tenant,
                                                    const IngestSettings& settings);

// The size of label text past which it is refused unread: labels within the limits take less,
// however their values are escaped, unless there are very many without a value, which do not count,
// or spaces. At least 64 KiB, so that texts of ordinary size are refused with Loki's words.
uint64_t LongestLabelText(const IngestLimits& limits);

// What a text longer than that comes to: a stream that is refused.
std::shared_ptr<const ResolvedStream> RefuseLongText(std::string_view label_text,
                                                     const IngestSettings& settings);

}  // namespace skald::ingest
