// series: the label sets of streams.
#include <vector>

#include "query/engine/metadata.h"
#include "query/syntax/parser.h"
#include "server/api/endpoints.h"
#include "server/api/json_response.h"
#include "server/api/selector.h"
#include "server/http/json_writer.h"
#include "storage/model/regex_allowance.h"

namespace skald::api {
namespace {

// Together they may be as long as a query, and their regexes cost as much.
StatusOr<std::vector<std::vector<Matcher>>> ParseSelectors(const http::Form& form) {
  const RegexAllowance allowance;
  std::vector<std::vector<Matcher>> selectors;
  size_t bytes = 0;
  for (const std::string_view name : {"match", "match[]"}) {
    for (const std::string_view text : form.GetAll(name)) {
      bytes += text.size();
      if (bytes > query::kMaxQueryBytes) return InvalidArgument("the selectors are too long");
      ASSIGN_OR_RETURN(std::vector<Matcher> matchers, query::ParseMatchers(text));
      selectors.push_back(std::move(matchers));
    }
  }
  return selectors;
}

StatusOr<http::Response> AnswerSeries(const ApiContext& api, const Call& call) {
  ASSIGN_OR_RETURN(const TimeBounds bounds, ParseLimitedRange(call));
  ASSIGN_OR_RETURN(const auto selectors, ParseSelectors(call.form));
  const auto snapshot = api.reader->GetSnapshot(call.tenant);
  MemoryCharge charge(call.memory);
  ASSIGN_OR_RETURN(
      const std::vector<StreamPtr> series,
      query::FindSeries(*snapshot, selectors, ClosedRange(bounds), call.stop, &charge));
  http::Text text(call.memory);
  http::JsonWriter json(&text);
  json.BeginObject();
  json.Key("status");
  json.String("success");
  json.Key("data");
  json.BeginArray();
  for (const StreamPtr& stream : series) {
    json.BeginObject();
    for (size_t i = 0; i < stream->labels.size(); ++i) {
      json.Key(stream->labels[i].name);
      json.String(stream->labels[i].value);
    }
    json.EndObject();
  }
  json.EndArray();
  json.EndObject();
  text.Append("\n");
  return TextResponse(kQueryJson, std::move(text));
}

}  // namespace

Reply Series(const ApiContext& api, const Call& call) { return AnswerSeries(api, call); }

}  // namespace skald::api
