#include "server/config/name_tree.h"

#include "storage/base/check.h"

namespace skald::config {

class NameTree::Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  Section ParseAll() {
    Section root = ParseEntries();
    SKALD_CHECK(text_.empty());
    return root;
  }

 private:
  // Up to the brace that closes the section, or the end.
  Section ParseEntries() {
    Section section;
    while (true) {
      SkipSpace();
      if (text_.empty() || text_[0] == '}') return section;
      const std::string_view name = TakeName();
      if (Take('{')) {
        section.entries.push_back(
            {name, NameKind::kSection, std::make_shared<Section>(ParseEntries())});
        SKALD_CHECK(Take('}'));
      } else if (Take('@')) {
        const std::string_view shared = TakeName();
        if (name.empty() && Take('{')) {
          definitions_[shared] = std::make_shared<Section>(ParseEntries());
          SKALD_CHECK(Take('}'));
        } else {
          section.entries.push_back({name, NameKind::kSection, definitions_.at(shared)});
        }
      } else {
        section.entries.push_back({name, TakeKind(), nullptr});
      }
    }
  }

  std::string_view TakeName() {
    const size_t size = std::min(text_.find_first_of("{}@?* \n"), text_.size());
    const std::string_view name = text_.substr(0, size);
    text_.remove_prefix(size);
    return name;
  }

  NameKind TakeKind() {
    if (Take('?')) return NameKind::kSwitch;
    return Take('*') ? NameKind::kAnything : NameKind::kValue;
  }

  bool Take(char c) {
    const bool found = !text_.empty() && text_[0] == c;
    if (found) text_.remove_prefix(1);
    return found;
  }

  void SkipSpace() { text_.remove_prefix(std::min(text_.find_first_not_of(" \n"), text_.size())); }

  std::string_view text_;
  StringMap<std::shared_ptr<const Section>> definitions_;
};

NameTree::NameTree(std::string_view text) : root_(Parser(text).ParseAll()) {}

NameKind NameTree::Find(std::string_view name) const {
  const Section* section = &root_;
  while (true) {
    const size_t dot = name.find('.');
    const bool last = dot == std::string_view::npos;
    const std::string_view segment = name.substr(0, dot);
    const Section* next = nullptr;
    for (const Entry& entry : section->entries) {
      if (entry.name != segment) continue;
      if (entry.kind == NameKind::kAnything) return entry.kind;
      if (entry.kind == NameKind::kSection) {
        next = entry.section.get();
      } else if (last) {
        return entry.kind;
      }
    }
    if (next == nullptr) return NameKind::kUnknown;
    if (last) return NameKind::kSection;
    section = next;
    name.remove_prefix(dot + 1);
  }
}

void NameTree::ForEach(const std::function<void(std::string_view, NameKind)>& visit) const {
  Visit(root_, "", visit);
}

void NameTree::Visit(const Section& section, const std::string& prefix,
                     const std::function<void(std::string_view, NameKind)>& visit) {
  for (const Entry& entry : section.entries) {
    const std::string name = StrCat(prefix, entry.name);
    if (entry.kind == NameKind::kSection) {
      Visit(*entry.section, name + ".", visit);
    } else {
      visit(name, entry.kind);
    }
  }
}

}  // namespace skald::config
