// compact: has all parts merged as far as they can be, in the background, and tells how that goes.
#include "server/api/endpoints.h"
#include "server/api/json_response.h"
#include "server/http/json_writer.h"

namespace skald::api {
namespace {

http::Text Progress(const storage::EngineStats& stats) {
  http::Text text;
  http::JsonWriter json(&text);
  const auto number = [&json](std::string_view name, uint64_t value) {
    json.Key(name);
    json.Unsigned(value);
  };
  json.BeginObject();
  json.Key("status");
  json.String(stats.full_compaction_running ? "running" : "idle");
  if (!stats.full_compaction_error.empty()) {
    json.Key("error");
    json.String(stats.full_compaction_error);
  }
  number("parts", stats.parts);
  number("merges", stats.compactions);
  number("failures", stats.compaction_failures);
  number("input_bytes", stats.compaction_input_bytes);
  number("output_bytes", stats.compaction_output_bytes);
  json.Key("merge");
  json.BeginObject();
  number("blocks", stats.compaction_blocks);
  number("blocks_read", stats.compaction_blocks_read);
  json.EndObject();
  json.EndObject();
  text.Append("\n");
  return text;
}

}  // namespace

Reply Compact(const ApiContext& api, const Call& call) {
  if (api.readiness == Readiness::kStarting) return Unavailable("the server is starting");
  const bool start = call.request.method == "POST";
  if (start) {
    RETURN_IF_ERROR(api.engine->Flush());
    api.engine->StartCompaction();
  }
  http::Response response = TextResponse(kStatusJson, Progress(api.engine->Stats()));
  response.status = start ? 202 : 200;
  return response;
}

}  // namespace skald::api
