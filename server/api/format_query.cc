// format_query: a query in its pretty form.
#include "query/syntax/parser.h"
#include "query/syntax/printer.h"
#include "server/api/endpoints.h"
#include "server/api/json_response.h"
#include "server/http/json_writer.h"

namespace skald::api {

Reply FormatQuery(const ApiContext&, const Call& call) {
  const auto query = query::ParseQuery(call.form.Get("query"));
  http::Text text;
  http::JsonWriter json(&text);
  json.BeginObject();
  json.Key("status");
  json.String(query.ok() ? "success" : "invalid-query");
  json.Key(query.ok() ? "data" : "error");
  json.String(query.ok() ? query::PrettyPrint(*query) : Message(query.status()),
              http::JsonEscape::kHtml);
  json.EndObject();
  text.Append("\n");
  http::Response response = TextResponse(kStatusJson, std::move(text));
  response.status = query.ok() ? 200 : 400;
  return response;
}

}  // namespace skald::api
