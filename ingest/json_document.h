// What the JSON decoders share of simdjson: opening a body as a document, and errors.
//
// Heavy to include: for the decoders' sources only.
#pragma once

#include <simdjson.h>

#include <string_view>

#include "ingest/body_buffer.h"
#include "storage/base/memory_budget.h"
#include "storage/base/status.h"

namespace skald::ingest {

// A parser with its working memory. Threads: externally synchronised.
class JsonDocument {
 public:
  // Indexes the JSON text in `body` (which gets its padding) and opens it. The working memory,
  // about six bytes for each of the text, is charged to `memory`. Views into strings live until
  // the next call. `error` says why simdjson refused the text, if it did.
  Status Open(BodyBuffer* body, Reservation* memory, simdjson::error_code* error);

  simdjson::ondemand::document& root() { return document_; }

  // Gives back a large working memory.
  void Shrink();

 private:
  simdjson::ondemand::parser parser_;
  simdjson::ondemand::document document_;
};

// InvalidArgument for a text that simdjson refused.
Status JsonError(simdjson::error_code error);

// True for errors that RepairJsonText may cure.
bool MayBeRepaired(simdjson::error_code error);

}  // namespace skald::ingest
