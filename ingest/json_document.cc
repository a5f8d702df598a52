#include "ingest/json_document.h"

#include "storage/base/units.h"

namespace skald::ingest {
namespace {
constexpr size_t kKeptCapacity = 1_MiB;
// simdjson's string buffer (5/3 of the text) and structural index (4 bytes for each byte).
constexpr uint64_t kWorkingBytesPerByte = 6;
}  // namespace

Status JsonError(simdjson::error_code error) {
  if (error == simdjson::EMPTY) return InvalidArgument("EOF");
  return InvalidArgument(StrCat("invalid JSON: ", simdjson::error_message(error)));
}

bool MayBeRepaired(simdjson::error_code error) {
  return error == simdjson::UTF8_ERROR || error == simdjson::STRING_ERROR;
}

Status JsonDocument::Open(BodyBuffer* body, Reservation* memory, simdjson::error_code* error) {
  const std::string_view text = body->Padded();
  if (text.empty()) return JsonError(simdjson::EMPTY);
  if (text.size() > parser_.capacity()) {
    RETURN_IF_ERROR(memory->Grow(text.size() * kWorkingBytesPerByte));
  }
  const simdjson::padded_string_view padded(text.data(), text.size(), text.size() + kBodyPadding);
  *error = parser_.iterate(padded).get(document_);
  if (*error == simdjson::MEMALLOC) return Exhausted("out of memory for a JSON body");
  return *error == simdjson::SUCCESS ? absl::OkStatus() : JsonError(*error);
}

void JsonDocument::Shrink() {
  if (parser_.capacity() > kKeptCapacity) parser_ = simdjson::ondemand::parser();
}

}  // namespace skald::ingest
