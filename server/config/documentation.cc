#include "server/config/documentation.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_replace.h"
#include "server/config/key_table.h"
#include "server/config/loki_names.h"
#include "server/config/reload.h"

namespace skald::config {
namespace {

constexpr std::string_view kIntroduction =
    R"md(# Configuration

<!-- Written by the program from its table of keys (server/config/key_table.h). To change it, change
     the table and run the test Documentation.IsUpToDate with SKALD_UPDATE_DOCS=1. -->

Skald reads Loki's configuration file (`-config.file`) as it is. A flag beats the file. What Skald
needs beyond Loki stands under `skald`. A key that neither knows ends the start with its line.

- `-config.expand-env` puts environment variables in the place of `${VAR}`, `${VAR:-default}` and
  the like.
- `-verify-config` checks the configuration, `-print-config-stderr` prints what is in force; so does
  `GET /config`, with `?mode=diff` what differs from the defaults, with `?mode=defaults` those.
- Sizes are in units of 1024 (`256KB`, `4MB`), keys in `_mb` in MiB. Durations are Go's (`1h30m`,
  `1.5h`) for services and Prometheus' (`1w`, `30d1h`) in `limits_config`.
- Limits that only refuse honest work (rates, numbers of streams) are off unless set.
- On SIGHUP the file is read again. Keys with "yes" under *live* take effect then; the log names
  what changed, and which changed keys wait for a restart. A file that is wrong changes nothing.

The `limits_config` keys can be set for single tenants in a `runtime_config.file`, which is read
again every `runtime_config.period`. What changed in it takes effect at once, retention included; a
file that is wrong is logged, and the last good one counts.

```yaml
overrides:
  team-a:
    max_line_size: 1MB
```

)md";

struct Chapter {
  KeyStatus status;
  std::string_view title;
  std::string_view introduction;
};
constexpr Chapter kChapters[] = {
    {KeyStatus::kHonoured, "Keys", ""},
    {KeyStatus::kKept, "Keys that are read and checked, but not used yet",
     "Setting one is named in the log at the start.\n\n"},
    {KeyStatus::kRefused, "Keys that are refused",
     "Going on without them would be dangerous, so that a server which is told to use them does "
     "not start.\n\n"},
    {KeyStatus::kAlias, "Older names", ""},
};

// A cell of a table.
std::string Cell(std::string_view text) {
  return absl::StrReplaceAll(ToAbsl(text), {{"|", "\\|"}, {"\n", " "}});
}

std::string DefaultCell(const Key& key, const Config& defaults) {
  const YamlNode value = WriteKey(key, defaults);
  if (value.kind != YamlNode::Kind::kScalar) {
    return value.items.empty() && value.members.empty() ? "" : Cell(WriteJson(value));
  }
  return value.text.empty() ? "" : StrCat("`", Cell(value.text), "`");
}

void AppendChapter(const Chapter& chapter, std::string* out) {
  const Config defaults;
  StrAppend(out, "## ", chapter.title, "\n\n", chapter.introduction,
            "| key | flag | type | default | live | meaning |\n|---|---|---|---|---|---|\n");
  for (const Key* key : AllKeys()) {
    if (key->status != chapter.status) continue;
    StrAppend(out, "| `", key->path, "` | ");
    if (!key->flag.empty()) StrAppend(out, "`-", key->flag, "`");
    StrAppend(out, " | ", ValueTypeName(key->type), " | ", DefaultCell(*key, defaults), " | ",
              TakesEffectOnReload(*key) ? "yes" : "", " | ", Cell(key->meaning), " |\n");
  }
  out->push_back('\n');
}

// Words in lines of at most 100 bytes.
void AppendWords(const std::vector<std::string>& words, std::string* out) {
  size_t width = 0;
  for (const std::string& word : words) {
    const bool wrap = width > 0 && width + 1 + word.size() > 100;
    if (width > 0) out->push_back(wrap ? '\n' : ' ');
    width = wrap ? word.size() : width + (width > 0 ? 1 : 0) + word.size();
    out->append(word);
  }
  out->push_back('\n');
}

// Sections that have the same keys.
struct Paragraph {
  std::vector<std::string> sections;
  std::vector<std::string> keys;
};

std::vector<Paragraph> ParagraphsOfLokiKeys() {
  std::vector<Paragraph> paragraphs;
  LokiKeys().ForEach([&](std::string_view path, NameKind) {
    if (IsInTable(path)) return;
    const size_t dot = path.rfind('.');
    const std::string section(dot == std::string_view::npos ? "" : path.substr(0, dot));
    const auto found = std::find_if(paragraphs.begin(), paragraphs.end(),
                                    [&](const auto& p) { return p.sections[0] == section; });
    Paragraph* to = found != paragraphs.end() ? &*found : &paragraphs.emplace_back();
    to->sections = {section};
    to->keys.emplace_back(path.substr(dot + 1));
  });
  return paragraphs;
}

// Sections with the same keys share a paragraph.
std::vector<Paragraph> MergeParagraphs(std::vector<Paragraph> paragraphs) {
  std::vector<Paragraph> merged;
  for (Paragraph& paragraph : paragraphs) {
    const auto same = std::find_if(merged.begin(), merged.end(),
                                   [&](const auto& other) { return other.keys == paragraph.keys; });
    if (same == merged.end()) {
      merged.push_back(std::move(paragraph));
    } else {
      same->sections.push_back(std::move(paragraph.sections[0]));
    }
  }
  return merged;
}

void AppendLokiKeys(std::string* out) {
  out->append(
      "## Loki's keys without effect\n\nAccepted, and named in one line of the log. Each paragraph "
      "names sections that have the same keys,\nand then the keys; the first has those outside of "
      "sections.\n\n```text\n");
  for (const Paragraph& paragraph : MergeParagraphs(ParagraphsOfLokiKeys())) {
    for (const std::string& section : paragraph.sections) {
      StrAppend(out, section, section.empty() ? "" : ":\n");
    }
    AppendWords(paragraph.keys, out);
    out->push_back('\n');
  }
  out->pop_back();
  out->append(
      "```\n\nFlags of these keys are accepted likewise, and so are keys that Loki itself has "
      "removed (`ingester.max_transfer_retries`,\n`enable_fifocache` of any cache).\n");
}

}  // namespace

std::string ConfigurationDocument() {
  std::string out(kIntroduction);
  for (const Chapter& chapter : kChapters) AppendChapter(chapter, &out);
  AppendLokiKeys(&out);
  return out;
}

}  // namespace skald::config
