// log_level: shows and sets how much the process logs.
#include "server/api/endpoints.h"
#include "server/api/json_response.h"
#include "server/http/json_writer.h"
#include "storage/base/go_quote.h"
#include "storage/base/log.h"

namespace skald::api {
namespace {

constexpr std::pair<std::string_view, LogLevel> kLevels[] = {{"debug", LogLevel::kDebug},
                                                             {"info", LogLevel::kInfo},
                                                             {"warn", LogLevel::kWarn},
                                                             {"error", LogLevel::kError}};

http::Response MessageResponse(int status, std::string_view state, std::string_view message) {
  http::Text text;
  http::JsonWriter json(&text);
  json.BeginObject();
  if (!state.empty()) {
    json.Key("status");
    json.String(state);
  }
  json.Key("message");
  json.String(message, http::JsonEscape::kHtml);
  json.EndObject();
  text.Append("\n");
  http::Response response = TextResponse(kStatusJson, std::move(text));
  response.status = status;
  return response;
}

}  // namespace

Reply LogLevelPage(const ApiContext&, const Call& call) {
  if (call.request.method == "GET") {
    for (const auto& [name, level] : kLevels) {
      if (level != GetLogLevel()) continue;
      return MessageResponse(200, "", StrCat("Current log level is ", name));
    }
  }
  const std::string_view asked = call.form.Get("log_level");
  for (const auto& [name, level] : kLevels) {
    if (name != asked) continue;
    SetLogLevel(level);
    return MessageResponse(200, "success", StrCat("Log level set to ", name));
  }
  return MessageResponse(400, "failed", StrCat("unrecognized log level ", GoQuote(asked)));
}

}  // namespace skald::api
