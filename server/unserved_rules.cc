#include "server/unserved_rules.h"

#include <algorithm>

#include "absl/strings/str_join.h"
#include "server/config/yaml_node.h"
#include "storage/base/log.h"
#include "storage/base/units.h"

namespace skald {
namespace {

using config::YamlNode;

constexpr size_t kMaxFiles = 1000;
constexpr uint64_t kMaxFileSize = 1_MiB;
constexpr size_t kMaxNamesSize = 4096;  // of a log line

bool ConcernsRuler(const std::string& name) {
  for (const std::string_view prefix : {"ruler.", "ruler_storage.", "-ruler.", "-ruler-storage."}) {
    if (name.starts_with(prefix)) return true;
  }
  return false;
}

std::string TextOf(const YamlNode& node, std::string_view name) {
  const YamlNode* member = node.Find(name);
  return member == nullptr ? "" : member->text;
}

// Gathers the rules below the directories.
class Finder {
 public:
  Finder(FileSystem* files, UnservedRules* found) : files_(files), found_(found) {}

  void Search(const std::string& directory) {
    for (const std::string& tenant : Sorted(directory)) {
      for (const std::string& file : Sorted(StrCat(directory, "/", tenant))) {
        if (++read_ > kMaxFiles) return;
        ReadFile(StrCat(tenant, "/", file), StrCat(directory, "/", tenant, "/", file));
      }
    }
  }

 private:
  // Nothing when it is no directory. Hidden entries are a mounted volume's.
  std::vector<std::string> Sorted(const std::string& directory) {
    StatusOr<std::vector<std::string>> names = files_->ListDirectory(directory);
    if (!names.ok()) return {};
    std::erase_if(*names, [](const std::string& name) { return name.starts_with('.'); });
    std::sort(names->begin(), names->end());
    return *std::move(names);
  }

  void ReadFile(const std::string& name, const std::string& path) {
    const StatusOr<uint64_t> size = files_->FileSize(path);
    if (!size.ok()) return;
    StatusOr<YamlNode> document = InvalidArgument("too long");
    if (*size <= kMaxFileSize) {
      const StatusOr<std::string> text = ReadWholeFile(files_, path);
      document = text.ok() ? config::ReadYaml(*text) : text.status();
    }
    const YamlNode* groups = document.ok() ? document->Find("groups") : nullptr;
    if (groups == nullptr) {
      found_->groups.push_back(name);
      return;
    }
    for (const YamlNode& group : groups->items) AddGroup(name, group);
  }

  void AddGroup(const std::string& file, const YamlNode& group) {
    std::vector<std::string> names;
    if (const YamlNode* rules = group.Find("rules"); rules != nullptr) {
      for (const YamlNode& rule : rules->items) {
        const std::string alert = TextOf(rule, "alert");
        names.push_back(alert.empty() ? TextOf(rule, "record") : alert);
      }
    }
    found_->rules += names.size();
    found_->groups.push_back(
        StrCat(file, "/", TextOf(group, "name"), ": ", absl::StrJoin(names, ", ")));
  }

  FileSystem* const files_;
  UnservedRules* const found_;
  size_t read_ = 0;
};

// As many names as a log line takes.
std::string NamesText(const std::vector<std::string>& groups) {
  std::string text;
  for (size_t i = 0; i < groups.size(); ++i) {
    if (i > 0 && text.size() + groups[i].size() > kMaxNamesSize) {
      return StrCat(text, "; and ", groups.size() - i, " groups more");
    }
    StrAppend(&text, i == 0 ? "" : "; ", groups[i].substr(0, kMaxNamesSize));
  }
  return text;
}

}  // namespace

UnservedRules FindUnservedRules(const config::Config& config, FileSystem* files) {
  UnservedRules found;
  const std::vector<std::string>& ignored = config.without_effect;
  found.configured = std::any_of(ignored.begin(), ignored.end(), ConcernsRuler);
  for (const std::string& directory :
       {config.rules_directory, config.ruler_directory, config.ruler_storage_directory}) {
    const auto& known = found.directories;
    if (directory.empty() || std::find(known.begin(), known.end(), directory) != known.end()) {
      continue;
    }
    found.directories.push_back(directory);
    Finder(files, &found).Search(directory);
  }
  return found;
}

void ReportUnservedRules(const UnservedRules& rules) {
  if (!rules.configured && rules.groups.empty()) return;
  const std::string names = NamesText(rules.groups);
  SKALD_LOG(kError,
            "the ruler's work is not done: no rule is evaluated, no alert is sent, no series is "
            "recorded",
            {{"rules", rules.rules},
             {"groups", rules.groups.size()},
             {"looked_in", rules.directories.empty() ? "no local directory is configured"
                                                     : absl::StrJoin(rules.directories, ",")},
             {"will_not_run", names.empty() ? "none found" : names}});
}

}  // namespace skald
