#include "tools/inspect/directory_report.h"

#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "storage/base/strings.h"
#include "storage/base/units.h"
#include "storage/cache/page_cache.h"
#include "storage/catalog/part_files.h"
#include "storage/part/part.h"
#include "tools/inspect/part_report.h"
#include "tools/inspect/part_survey.h"

namespace skald::inspect {
namespace {

class DirectorySurvey {
 public:
  DirectorySurvey(FileSystem* files, std::string directory, bool parts)
      : files_(files), directory_(std::move(directory)), list_parts_(parts) {}

  StatusOr<DirectoryReport> Run() {
    RETURN_IF_ERROR(SurveyTenants());
    ASSIGN_OR_RETURN(const uint64_t log, BytesIn(directory_ + "/wal"));
    const StatusOr<uint64_t> manifest = files_->FileSize(directory_ + "/MANIFEST");
    const StatusOr<uint64_t> ballast = files_->FileSize(directory_ + "/BALLAST");
    DirectoryReport report;
    report.text = StrCat(directory_, "\n", lines_, "  ", parts_, " parts, ", part_bytes_,
                         " bytes, ", rows_, " rows, ", line_bytes_, " bytes of lines\n  log ", log,
                         " bytes, manifest ", manifest.value_or(0), " bytes, ballast ",
                         ballast.value_or(0), " bytes\n\n", SizeTable(total_));
    if (!total_.damages.empty()) report.text += "\n  DAMAGED:\n";
    for (const std::string& damage : total_.damages) StrAppend(&report.text, "    ", damage, "\n");
    report.damaged = !total_.damages.empty();
    return report;
  }

 private:
  StatusOr<uint64_t> BytesIn(const std::string& path) {
    if (!files_->FileExists(path)) return uint64_t{0};
    ASSIGN_OR_RETURN(const std::vector<std::string> names, files_->ListDirectory(path));
    uint64_t sum = 0;
    for (const std::string& name : names) {
      sum += files_->FileSize(StrCat(path, "/", name)).value_or(0);
    }
    return sum;
  }

  Status SurveyTenants() {
    const std::string root = directory_ + "/tenants";
    if (!files_->FileExists(root)) {
      if (files_->FileExists(directory_ + "/MANIFEST")) return absl::OkStatus();
      return NotFound(StrCat(directory_, " is no data directory"));
    }
    ASSIGN_OR_RETURN(const std::vector<std::string> tenants, files_->ListDirectory(root));
    for (const std::string& tenant : tenants) {
      const std::string path = StrCat(root, "/", tenant);
      const StatusOr<std::vector<std::string>> names = files_->ListDirectory(path);
      if (!names.ok()) continue;  // not a directory
      for (const std::string& name : *names) {
        const std::optional<storage::FileNumber> number = storage::ParsePartName(name);
        if (number.has_value()) SurveyFile(StrCat(path, "/", name), *number);
      }
    }
    return absl::OkStatus();
  }

  void SurveyFile(const std::string& path, storage::FileNumber number) {
    storage::PageCache cache(1_MiB);
    const auto part = storage::Part::Open(files_, path, number, &cache);
    if (!part.ok()) {
      total_.damages.emplace_back(Message(part.status()));
      return;
    }
    const storage::PartFooter& footer = (*part)->footer();
    PartSurvey survey = SurveyPart(*part);
    ++parts_;
    part_bytes_ += (*part)->file_size();
    rows_ += footer.rows;
    line_bytes_ += footer.line_bytes;
    for (const auto& [name, size] : survey.columns) total_.columns[name].Add(size);
    for (const auto& [name, size] : survey.sections) total_.sections[name].Add(size);
    total_.other_bytes += survey.other_bytes;
    for (const std::string& damage : survey.damages) {
      total_.damages.push_back(StrCat(path, ": ", damage));
    }
    if (!list_parts_) return;
    StrAppend(&lines_, "  ", path, ": level ", footer.level, ", ", footer.rows, " rows, ",
              (*part)->file_size(), " bytes, ", TimeText(footer.min_time), " to ",
              TimeText(footer.max_time), survey.damages.empty() ? "" : ", DAMAGED", "\n");
  }

  FileSystem* const files_;
  const std::string directory_;
  const bool list_parts_;
  PartSurvey total_;
  std::string lines_;  // one a part
  uint64_t parts_ = 0;
  uint64_t part_bytes_ = 0;
  uint64_t rows_ = 0;
  uint64_t line_bytes_ = 0;
};

}  // namespace

StatusOr<DirectoryReport> ReportDirectory(FileSystem* files, const std::string& directory,
                                          bool parts) {
  return DirectorySurvey(files, directory, parts).Run();
}

}  // namespace skald::inspect
