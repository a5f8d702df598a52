// Decodes OpenTelemetry's ExportLogsServiceRequest into a push: promoted attributes become labels,
// the others structured metadata, the body the line.
#pragma once

#include <cstdint>
#include <string_view>

#include "ingest/otlp_mapping.h"
#include "ingest/push_batch.h"
#include "storage/base/status.h"

namespace skald::ingest {

// Fills `batch` with views into `message` (the protobuf form) and texts of its own. A record
// without any time gets `receive_time`. InvalidArgument for what is not such a message, and for
// attribute names that cannot be made label names.
Status DecodeOtlp(std::string_view message, const OtlpMapping& mapping, int64_t receive_time,
                  PushBatch* batch);

}  // namespace skald::ingest
