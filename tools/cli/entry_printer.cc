#include "tools/cli/entry_printer.h"

#include <algorithm>

#include "absl/strings/str_join.h"
#include "tools/cli/chatter.h"

namespace skald::cli {
namespace {

// A stream with what is shown of its labels.
struct ShownStream {
  Labels labels;
  std::string text;
  std::string whole_text;
};

struct OrderedEntry {
  const LogEntry* entry;
  const ShownStream* stream;
};

bool Contains(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool IsShown(const PrintOptions& options, const Labels& common, const std::string& name) {
  bool hidden_as_common = !options.include_common_labels && common.count(name) > 0;
  return !hidden_as_common && options.Shows(name);
}

ShownStream Shown(const PrintOptions& options, const Labels& common, const LogStream& stream) {
  ShownStream shown;
  for (const auto& [name, value] : stream.labels) {
    if (IsShown(options, common, name)) shown.labels.emplace(name, value);
  }
  shown.text = LabelsText(shown.labels);
  shown.whole_text = LabelsText(stream.labels);
  return shown;
}

void SayWhatIsShown(const PrintOptions& options, const Labels& common) {
  if (!common.empty()) Say(StrCat("Common labels: ", LabelsText(common)));
  if (!options.exclude_labels.empty()) {
    Say(StrCat("Ignoring labels key: ", absl::StrJoin(options.exclude_labels, ",")));
  }
  if (!options.include_labels.empty()) {
    Say(StrCat("Print only labels key: ", absl::StrJoin(options.include_labels, ",")));
  }
}

std::vector<OrderedEntry> InOrder(const std::vector<LogStream>& streams,
                                  const std::vector<ShownStream>& shown, bool forward) {
  std::vector<OrderedEntry> entries;
  for (size_t i = 0; i < streams.size(); ++i) {
    for (const LogEntry& entry : streams[i].entries) entries.push_back({&entry, &shown[i]});
  }
  std::stable_sort(entries.begin(), entries.end(),
                   [forward](const OrderedEntry& a, const OrderedEntry& b) {
                     return forward ? a.entry->time < b.entry->time : a.entry->time > b.entry->time;
                   });
  return entries;
}

bool AtEdge(const PageEdge& edge, const LogEntry& entry) {
  return entry.time == edge.time && Contains(edge.lines, entry.line);
}

PageEdge EdgeOf(const std::vector<OrderedEntry>& entries) {
  PageEdge edge;
  edge.time = entries.back().entry->time;
  for (auto it = entries.rbegin(); it != entries.rend() && it->entry->time == edge.time; ++it) {
    edge.lines.push_back(it->entry->line);
  }
  return edge;
}

}  // namespace

Labels CommonLabels(const std::vector<LogStream>& streams) {
  if (streams.empty()) return {};
  Labels common = streams[0].labels;
  for (const LogStream& stream : streams) {
    std::erase_if(common, [&](const auto& label) {
      auto it = stream.labels.find(label.first);
      return it == stream.labels.end() || it->second != label.second;
    });
  }
  return common;
}

StatusOr<int64_t> EntryPrinter::Print(const std::vector<LogStream>& streams, PageEdge* edge) const {
  Labels common = CommonLabels(streams);
  for (const std::string& name : options_.print.include_labels) common.erase(name);
  if (!options_.quiet && !streams.empty()) SayWhatIsShown(options_.print, common);

  std::vector<ShownStream> shown;
  size_t width = static_cast<size_t>(std::max<int64_t>(options_.print.labels_length, 0));
  for (const LogStream& stream : streams) {
    shown.push_back(Shown(options_.print, common, stream));
    width = std::max(width, shown.back().text.size());
  }
  std::vector<OrderedEntry> entries = InOrder(streams, shown, options_.forward);
  if (entries.empty()) return 0;
  int64_t printed = 0;
  std::string text;
  for (const OrderedEntry& e : entries) {
    if (AtEdge(*edge, *e.entry)) continue;
    text += format_.Format(
        {e.entry->time, e.entry->line, &e.stream->labels, e.stream->text, e.stream->whole_text},
        width);
    ++printed;
  }
  RETURN_IF_ERROR(output_->Write(text));
  *edge = EdgeOf(entries);
  return printed;
}

}  // namespace skald::cli
