#include <yaml-cpp/yaml.h>

#include <exception>

#include "server/config/yaml_node.h"

namespace skald::config {
namespace {

// A document that says more than this is a mistake or an attack (aliases of aliases).
constexpr int kMaxDepth = 64;
constexpr size_t kMaxNodes = 200'000;
constexpr std::string_view kMergeKey = "<<";

Status At(const YAML::Mark& mark, std::string_view message) {
  return InvalidArgument(StrCat("yaml: line ", mark.line + 1, ": ", message));
}

// Turns the library's nodes into ours.
class Converter {
 public:
  Status Convert(const YAML::Node& from, int depth, YamlNode* to) {
    if (depth > kMaxDepth) return At(from.Mark(), "nested too deeply");
    if (++nodes_ > kMaxNodes) return At(from.Mark(), "too many nodes");
    to->line = from.Mark().line + 1;
    if (from.IsScalar()) {
      to->kind = YamlNode::Kind::kScalar;
      to->text = from.Scalar();
      to->quoted = from.Tag() == "!" || from.Tag() == "tag:yaml.org,2002:str";
      return absl::OkStatus();
    }
    if (from.IsSequence()) return ConvertList(from, depth, to);
    if (from.IsMap()) return ConvertMap(from, depth, to);
    return absl::OkStatus();
  }

 private:
  Status ConvertList(const YAML::Node& from, int depth, YamlNode* to) {
    to->kind = YamlNode::Kind::kList;
    for (const YAML::Node& item : from) {
      RETURN_IF_ERROR(Convert(item, depth + 1, &to->items.emplace_back()));
    }
    return absl::OkStatus();
  }

  Status ConvertMap(const YAML::Node& from, int depth, YamlNode* to) {
    to->kind = YamlNode::Kind::kMap;
    std::vector<YamlNode> merged;
    for (const auto& member : from) {
      if (!member.first.IsScalar()) return At(from.Mark(), "a key that is no scalar");
      const std::string& name = member.first.Scalar();
      YamlNode value;
      RETURN_IF_ERROR(Convert(member.second, depth + 1, &value));
      if (name == kMergeKey) {
        merged.push_back(std::move(value));
      } else if (to->Find(name) != nullptr) {
        to->duplicates.emplace_back(name, member.first.Mark().line + 1);
      } else {
        // An error about the value names the line of its key.
        value.line = member.first.Mark().line + 1;
        to->members.emplace_back(name, std::move(value));
      }
    }
    for (YamlNode& source : merged) RETURN_IF_ERROR(Merge(&source, from.Mark(), to));
    return absl::OkStatus();
  }

  // Adds the members that `to` does not have itself.
  Status Merge(YamlNode* source, const YAML::Mark& mark, YamlNode* to) {
    if (source->kind == YamlNode::Kind::kList) {
      for (YamlNode& item : source->items) RETURN_IF_ERROR(Merge(&item, mark, to));
      return absl::OkStatus();
    }
    if (source->kind != YamlNode::Kind::kMap) return At(mark, "map merge requires map");
    for (auto& [name, value] : source->members) {
      if (to->Find(name) == nullptr) to->members.emplace_back(name, std::move(value));
    }
    return absl::OkStatus();
  }

  size_t nodes_ = 0;
};

}  // namespace

StatusOr<YamlNode> ReadYaml(const std::string& text) {
  try {
    YamlNode document;
    RETURN_IF_ERROR(Converter().Convert(YAML::Load(text), 0, &document));
    return document;
  } catch (const YAML::Exception& error) {
    return At(error.mark, error.msg);
  } catch (const std::exception& error) {
    return InvalidArgument(StrCat("yaml: ", error.what()));
  }
}

}  // namespace skald::config
