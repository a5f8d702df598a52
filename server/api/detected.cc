// detected_labels, detected_fields and detected_field/{name}/values, for Logs Drilldown.
#include "query/engine/detected.h"

#include <algorithm>
#include <string>
#include <vector>

#include "query/syntax/parser.h"
#include "server/api/endpoints.h"
#include "server/api/json_response.h"
#include "server/api/selector.h"
#include "server/http/json_writer.h"
#include "storage/base/go_number.h"

namespace skald::api {
namespace {

constexpr uint32_t kDefaultLines = 100;
constexpr uint32_t kDefaultFields = 1000;

// A count parameter under one of two names; `absent` if there is none.
StatusOr<uint32_t> ParseCount(const http::Form& form, std::string_view name, std::string_view alias,
                              uint32_t absent) {
  std::string_view text = form.Get(name);
  if (text.empty()) text = form.Get(alias);
  if (text.empty()) return absent;
  ASSIGN_OR_RETURN(const int64_t count, ParseGoInt(text, "Atoi"));
  if (count <= 0) return InvalidArgument("limit must be a positive value");
  return static_cast<uint32_t>(std::min<int64_t>(count, 1 << 30));
}

struct FieldsRequest {
  query::QueryParams params;
  uint32_t max_fields = kDefaultFields;
};

StatusOr<FieldsRequest> ParseFields(const Call& call) {
  FieldsRequest request;
  ASSIGN_OR_RETURN(const TimeBounds bounds, ParseLimitedRange(call));
  request.params.tenant = call.tenant;
  request.params.start = bounds.start;
  request.params.end = bounds.end;
  request.params.limits = call.settings->limits;
  request.params.stop = call.stop;
  request.params.memory = call.memory;
  ASSIGN_OR_RETURN(request.params.limit,
                   ParseCount(call.form, "line_limit", "line_limit", kDefaultLines));
  ASSIGN_OR_RETURN(request.max_fields,
                   ParseCount(call.form, "limit", "field_limit", kDefaultFields));
  // Fields are not told apart by time; a step must be well-formed all the same.
  RETURN_IF_ERROR(ParseStep(call.form, bounds).status());
  return request;
}

StatusOr<std::vector<query::DetectedField>> FindFields(const ApiContext& api, const Call& call,
                                                       const FieldsRequest& request,
                                                       MemoryCharge* charge) {
  ASSIGN_OR_RETURN(const query::Query query, query::ParseQuery(call.form.Get("query")));
  return query::DetectFields(*api.queries, query, request.params, request.max_fields, charge);
}

void WriteStrings(const std::vector<std::string>& strings, http::JsonWriter* json) {
  json->BeginArray();
  for (const std::string& string : strings) json->String(string, http::JsonEscape::kHtml);
  json->EndArray();
}

void WriteField(const query::DetectedField& field, http::JsonWriter* json) {
  json->BeginObject();
  json->Key("label");
  json->String(field.label);
  json->Key("type");
  json->String(FieldTypeName(field.type));
  json->Key("cardinality");
  json->Unsigned(field.cardinality);
  json->Key("parsers");
  if (field.json || field.logfmt) {
    json->BeginArray();
    if (field.json) json->String("json");
    if (field.logfmt) json->String("logfmt");
    json->EndArray();
  } else {
    json->Null();
  }
  if (!field.json_path.empty()) {
    json->Key("jsonPath");
    WriteStrings(field.json_path, json);
  }
  json->EndObject();
}

http::Response Nothing() { return TextResponse(kQueryJson, "{}\n"); }

http::Response Finish(http::Text text) {
  text.Append("\n");
  return TextResponse(kQueryJson, std::move(text));
}

StatusOr<http::Response> AnswerLabels(const ApiContext& api, const Call& call) {
  ASSIGN_OR_RETURN(const StreamsRequest request,
                   ParseStreamsRequest(api, call, QueryParameter::kOptional));
  MemoryCharge charge(call.memory);
  ASSIGN_OR_RETURN(const auto labels,
                   query::DetectLabels(*request.snapshot, request.matchers, request.closed_range(),
                                       call.stop, &charge));
  if (labels.empty()) return Nothing();
  http::Text text(call.memory);
  http::JsonWriter json(&text);
  json.BeginObject();
  json.Key("detectedLabels");
  json.BeginArray();
  for (const query::DetectedLabel& label : labels) {
    json.BeginObject();
    json.Key("label");
    json.String(label.label);
    json.Key("cardinality");
    json.Unsigned(label.cardinality);
    json.EndObject();
  }
  json.EndArray();
  json.EndObject();
  return Finish(std::move(text));
}

StatusOr<http::Response> AnswerFields(const ApiContext& api, const Call& call) {
  ASSIGN_OR_RETURN(const FieldsRequest request, ParseFields(call));
  MemoryCharge charge(call.memory);
  ASSIGN_OR_RETURN(const auto fields, FindFields(api, call, request, &charge));
  if (fields.empty()) return Nothing();
  http::Text text(call.memory);
  http::JsonWriter json(&text);
  json.BeginObject();
  json.Key("fields");
  json.BeginArray();
  for (const query::DetectedField& field : fields) WriteField(field, &json);
  json.EndArray();
  json.Key("limit");
  json.Unsigned(request.max_fields);
  json.EndObject();
  return Finish(std::move(text));
}

StatusOr<http::Response> AnswerFieldValues(const ApiContext& api, const Call& call) {
  ASSIGN_OR_RETURN(FieldsRequest request, ParseFields(call));
  const uint32_t max_values = request.max_fields;
  request.max_fields = std::numeric_limits<uint32_t>::max();  // the field may be any of them
  MemoryCharge charge(call.memory);
  ASSIGN_OR_RETURN(auto fields, FindFields(api, call, request, &charge));
  const auto field = std::find_if(fields.begin(), fields.end(), [&call](const auto& each) {
    return each.label == call.path_value;
  });
  if (field == fields.end() || field->values.empty()) return Nothing();
  std::vector<std::string> values = std::move(field->values);
  if (values.size() > max_values) values.resize(max_values);
  http::Text text(call.memory);
  http::JsonWriter json(&text);
  json.BeginObject();
  json.Key("limit");
  json.Unsigned(max_values);
  json.Key("values");
  WriteStrings(values, &json);
  json.EndObject();
  return Finish(std::move(text));
}

}  // namespace

Reply DetectedLabels(const ApiContext& api, const Call& call) { return AnswerLabels(api, call); }
Reply DetectedFields(const ApiContext& api, const Call& call) { return AnswerFields(api, call); }
Reply DetectedFieldValues(const ApiContext& api, const Call& call) {
  return AnswerFieldValues(api, call);
}

}  // namespace skald::api
