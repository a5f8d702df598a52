// skald-bench: makes push bodies and sends them to a server. run.py does the rest of the benchmark,
// tests/e2e/soak_test.py that of the soak.
#include <curl/curl.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_format.h"
#include "storage/base/strings.h"
#include "tools/bench/corpus_file.h"
#include "tools/bench/corpus_generator.h"
#include "tools/bench/load_generator.h"
#include "tools/bench/service.h"
#include "tools/bench/steady_load.h"

namespace {

using namespace skald;
using namespace skald::bench;

constexpr std::string_view kUsage =
    "usage: skald-bench generate --services=DIRECTORY --output=FILE [--megabytes=1000]\n"
    "         [--end=UNIX_SECONDS] [--span=SECONDS] [--encoding=protobuf|json|gzip] [--seed=N]\n"
    "         [--body-bytes=N] [--nodes=N]\n"
    "       skald-bench load --corpus=FILE --url=URL [--connections=4] [--tenant=ID]\n"
    "         [--megabytes-per-second=N]\n"
    "       skald-bench steady --services=DIRECTORY --url=URL [--seconds=60] [--tenant=ID]\n"
    "         [--megabytes-per-second=20] [--connections=4] [--resend-percent=0]\n"
    "         [--encoding=protobuf|json|gzip] [--seed=N] [--body-bytes=N] [--nodes=N]\n"
    "         [--replies=FILE]\n"
    "\n"
    "Each prints one JSON object about what it did. FILE gets a line for every push that was "
    "taken:\n"
    "when it began, in seconds since 1970, and the milliseconds until its reply.\n";

// `--name=value` arguments.
using Flags = std::map<std::string, std::string, std::less<>>;

StatusOr<Flags> ParseFlags(const std::vector<std::string>& words) {
  Flags flags;
  for (const std::string& word : words) {
    const size_t equals = word.find('=');
    if (!word.starts_with("--") || equals == std::string::npos) {
      return InvalidArgument(StrCat("not a flag with a value: ", word));
    }
    flags[word.substr(2, equals - 2)] = word.substr(equals + 1);
  }
  return flags;
}

std::string Take(Flags* flags, std::string_view name, std::string fallback = "") {
  const auto found = flags->find(name);
  if (found == flags->end()) return fallback;
  std::string value = std::move(found->second);
  flags->erase(found);
  return value;
}

StatusOr<int64_t> TakeNumber(Flags* flags, std::string_view name, int64_t fallback) {
  const std::string text = Take(flags, name, StrCat(fallback));
  int64_t number = 0;
  if (!absl::SimpleAtoi(text, &number) || number < 0) {
    return InvalidArgument(StrCat("--", name, " takes a number, not ", text));
  }
  return number;
}

Status CheckNoneLeft(const Flags& flags) {
  if (flags.empty()) return absl::OkStatus();
  return InvalidArgument(StrCat("unknown flag --", flags.begin()->first));
}

StatusOr<BodyOptions> TakeBodyOptions(Flags* flags) {
  BodyOptions options;
  ASSIGN_OR_RETURN(options.encoding, ParseBodyEncoding(Take(flags, "encoding", "protobuf")));
  ASSIGN_OR_RETURN(const int64_t seed, TakeNumber(flags, "seed", 1));
  ASSIGN_OR_RETURN(const int64_t body, TakeNumber(flags, "body-bytes", 1'000'000));
  ASSIGN_OR_RETURN(const int64_t nodes, TakeNumber(flags, "nodes", 8));
  options.seed = static_cast<uint64_t>(seed);
  options.body_bytes = static_cast<uint64_t>(std::max<int64_t>(1, body));
  options.nodes = static_cast<uint64_t>(std::max<int64_t>(1, nodes));
  return options;
}

Status Generate(Flags flags) {
  constexpr int64_t kSecond = 1'000'000'000;
  const int64_t now = std::chrono::duration_cast<std::chrono::seconds>(
                          std::chrono::system_clock::now().time_since_epoch())
                          .count();
  const std::string directory = Take(&flags, "services");
  const std::string output = Take(&flags, "output");
  CorpusOptions options;
  ASSIGN_OR_RETURN(options.bodies, TakeBodyOptions(&flags));
  ASSIGN_OR_RETURN(const int64_t megabytes, TakeNumber(&flags, "megabytes", 1000));
  ASSIGN_OR_RETURN(const int64_t end, TakeNumber(&flags, "end", now));
  ASSIGN_OR_RETURN(const int64_t span, TakeNumber(&flags, "span", 6 * 3600));
  RETURN_IF_ERROR(CheckNoneLeft(flags));
  options.line_bytes = static_cast<uint64_t>(megabytes) * 1'000'000;
  options.end = end * kSecond;
  options.span = span * kSecond;
  ASSIGN_OR_RETURN(const std::vector<Service> services, LoadServices(directory));
  ASSIGN_OR_RETURN(const CorpusSummary summary, GenerateCorpus(services, options, output));
  absl::PrintF(
      "{\"lines\": %d, \"line_bytes\": %d, \"streams\": %d, \"bodies\": %d, \"start\": %d, "
      "\"end\": %d, \"trace\": \"%s\"}\n",
      summary.lines, summary.line_bytes, summary.streams, summary.bodies, summary.start,
      summary.end, summary.trace);
  return absl::OkStatus();
}

void Print(const LoadResult& result) {
  std::string statuses;
  for (const auto& [status, count] : result.statuses) {
    StrAppend(&statuses, statuses.empty() ? "" : ", ", "\"", status, "\": ", count);
  }
  absl::PrintF(
      "{\"seconds\": %.3f, \"lines\": %d, \"line_bytes\": %d, \"statuses\": {%s}, "
      "\"repeated\": %d, \"resent\": %d, \"p50_ms\": %.2f, \"p90_ms\": %.2f, \"p99_ms\": %.2f, "
      "\"max_ms\": %.2f}\n",
      result.seconds, result.lines, result.line_bytes, statuses, result.repeated, result.resent,
      result.p50, result.p90, result.p99, result.max);
}

Status LoadCorpus(Flags flags) {
  const std::string path = Take(&flags, "corpus");
  LoadOptions options;
  options.target.url = Take(&flags, "url");
  options.target.tenant = Take(&flags, "tenant");
  ASSIGN_OR_RETURN(const int64_t connections, TakeNumber(&flags, "connections", 4));
  ASSIGN_OR_RETURN(const int64_t rate, TakeNumber(&flags, "megabytes-per-second", 0));
  RETURN_IF_ERROR(CheckNoneLeft(flags));
  options.connections = static_cast<uint32_t>(std::max<int64_t>(1, connections));
  options.line_bytes_per_second = static_cast<double>(rate) * 1e6;
  ASSIGN_OR_RETURN(const Corpus corpus, ReadCorpus(path));
  options.target.encoding = corpus.encoding;
  ASSIGN_OR_RETURN(const LoadResult result, RunLoad(corpus, options));
  Print(result);
  return absl::OkStatus();
}

Status WriteReplies(const std::string& path, const std::vector<PushReply>& replies) {
  std::string text;
  for (const PushReply& reply : replies) {
    absl::StrAppendFormat(&text, "%.3f %.2f\n", reply.began, reply.milliseconds);
  }
  std::ofstream file(path);
  file << text << std::flush;
  return file.good() ? absl::OkStatus() : Unavailable(StrCat("cannot write ", path));
}

Status LoadSteadily(Flags flags) {
  const std::string directory = Take(&flags, "services");
  const std::string replies = Take(&flags, "replies");
  SteadyLoadOptions options;
  options.target.url = Take(&flags, "url");
  options.target.tenant = Take(&flags, "tenant");
  ASSIGN_OR_RETURN(options.bodies, TakeBodyOptions(&flags));
  ASSIGN_OR_RETURN(const int64_t connections, TakeNumber(&flags, "connections", 4));
  ASSIGN_OR_RETURN(const int64_t rate, TakeNumber(&flags, "megabytes-per-second", 20));
  ASSIGN_OR_RETURN(const int64_t seconds, TakeNumber(&flags, "seconds", 60));
  ASSIGN_OR_RETURN(const int64_t resend, TakeNumber(&flags, "resend-percent", 0));
  RETURN_IF_ERROR(CheckNoneLeft(flags));
  options.target.encoding = options.bodies.encoding;
  options.connections = static_cast<uint32_t>(std::max<int64_t>(1, connections));
  options.line_bytes_per_second = static_cast<double>(std::max<int64_t>(1, rate)) * 1e6;
  options.seconds = static_cast<double>(seconds);
  options.resend = static_cast<double>(resend) / 100;
  ASSIGN_OR_RETURN(const std::vector<Service> services, LoadServices(directory));
  ASSIGN_OR_RETURN(const LoadResult result, RunSteadyLoad(services, options));
  Print(result);
  return replies.empty() ? absl::OkStatus() : WriteReplies(replies, result.replies);
}

Status Run(const std::vector<std::string>& words) {
  if (words.empty()) return InvalidArgument("nothing to do");
  ASSIGN_OR_RETURN(Flags flags, ParseFlags({words.begin() + 1, words.end()}));
  if (words[0] == "generate") return Generate(std::move(flags));
  if (words[0] == "load") return LoadCorpus(std::move(flags));
  if (words[0] == "steady") return LoadSteadily(std::move(flags));
  return InvalidArgument(StrCat("unknown command: ", words[0]));
}

}  // namespace

int main(int argc, char** argv) {
  curl_global_init(CURL_GLOBAL_DEFAULT);
  const Status status = Run(std::vector<std::string>(argv + 1, argv + argc));
  curl_global_cleanup();
  if (status.ok()) return 0;
  std::fputs(StrCat("skald-bench: ", Message(status), "\n", kUsage).c_str(), stderr);
  return 1;
}
