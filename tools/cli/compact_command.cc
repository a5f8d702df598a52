#include <algorithm>
#include <chrono>
#include <thread>

#include "storage/base/byte_size.h"
#include "tools/cli/chatter.h"
#include "tools/cli/commands.h"
#include "tools/cli/json_document.h"
#include "tools/cli/loki_client.h"
#include "tools/cli/output.h"

namespace skald::cli {
namespace {

constexpr std::string_view kPath = "/skald/api/v1/compact";
constexpr auto kPollInterval = std::chrono::milliseconds(500);

// How a run goes, or how the last one ended.
struct CompactionState {
  bool running = false;
  std::string error;
  int64_t parts = 0;
  int64_t merges = 0;
  uint64_t input_bytes = 0;
  uint64_t output_bytes = 0;
};

StatusOr<CompactionState> FetchState(LokiClient* client) {
  ASSIGN_OR_RETURN(std::string body, client->Get(kPath, {}));
  JsonDocument document;
  ASSIGN_OR_RETURN(simdjson::dom::element root, document.Parse(body));
  CompactionState state;
  state.running = TextOf(root["status"]) == "running";
  state.error = TextOf(root["error"]);
  state.parts = IntegerOf(root["parts"]);
  state.merges = IntegerOf(root["merges"]);
  state.input_bytes = static_cast<uint64_t>(std::max<int64_t>(IntegerOf(root["input_bytes"]), 0));
  state.output_bytes = static_cast<uint64_t>(std::max<int64_t>(IntegerOf(root["output_bytes"]), 0));
  return state;
}

std::string Describe(const CompactionState& state) {
  return StrCat(state.parts, " parts; ", state.merges, " merges made ",
                FormatHumanizedBytes(state.output_bytes), " of ",
                FormatHumanizedBytes(state.input_bytes));
}

StatusOr<CompactionState> AwaitEnd(LokiClient* client) {
  while (true) {
    ASSIGN_OR_RETURN(CompactionState state, FetchState(client));
    if (!state.running) {
      EndProgress();
      return state;
    }
    ShowProgress(Describe(state));
    std::this_thread::sleep_for(kPollInterval);
  }
}

}  // namespace

Status RunCompact(const Options& options) {
  Options quiet = options;
  quiet.quiet = true;  // the state is asked again and again
  LokiClient client(quiet);
  if (options.full) {
    RETURN_IF_ERROR(client.Request("POST", kPath, {}, "error response from server").status());
  }
  ASSIGN_OR_RETURN(CompactionState state, options.full ? AwaitEnd(&client) : FetchState(&client));
  if (!state.error.empty()) return Unavailable(StrCat("Compaction ended early: ", state.error));
  return StandardOutput().Write(StrCat(state.running ? "running: " : "", Describe(state), "\n"));
}

}  // namespace skald::cli
