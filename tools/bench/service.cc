#include "tools/bench/service.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "absl/strings/numbers.h"
#include "storage/base/strings.h"

namespace skald::bench {
namespace {

std::string_view TakeWord(std::string_view* text) {
  const size_t end = std::min(text->find(' '), text->size());
  const std::string_view word = text->substr(0, end);
  text->remove_prefix(end);
  text->remove_prefix(std::min(text->find_first_not_of(' '), text->size()));
  return word;
}

Status ParseLabels(std::string_view rest, Service* service) {
  while (!rest.empty()) {
    const std::string_view pair = TakeWord(&rest);
    const size_t equals = pair.find('=');
    if (equals == std::string_view::npos) return InvalidArgument("a label without a value");
    service->labels.emplace_back(pair.substr(0, equals), pair.substr(equals + 1));
  }
  return absl::OkStatus();
}

Status ParseNumber(std::string_view text, uint64_t* number) {
  if (absl::SimpleAtoi(ToAbsl(text), number) && *number > 0) return absl::OkStatus();
  return InvalidArgument("not a positive number");
}

Status ParseLine(std::string_view line, Service* service) {
  const std::string_view keyword = TakeWord(&line);
  if (keyword == "service") {
    service->name = std::string(line);
    return absl::OkStatus();
  }
  if (keyword == "labels") return ParseLabels(line, service);
  if (keyword == "pods") return ParseNumber(line, &service->pods);
  if (keyword == "weight") return ParseNumber(line, &service->weight);
  if (keyword == "metadata") {
    const std::string_view name = TakeWord(&line);
    ASSIGN_OR_RETURN(LineTemplate value, LineTemplate::Parse(line));
    service->metadata.emplace_back(name, std::move(value));
    return absl::OkStatus();
  }
  if (keyword != "line") return InvalidArgument("unknown keyword");
  uint64_t weight = 0;
  RETURN_IF_ERROR(ParseNumber(TakeWord(&line), &weight));
  ASSIGN_OR_RETURN(LineTemplate text, LineTemplate::Parse(line));
  service->lines.emplace_back(weight, std::move(text));
  return absl::OkStatus();
}

}  // namespace

StatusOr<Service> ParseService(std::string_view text) {
  Service service;
  size_t number = 0;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    ++number;
    if (line.empty() || line.starts_with('#')) continue;
    RETURN_IF_ERROR(Annotate(ParseLine(line, &service), StrCat("line ", number)));
  }
  if (service.name.empty() || service.lines.empty()) {
    return InvalidArgument("a service needs a name and a line");
  }
  return service;
}

StatusOr<std::vector<Service>> LoadServices(const std::string& directory) {
  std::vector<std::string> paths;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(directory, error)) {
    if (entry.path().extension() == ".service") paths.push_back(entry.path().string());
  }
  if (paths.empty()) return NotFound(StrCat("no *.service in ", directory));
  std::sort(paths.begin(), paths.end());
  std::vector<Service> services;
  for (const std::string& path : paths) {
    std::ifstream file(path);
    std::stringstream text;
    text << file.rdbuf();
    StatusOr<Service> service = ParseService(text.str());
    if (!service.ok()) return Annotate(service.status(), path);
    services.push_back(*std::move(service));
  }
  return services;
}

}  // namespace skald::bench
