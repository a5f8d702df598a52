#include "tools/inspect/part_report.h"

#include <array>
#include <utility>
#include <vector>

#include "absl/strings/str_format.h"
#include "absl/time/time.h"
#include "storage/base/strings.h"

namespace skald::inspect {
namespace {

double Percent(uint64_t part, uint64_t whole) {
  return whole == 0 ? 0 : 100 * static_cast<double>(part) / static_cast<double>(whole);
}

std::string PositionText(LogPosition position) {
  return StrCat(position.segment, "/", position.record);
}

std::string FooterText(const storage::Part& part) {
  const storage::PartFooter& footer = part.footer();
  std::string text = StrCat("  format version ", footer.format_version, ", ", part.file_size(),
                            " bytes\n  tenant ", footer.tenant, ", level ", footer.level);
  if (footer.level > 0) {
    const absl::CivilDay day = absl::CivilDay(1970, 1, 1) + footer.day;
    StrAppend(&text, ", day ", absl::FormatCivilTime(day), ", retention class ",
              footer.retention_class);
  }
  StrAppend(&text, "\n  rows ", footer.rows, " of ", footer.streams, " streams, ",
            TimeText(footer.min_time), " to ", TimeText(footer.max_time));
  StrAppend(&text, "\n  bytes of lines ", footer.line_bytes, ", of metadata ",
            footer.metadata_bytes);
  StrAppend(&text, "\n  log ", PositionText(footer.log_first), " to ",
            PositionText(footer.log_last));
  if (!footer.replaces.empty()) text += "\n  replaces";
  for (const uint64_t file : footer.replaces)
    StrAppend(&text, " ", absl::Hex(file, absl::kZeroPad16));
  return text + "\n";
}

void AppendSize(std::string* text, const std::string& name, const PieceSize& size, uint64_t sum) {
  absl::StrAppendFormat(
      text, "  %-18s %9d %9d %13d %14d %6.2f %6.1f%%\n", name, size.pages, size.compressed,
      size.stored, size.raw,
      size.stored == 0 ? 1.0 : static_cast<double>(size.raw) / static_cast<double>(size.stored),
      Percent(size.stored, sum));
}

std::string BlocksText(const PartSurvey& survey) {
  std::string text = "\n  block       rows    lines B   stored B   times                 n-grams\n";
  for (size_t i = 0; i < survey.blocks.size(); ++i) {
    const BlockSurvey& block = survey.blocks[i];
    PieceSize all;
    for (const auto& [name, size] : block.columns) all.Add(size);
    const auto lines = block.columns.find("lines");
    absl::StrAppendFormat(&text, "  %5d %10d %10d %10d   %s to %s %5.1f%%\n", i, block.info.rows,
                          lines == block.columns.end() ? 0 : lines->second.raw, all.stored,
                          TimeText(block.info.min_time), TimeText(block.info.max_time),
                          100 * block.ngram_fill);
  }
  return text;
}

std::string DamagesText(const PartSurvey& survey) {
  if (survey.damages.empty()) return "\n  every checksum is right and everything can be decoded\n";
  std::string text = StrCat("\n  DAMAGED in ", survey.damages.size(), " places:\n");
  for (const std::string& damage : survey.damages) StrAppend(&text, "    ", damage, "\n");
  return text;
}

}  // namespace

std::string TimeText(int64_t nanos) {
  return absl::FormatTime("%Y-%m-%d%ET%H:%M:%E*SZ", absl::FromUnixNanos(nanos),
                          absl::UTCTimeZone());
}

std::string SizeTable(const PartSurvey& survey) {
  PieceSize sum;
  for (const auto& [name, size] : survey.columns) sum.Add(size);
  for (const auto& [name, size] : survey.sections) sum.Add(size);
  sum.stored += survey.other_bytes;
  sum.raw += survey.other_bytes;
  std::string text =
      "  piece                  pages      zstd        stored            raw  ratio   share\n";
  for (const auto& [name, size] : survey.columns) AppendSize(&text, name, size, sum.stored);
  for (const auto& [name, size] : survey.sections) AppendSize(&text, name, size, sum.stored);
  AppendSize(&text, "footer", {0, survey.other_bytes, survey.other_bytes, 0}, sum.stored);
  AppendSize(&text, "sum", sum, sum.stored);
  return text;
}

std::string PartReport(const std::string& name, const storage::Part& part, const PartSurvey& survey,
                       bool blocks) {
  std::string text = StrCat(name, "\n", FooterText(part), "\n", SizeTable(survey));
  text += "\n  metadata columns:";
  for (const auto& [encoding, count] : survey.metadata_encodings) {
    StrAppend(&text, " ", encoding, " ", count);
  }
  absl::StrAppendFormat(
      &text, "\n  n-gram filters: %.1f%% of bits set, %d of %d dropped as too full\n",
      100 * survey.ngram_fill, survey.dropped_ngram_filters, survey.blocks.size());
  if (blocks) text += BlocksText(survey);
  return text + DamagesText(survey);
}

}  // namespace skald::inspect
