// labels, label/{name}/values, and their legacy forms.
#include <string>
#include <vector>

#include "server/api/endpoints.h"
#include "server/api/json_response.h"
#include "server/api/selector.h"
#include "server/http/json_writer.h"

namespace skald::api {
namespace {

StatusOr<std::vector<std::string>> FindNames(const ApiContext& api, const Call& call,
                                             MemoryCharge* charge) {
  ASSIGN_OR_RETURN(const StreamsRequest request,
                   ParseStreamsRequest(api, call, QueryParameter::kOptional));
  return request.snapshot->LabelNames(request.matchers, request.closed_range(), call.stop, charge);
}

StatusOr<std::vector<std::string>> FindValues(const ApiContext& api, const Call& call,
                                              MemoryCharge* charge) {
  ASSIGN_OR_RETURN(const StreamsRequest request,
                   ParseStreamsRequest(api, call, QueryParameter::kOptional));
  return request.snapshot->LabelValues(call.path_value, request.matchers, request.closed_range(),
                                       call.stop, charge);
}

void WriteList(const std::vector<std::string>& list, http::JsonWriter* json) {
  json->BeginArray();
  for (const std::string& item : list) json->String(item);
  json->EndArray();
}

// Without `data` when there is nothing.
Reply ListReply(const Call& call, const StatusOr<std::vector<std::string>>& list) {
  if (!list.ok()) return list.status();
  http::Text text(call.memory);
  http::JsonWriter json(&text);
  json.BeginObject();
  json.Key("status");
  json.String("success");
  if (!list->empty()) {
    json.Key("data");
    WriteList(*list, &json);
  }
  json.EndObject();
  text.Append("\n");
  return TextResponse(kQueryJson, std::move(text));
}

Reply LegacyListReply(const Call& call, const StatusOr<std::vector<std::string>>& list) {
  if (!list.ok()) return list.status();
  http::Text text(call.memory);
  http::JsonWriter json(&text);
  json.BeginObject();
  if (!list->empty()) {
    json.Key("values");
    WriteList(*list, &json);
  }
  json.EndObject();
  text.Append("\n");
  return TextResponse(kQueryJson, std::move(text));
}

}  // namespace

Reply Labels(const ApiContext& api, const Call& call) {
  MemoryCharge charge(call.memory);
  return ListReply(call, FindNames(api, call, &charge));
}

Reply LabelValues(const ApiContext& api, const Call& call) {
  MemoryCharge charge(call.memory);
  return ListReply(call, FindValues(api, call, &charge));
}

Reply LegacyLabels(const ApiContext& api, const Call& call) {
  MemoryCharge charge(call.memory);
  return LegacyListReply(call, FindNames(api, call, &charge));
}

Reply LegacyLabelValues(const ApiContext& api, const Call& call) {
  MemoryCharge charge(call.memory);
  return LegacyListReply(call, FindValues(api, call, &charge));
}

}  // namespace skald::api
