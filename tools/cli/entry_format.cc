#include "tools/cli/entry_format.h"

#include <unistd.h>

#include <array>

#include "storage/base/utf8.h"
#include "tools/cli/json_text.h"
#include "tools/cli/terminal_color.h"
#include "tools/cli/time_text.h"

namespace skald::cli {
namespace {

constexpr int kBlue = 34;
constexpr int kRed = 31;

std::string Painted(int color, std::string_view text) {
  return StrCat("\x1b[", color, "m", text, "\x1b[0m");
}

// White space as Unicode defines it.
bool IsSpace(char32_t rune) {
  return (rune >= 9 && rune <= 13) || rune == ' ' || rune == 0x85 || rune == 0xA0 ||
         rune == 0x1680 || (rune >= 0x2000 && rune <= 0x200A) || rune == 0x2028 || rune == 0x2029 ||
         rune == 0x202F || rune == 0x205F || rune == 0x3000;
}

// Size of the rune that ends `text`, which is not empty.
size_t LastRuneSize(std::string_view text) {
  for (size_t size = 1; size <= 4 && size <= text.size(); ++size) {
    DecodedRune rune = DecodeRune(text.substr(text.size() - size));
    if (!rune.invalid && rune.size == size) return size;
  }
  return 1;
}

std::string_view TrimSpace(std::string_view text) {
  while (!text.empty()) {
    DecodedRune rune = DecodeRune(text);
    if (!IsSpace(rune.rune)) break;
    text.remove_prefix(rune.size);
  }
  while (!text.empty()) {
    size_t size = LastRuneSize(text);
    if (!IsSpace(DecodeRune(text.substr(text.size() - size)).rune)) break;
    text.remove_suffix(size);
  }
  return text;
}

}  // namespace

Coloring ColoringFor(const PrintOptions& options) {
  if (!ShowsColors(STDOUT_FILENO)) return Coloring::kNone;
  return options.colored ? Coloring::kByStream : Coloring::kPlain;
}

int StreamColor(std::string_view labels_text) {
  constexpr std::array<int, 10> kColors = {96, 36, 92, 32, 95, 35, 93, 33, 91, 31};
  uint32_t hash = 2166136261u;
  for (char c : labels_text) {
    hash *= 16777619u;
    hash ^= static_cast<unsigned char>(c);
  }
  return kColors[hash % kColors.size()];
}

EntryFormat::EntryFormat(const PrintOptions& options, Coloring coloring)
    : options_(options), coloring_(coloring), zone_(ZoneNamed(options.timezone)) {}

std::string EntryFormat::Format(const ShownEntry& entry, size_t labels_width) const {
  switch (options_.mode) {
    case OutputMode::kJsonLines:
      return FormatJson(entry);
    case OutputMode::kRaw: {
      std::string_view line = entry.line;
      if (!line.empty() && line.back() == '\n') line.remove_suffix(1);
      return StrCat(line, "\n");
    }
    case OutputMode::kDefault:
      break;
  }
  return FormatDefault(entry, labels_width);
}

std::string EntryFormat::FormatDefault(const ShownEntry& entry, size_t labels_width) const {
  std::string time = FormatTimestamp(entry.time, options_.timestamp_format, zone_);
  std::string out = coloring_ == Coloring::kNone ? time : Painted(kBlue, time);
  if (!options_.no_labels) {
    std::string labels(entry.labels_text);
    if (labels.size() < labels_width) labels.resize(labels_width, ' ');
    int color = coloring_ == Coloring::kByStream ? StreamColor(entry.stream_text) : kRed;
    StrAppend(&out, " ", coloring_ == Coloring::kNone ? labels : Painted(color, labels));
  }
  StrAppend(&out, " ", TrimSpace(entry.line), "\n");
  return out;
}

std::string EntryFormat::FormatJson(const ShownEntry& entry) const {
  std::string out = "{";
  if (!options_.no_labels) {
    out += "\"labels\":{";
    std::string_view separator;
    for (const auto& [name, value] : *entry.labels) {
      out += separator;
      AppendJsonString(&out, name);
      out += ':';
      AppendJsonString(&out, value);
      separator = ",";
    }
    out += "},";
  }
  out += "\"line\":";
  AppendJsonString(&out, entry.line);
  StrAppend(&out, ",\"timestamp\":\"", FormatTimestamp(entry.time, "rfc3339nano", zone_), "\"}\n");
  return out;
}

}  // namespace skald::cli
