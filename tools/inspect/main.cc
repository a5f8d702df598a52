// skald-inspect: looks into data directories, parts, log segments and manifests, checks them, and
// saves what is left of a damaged part.
#include <cstdio>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "storage/base/strings.h"
#include "storage/base/units.h"
#include "storage/cache/page_cache.h"
#include "storage/part/part.h"
#include "tools/inspect/directory_report.h"
#include "tools/inspect/log_listing.h"
#include "tools/inspect/part_repair.h"
#include "tools/inspect/part_report.h"
#include "tools/inspect/part_survey.h"

namespace {

using namespace skald;
using namespace skald::inspect;

constexpr std::string_view kUsage =
    "usage: skald-inspect [--list] PATH\n"
    "       skald-inspect --repair OUTPUT PART\n"
    "\n"
    "PATH is a data directory, a part (.part), a log segment (.wal) or a MANIFEST. Prints what it "
    "is\n"
    "made of and reads all of it; --list adds a line for every part or block.\n"
    "--repair writes the readable rows of a damaged part to the new file OUTPUT.\n"
    "\n"
    "Exit code: 0 whole, 1 damaged or repaired with losses, 2 not readable at all.\n";

constexpr int kDamaged = 1;
constexpr int kUnreadable = 2;

void Print(std::string_view text) { std::fwrite(text.data(), 1, text.size(), stdout); }

int Fail(const Status& status) {
  std::fputs(StrCat("skald-inspect: ", Message(status), "\n").c_str(), stderr);
  return kUnreadable;
}

int PrintListing(const StatusOr<std::string>& listing) {
  if (!listing.ok()) return Fail(listing.status());
  Print(*listing);
  return listing->find("DAMAGED") == std::string::npos ? 0 : kDamaged;
}

StatusOr<std::shared_ptr<storage::Part>> OpenPart(const std::string& path,
                                                  storage::PageCache* cache) {
  constexpr uint64_t kAnyNumber = 1;
  return storage::Part::Open(FileSystem::Posix(), path, kAnyNumber, cache);
}

int InspectPart(const std::string& path, bool list) {
  storage::PageCache cache(1_MiB);
  const auto part = OpenPart(path, &cache);
  if (!part.ok()) return Fail(part.status());
  const PartSurvey survey = SurveyPart(*part);
  Print(PartReport(path, **part, survey, list));
  return survey.damages.empty() ? 0 : kDamaged;
}

int Inspect(const std::string& path, bool list) {
  FileSystem* const files = FileSystem::Posix();
  if (std::filesystem::is_directory(path)) {
    const auto report = ReportDirectory(files, path, list);
    if (!report.ok()) return Fail(report.status());
    Print(report->text);
    return report->damaged ? kDamaged : 0;
  }
  if (path.ends_with(".wal")) return PrintListing(ListSegment(files, path));
  if (std::filesystem::path(path).filename().string().starts_with("MANIFEST")) {
    return PrintListing(ListManifest(files, path));
  }
  return InspectPart(path, list);
}

int Repair(const std::string& output, const std::string& path) {
  storage::PageCache cache(1_MiB);
  const auto part = OpenPart(path, &cache);
  if (!part.ok()) return Fail(part.status());
  const auto result = RepairPart(FileSystem::Posix(), *part, output);
  if (!result.ok()) return Fail(result.status());
  for (const std::string& loss : result->losses) Print(StrCat("lost: ", loss, "\n"));
  Print(StrCat(result->rows_saved, " rows saved, ", result->rows_lost, " lost\n"));
  return result->losses.empty() ? 0 : kDamaged;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  if (words.size() == 1 && !words[0].starts_with("--")) return Inspect(words[0], false);
  if (words.size() == 2 && words[0] == "--list") return Inspect(words[1], true);
  if (words.size() == 3 && words[0] == "--repair") return Repair(words[1], words[2]);
  const bool help = words.size() == 1 && words[0] == "--help";
  std::fwrite(kUsage.data(), 1, kUsage.size(), help ? stdout : stderr);
  return help ? 0 : kUnreadable;
}
