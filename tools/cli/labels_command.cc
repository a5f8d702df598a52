#include "tools/cli/commands.h"
#include "tools/cli/json_document.h"
#include "tools/cli/loki_client.h"
#include "tools/cli/output.h"
#include "tools/cli/time_text.h"

namespace skald::cli {

Status RunLabels(const Options& options) {
  ASSIGN_OR_RETURN(TimeSpan span, SpanOf(options.range, WallClock()));
  std::string path = "/loki/api/v1/labels";
  if (!options.name.empty()) {
    path = StrCat("/loki/api/v1/label/", EscapePathSegment(options.name), "/values");
  }
  LokiClient client(options);
  auto body = client.Get(path, {{"start", StrCat(span.start)}, {"end", StrCat(span.end)}});
  if (!body.ok()) return Annotate(body.status(), "Error doing request");
  JsonDocument document;
  auto root = document.Parse(*body);
  if (!root.ok()) return Annotate(root.status(), "Error doing request");
  std::string text;
  for (auto value : ArrayAt(*root, "data")) StrAppend(&text, TextOf(value), "\n");
  return StandardOutput().Write(text);
}

}  // namespace skald::cli
