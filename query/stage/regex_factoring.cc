#include "query/stage/regex_factoring.h"

#include <algorithm>
#include <utility>

namespace skald::query {
namespace {

using Kind = RegexNode::Kind;

// The literal that a branch begins with, or null.
const RegexNode* LeadingLiteral(const RegexNode& branch) {
  const RegexNode& first = branch.kind == Kind::kConcat ? branch.children[0] : branch;
  return first.kind == Kind::kLiteral ? &first : nullptr;
}

size_t CommonPrefix(std::u32string_view a, std::u32string_view b) {
  const auto mismatch = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
  return static_cast<size_t>(mismatch.first - a.begin());
}

RegexNode WithoutLeadingRunes(RegexNode branch, size_t count) {
  if (branch.kind == Kind::kLiteral) {
    branch.runes.erase(0, count);
    return branch.runes.empty() ? RegexNode{} : std::move(branch);
  }
  branch.children[0].runes.erase(0, count);
  if (branch.children[0].runes.empty()) branch.children.erase(branch.children.begin());
  return MakeConcat(std::move(branch.children));
}

RegexNode AlternateOf(std::vector<RegexNode> branches) {
  if (branches.size() == 1) return std::move(branches[0]);
  RegexNode node;
  node.kind = Kind::kAlternate;
  for (RegexNode& branch : branches) {
    if (branch.kind == Kind::kAlternate) {
      for (RegexNode& child : branch.children) node.children.push_back(std::move(child));
    } else {
      node.children.push_back(std::move(branch));
    }
  }
  return node;
}

RegexNode PrefixThen(RegexNode prefix, RegexNode rest) {
  RegexNode node;
  node.kind = Kind::kConcat;
  node.children.push_back(std::move(prefix));
  node.children.push_back(std::move(rest));
  return node;
}

// Round 1: runs of branches that begin with a common literal.
std::vector<RegexNode> FactorLiterals(std::vector<RegexNode> branches) {
  std::vector<RegexNode> out;
  for (size_t begin = 0; begin < branches.size();) {
    const RegexNode* lead = LeadingLiteral(branches[begin]);
    size_t end = begin + 1;
    std::u32string prefix = lead == nullptr ? std::u32string() : lead->runes;
    const bool fold = lead != nullptr && lead->fold;
    for (; lead != nullptr && end < branches.size(); ++end) {
      const RegexNode* other = LeadingLiteral(branches[end]);
      if (other == nullptr || other->fold != fold) break;
      const size_t common = CommonPrefix(prefix, other->runes);
      if (common == 0) break;
      prefix.resize(common);
    }
    if (end == begin + 1) {
      out.push_back(std::move(branches[begin]));
    } else {
      std::vector<RegexNode> rests;
      for (size_t i = begin; i < end; ++i) {
        rests.push_back(WithoutLeadingRunes(std::move(branches[i]), prefix.size()));
      }
      RegexNode literal;
      literal.kind = Kind::kLiteral;
      literal.runes = std::move(prefix);
      literal.fold = fold;
      out.push_back(PrefixThen(std::move(literal), FactorAlternation(std::move(rests))));
    }
    begin = end;
  }
  return out;
}

const RegexNode& LeadingPart(const RegexNode& branch) {
  return branch.kind == Kind::kConcat ? branch.children[0] : branch;
}

bool MayBeFactored(const RegexNode& part) {
  switch (part.kind) {
    case Kind::kAnchor:
    case Kind::kAny:
    case Kind::kAnyNotLf:
      return true;
    case Kind::kClass:
      return !part.ranges.empty();
    default:
      return false;
  }
}

RegexNode WithoutLeadingPart(RegexNode branch) {
  if (branch.kind != Kind::kConcat) return {};
  branch.children.erase(branch.children.begin());
  return MakeConcat(std::move(branch.children));
}

// Round 2: runs of branches that begin with the same simple part.
std::vector<RegexNode> FactorParts(std::vector<RegexNode> branches) {
  std::vector<RegexNode> out;
  for (size_t begin = 0; begin < branches.size();) {
    const RegexNode lead = LeadingPart(branches[begin]);
    size_t end = begin + 1;
    if (MayBeFactored(lead)) {
      while (end < branches.size() && LeadingPart(branches[end]) == lead) ++end;
    }
    if (end == begin + 1) {
      out.push_back(std::move(branches[begin]));
    } else {
      std::vector<RegexNode> rests;
      for (size_t i = begin; i < end; ++i) {
        rests.push_back(WithoutLeadingPart(std::move(branches[i])));
      }
      out.push_back(PrefixThen(lead, FactorAlternation(std::move(rests))));
    }
    begin = end;
  }
  return out;
}

bool IsSingleRune(const RegexNode& node) {
  return (node.kind == Kind::kLiteral && node.runes.size() == 1) || node.kind == Kind::kClass;
}

// Round 3: runs of single runes and classes.
std::vector<RegexNode> MergeSingleRunes(std::vector<RegexNode> branches) {
  std::vector<RegexNode> out;
  for (size_t begin = 0; begin < branches.size();) {
    size_t end = begin;
    while (end < branches.size() && IsSingleRune(branches[end])) ++end;
    if (end < begin + 2) {
      out.push_back(std::move(branches[begin++]));
      continue;
    }
    RegexNode merged;
    merged.kind = Kind::kClass;
    bool known = true;
    for (; begin < end; ++begin) {
      const RegexNode& node = branches[begin];
      if (node.kind == Kind::kLiteral) {
        known = known && !node.fold;
        merged.ranges.push_back({node.runes[0], node.runes[0]});
      } else {
        known = known && !node.ranges.empty();
        merged.ranges.insert(merged.ranges.end(), node.ranges.begin(), node.ranges.end());
      }
    }
    if (!known) merged.ranges.clear();
    out.push_back(NormaliseClass(std::move(merged)));
  }
  return out;
}

// Round 4: runs of empty branches.
std::vector<RegexNode> MergeEmpty(std::vector<RegexNode> branches) {
  std::vector<RegexNode> out;
  for (RegexNode& branch : branches) {
    if (branch.kind == Kind::kEmpty && !out.empty() && out.back().kind == Kind::kEmpty) continue;
    out.push_back(std::move(branch));
  }
  return out;
}

}  // namespace

RegexNode MakeConcat(std::vector<RegexNode> parts) {
  if (parts.empty()) return {};
  if (parts.size() == 1) return std::move(parts[0]);
  RegexNode node;
  node.kind = Kind::kConcat;
  node.children = std::move(parts);
  return node;
}

RegexNode NormaliseClass(RegexNode node) {
  std::sort(node.ranges.begin(), node.ranges.end(),
            [](const auto& a, const auto& b) { return a.low < b.low; });
  std::vector<RegexNode::Range> merged;
  for (const RegexNode::Range& range : node.ranges) {
    if (!merged.empty() && range.low <= merged.back().high + 1) {
      merged.back().high = std::max(merged.back().high, range.high);
    } else {
      merged.push_back(range);
    }
  }
  node.ranges = std::move(merged);
  if (node.ranges.size() == 1 && node.ranges[0].low == node.ranges[0].high) {
    RegexNode literal;
    literal.kind = Kind::kLiteral;
    literal.runes.assign(1, node.ranges[0].low);
    return literal;
  }
  return node;
}

RegexNode FactorAlternation(std::vector<RegexNode> branches) {
  if (branches.size() == 1) return std::move(branches[0]);
  return AlternateOf(
      MergeEmpty(MergeSingleRunes(FactorParts(FactorLiterals(std::move(branches))))));
}

}  // namespace skald::query
