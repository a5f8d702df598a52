#include "tools/cli/json_document.h"

namespace skald::cli {
namespace {

using simdjson::dom::element;

// What an absent array or object reads as. simdjson's own empty values cannot be iterated.
element EmptyOf(std::string_view text) {
  thread_local simdjson::dom::parser array_parser;
  thread_local simdjson::dom::parser object_parser;
  auto& parser = text == "[]" ? array_parser : object_parser;
  return parser.parse(text.data(), text.size()).value_unsafe();
}

}  // namespace

StatusOr<element> JsonDocument::Parse(std::string_view text) {
  element root;
  auto error = parser_.parse(text.data(), text.size()).get(root);
  if (error != simdjson::SUCCESS) {
    return InvalidArgument(StrCat("the answer is no JSON: ", simdjson::error_message(error)));
  }
  return root;
}

std::string_view TextOf(element value) {
  std::string_view text;
  return value.get(text) == simdjson::SUCCESS ? text : std::string_view();
}

std::string_view TextOf(simdjson::simdjson_result<element> value) {
  return value.error() == simdjson::SUCCESS ? TextOf(value.value_unsafe()) : std::string_view();
}

double NumberOf(element value) {
  double number = 0;
  if (value.get(number) == simdjson::SUCCESS) return number;
  bool flag = false;
  return value.get(flag) == simdjson::SUCCESS && flag ? 1 : 0;
}

double NumberOf(simdjson::simdjson_result<element> value) {
  return value.error() == simdjson::SUCCESS ? NumberOf(value.value_unsafe()) : 0;
}

int64_t IntegerOf(simdjson::simdjson_result<element> value) {
  int64_t number = 0;
  if (value.get(number) == simdjson::SUCCESS) return number;
  double fraction = NumberOf(value);
  return fraction > -9e18 && fraction < 9e18 ? static_cast<int64_t>(fraction) : 0;
}

simdjson::dom::array ArrayAt(element parent, std::string_view key) {
  simdjson::dom::array array;
  if (parent[key].get(array) == simdjson::SUCCESS) return array;
  return EmptyOf("[]").get_array().value_unsafe();
}

simdjson::dom::object ObjectAt(element parent, std::string_view key) {
  simdjson::dom::object object;
  if (parent[key].get(object) == simdjson::SUCCESS) return object;
  return EmptyOf("{}").get_object().value_unsafe();
}

}  // namespace skald::cli
