#include "storage/base/byte_size.h"
#include "tools/cli/commands.h"
#include "tools/cli/json_document.h"
#include "tools/cli/loki_client.h"
#include "tools/cli/output.h"
#include "tools/cli/time_text.h"

namespace skald::cli {

Status RunStats(const Options& options) {
  ASSIGN_OR_RETURN(TimeSpan span, SpanOf(options.range, WallClock()));
  LokiClient client(options);
  auto body = client.Get(
      "/loki/api/v1/index/stats",
      {{"query", options.query}, {"start", StrCat(span.start)}, {"end", StrCat(span.end)}});
  if (!body.ok()) return Annotate(body.status(), "Error doing request");
  JsonDocument document;
  auto root = document.Parse(*body);
  if (!root.ok()) return Annotate(root.status(), "Error doing request");
  std::string bytes = FormatHumanizedBytes(
      static_cast<uint64_t>(std::max<int64_t>(IntegerOf((*root)["bytes"]), 0)));
  std::erase(bytes, ' ');
  return StandardOutput().Write(StrCat("{\n  bytes: ", bytes,
                                       "\n  chunks: ", IntegerOf((*root)["chunks"]),
                                       "\n  streams: ", IntegerOf((*root)["streams"]),
                                       "\n  entries: ", IntegerOf((*root)["entries"]), "\n}\n"));
}

}  // namespace skald::cli
