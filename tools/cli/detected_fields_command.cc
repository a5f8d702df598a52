#include <algorithm>

#include "absl/strings/str_join.h"
#include "storage/base/duration.h"
#include "tools/cli/commands.h"
#include "tools/cli/json_document.h"
#include "tools/cli/loki_client.h"
#include "tools/cli/output.h"
#include "tools/cli/time_text.h"

namespace skald::cli {
namespace {

StatusOr<std::string> Fetch(const Options& options) {
  ASSIGN_OR_RETURN(TimeSpan span, SpanOf(options.range, WallClock()));
  std::string path = "/loki/api/v1/detected_fields";
  if (!options.name.empty()) {
    path = StrCat("/loki/api/v1/detected_field/", EscapePathSegment(options.name), "/values");
  }
  LokiClient client(options);
  return client.Get(path,
                    {{"query", options.query},
                     {"limit", StrCat(options.limit.value_or(100))},
                     {"line_limit", StrCat(options.line_limit)},
                     {"start", StrCat(span.start)},
                     {"end", StrCat(span.end)},
                     {"step", FormatGoDuration(options.step.value_or(std::chrono::seconds(10)))}});
}

std::vector<std::string> FieldLines(simdjson::dom::element root) {
  std::vector<std::pair<std::string, std::string>> fields;  // label, line
  for (auto field : ArrayAt(root, "fields")) {
    std::string label(TextOf(field["label"]));
    std::string line = StrCat("label: ", label, "\t\ttype: ", TextOf(field["type"]),
                              "\t\tcardinality: ", IntegerOf(field["cardinality"]));
    fields.emplace_back(std::move(label), std::move(line));
  }
  std::sort(fields.begin(), fields.end());
  std::vector<std::string> lines;
  for (auto& field : fields) lines.push_back(std::move(field.second));
  return lines;
}

}  // namespace

Status RunDetectedFields(const Options& options) {
  auto body = Fetch(options);
  if (!body.ok()) return Annotate(body.status(), "Error doing request");
  JsonDocument document;
  auto root = document.Parse(*body);
  if (!root.ok()) return Annotate(root.status(), "Error doing request");
  if (options.print.mode == OutputMode::kRaw) {
    return StandardOutput().Write(StrCat(simdjson::minify(*root), "\n"));
  }
  std::vector<std::string> lines;
  if (options.name.empty()) {
    lines = FieldLines(*root);
  } else {
    for (auto value : ArrayAt(*root, "values")) lines.emplace_back(TextOf(value));
    std::sort(lines.begin(), lines.end());
  }
  return StandardOutput().Write(StrCat(absl::StrJoin(lines, "\n"), "\n"));
}

}  // namespace skald::cli
