#include "server/config/documentation.h"

#include "absl/strings/str_replace.h"
#include "server/config/key_table.h"
#include "server/config/loki_names.h"

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

The `limits_config` keys can be set for single tenants in a `runtime_config.file`:

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
            "| key | flag | type | default | meaning |\n|---|---|---|---|---|\n");
  for (const Key* key : AllKeys()) {
    if (key->status != chapter.status) continue;
    StrAppend(out, "| `", key->path, "` | ");
    if (!key->flag.empty()) StrAppend(out, "`-", key->flag, "`");
    StrAppend(out, " | ", ValueTypeName(key->type), " | ", DefaultCell(*key, defaults), " | ",
              Cell(key->meaning), " |\n");
  }
  out->push_back('\n');
}

// Names in lines of at most 100 bytes.
class NameList {
 public:
  explicit NameList(std::string* out) : out_(out) {}

  void Add(std::string_view name) {
    if (!line_.empty() && line_.size() + 1 + name.size() > 100) Flush();
    StrAppend(&line_, line_.empty() ? "" : " ", name);
  }
  void Flush() {
    if (!line_.empty()) StrAppend(out_, line_, "\n");
    line_.clear();
  }

 private:
  std::string* const out_;
  std::string line_;
};

// Loki's keys without effect: a paragraph for each section, named as in the file.
void AppendLokiKeys(std::string* out) {
  out->append(
      "## Loki's keys without effect\n\nAccepted, and named in one line of the log. `section: a b` "
      "stands for `section.a` and `section.b`.\n\n```text\n");
  std::string section;
  NameList names(out);
  LokiKeys().ForEach([&](std::string_view path, NameKind) {
    if (FindKey(path) != nullptr) return;
    const size_t dot = path.rfind('.');
    const std::string_view parent =
        dot == std::string_view::npos ? std::string_view() : path.substr(0, dot);
    if (parent != section) {
      names.Flush();
      section = std::string(parent);
      names.Add(StrCat(section, ":"));
    }
    names.Add(path.substr(dot + 1));
  });
  names.Flush();
  out->append(
      "```\n\nFlags of these keys are accepted likewise, and so are keys that Loki itself has "
      "removed (`ingester.max_transfer_retries`, `enable_fifocache` of any cache).\n");
}

}  // namespace

std::string ConfigurationDocument() {
  std::string out(kIntroduction);
  for (const Chapter& chapter : kChapters) AppendChapter(chapter, &out);
  AppendLokiKeys(&out);
  return out;
}

}  // namespace skald::config
