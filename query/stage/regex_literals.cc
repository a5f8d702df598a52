#include "query/stage/regex_literals.h"

#include <algorithm>
#include <utility>

namespace skald::query {
namespace {

using Kind = RegexNode::Kind;
using Group = std::vector<RequiredLiteral>;

constexpr size_t kMaxGroupSize = 32;
constexpr size_t kMaxLiteralSize = 128;
constexpr size_t kMaxGroups = 16;
constexpr char32_t kMaxClassRunes = 8;

// What is known of a regex: either the finite set of texts that it matches, or groups.
struct Known {
  std::optional<Group> texts;  // may hold the empty text; without groups
  RequiredLiterals groups;
  bool exact = true;  // a match consists of one of `texts` and nothing else
};

Known Nothing() { return Known{std::nullopt, {}, false}; }
Known Texts(Group texts) { return Known{std::move(texts), {}, true}; }

bool HasEmpty(const Group& group) {
  return std::any_of(group.begin(), group.end(),
                     [](const RequiredLiteral& literal) { return literal.text.empty(); });
}

// Letters that (?i) also matches outside ASCII.
bool HasFoldedKelvin(const RequiredLiteral& literal) {
  return literal.fold_case && literal.text.find_first_of("ks") != std::string::npos;
}

// A group is better the longer its shortest literal is, then the fewer it has.
bool Better(const Group& a, const Group& b) {
  const auto shortest = [](const Group& group) {
    size_t size = SIZE_MAX;
    for (const RequiredLiteral& literal : group) size = std::min(size, literal.text.size());
    return size;
  };
  const size_t of_a = shortest(a);
  const size_t of_b = shortest(b);
  return of_a != of_b ? of_a > of_b : a.size() < b.size();
}

void AddGroup(Group group, RequiredLiterals* groups) {
  if (group.empty() || HasEmpty(group)) return;
  if (groups->size() < kMaxGroups) groups->push_back(std::move(group));
}

// Turns `known` into groups alone.
void Settle(Known* known) {
  if (known->texts) AddGroup(std::move(*known->texts), &known->groups);
  known->texts.reset();
}

// ASCII text under (?i), in lower case; without letters the case does not matter.
RequiredLiteral FoldedLiteral(std::u32string_view runes) {
  RequiredLiteral literal;
  for (char32_t rune : runes) {
    const char c = static_cast<char>(rune >= 'A' && rune <= 'Z' ? rune + ('a' - 'A') : rune);
    literal.fold_case |= c >= 'a' && c <= 'z';
    literal.text.push_back(c);
  }
  return literal;
}

// A literal as texts; under (?i) runes outside ASCII cut it to groups.
Known OfLiteral(const RegexNode& node) {
  if (!node.fold) return Texts({{RunesToUtf8(node.runes), false}});
  const auto is_ascii = [](char32_t rune) { return rune < 0x80; };
  if (std::all_of(node.runes.begin(), node.runes.end(), is_ascii)) {
    Known known = Texts({FoldedLiteral(node.runes)});
    known.exact = !HasFoldedKelvin(known.texts->front());
    return known;
  }
  Known known = Nothing();
  for (auto run = node.runes.begin(); run != node.runes.end();) {
    run = std::find_if(run, node.runes.end(), is_ascii);
    const auto end = std::find_if_not(run, node.runes.end(), is_ascii);
    AddGroup({FoldedLiteral(std::u32string(run, end))}, &known.groups);
    run = end;
  }
  return known;
}

Known OfClass(const RegexNode& node) {
  Group group;
  for (const RegexNode::Range& range : node.ranges) {
    for (char32_t rune = range.low; rune <= range.high; ++rune) {
      if (group.size() == kMaxClassRunes) return Nothing();
      group.push_back({RunesToUtf8(std::u32string(1, rune)), false});
    }
  }
  return group.empty() ? Nothing() : Texts(std::move(group));
}

// Every text of `a` followed by every text of `b`; nothing if that is too much or the case modes
// do not mix.
std::optional<Group> Product(const Group& a, const Group& b) {
  if (a.size() * b.size() > kMaxGroupSize) return std::nullopt;
  Group product;
  for (const RequiredLiteral& left : a) {
    for (const RequiredLiteral& right : b) {
      if (left.text.size() + right.text.size() > kMaxLiteralSize) return std::nullopt;
      const bool mixes =
          left.fold_case == right.fold_case || left.text.empty() || right.text.empty();
      if (!mixes) return std::nullopt;
      product.push_back({left.text + right.text, left.fold_case || right.fold_case});
    }
  }
  return product;
}

Known Find(const RegexNode& node);

// Neighbours with finite texts are joined; where that ends, what was joined becomes a group.
Known OfConcat(const RegexNode& node) {
  Known known = Texts({RequiredLiteral{}});
  bool whole = true;
  for (const RegexNode& child : node.children) {
    Known next = Find(child);
    known.exact = known.exact && next.exact;
    if (next.texts && known.texts) {
      if (std::optional<Group> product = Product(*known.texts, *next.texts)) {
        known.texts = std::move(product);
        continue;
      }
    }
    whole = false;
    Settle(&known);
    for (Group& group : next.groups) AddGroup(std::move(group), &known.groups);
    known.texts = std::move(next.texts);
  }
  if (!whole) {
    Settle(&known);
    known.exact = false;
  }
  return known;
}

Known OfAlternate(const RegexNode& node) {
  Group merged;
  bool finite = true;
  bool exact = true;
  for (const RegexNode& child : node.children) {
    Known branch = Find(child);
    exact = exact && branch.exact;
    const Group* best = nullptr;
    if (branch.texts) {
      best = &*branch.texts;
    } else {
      finite = false;
      for (const Group& group : branch.groups) {
        if (best == nullptr || Better(group, *best)) best = &group;
      }
    }
    if (best == nullptr || merged.size() + best->size() > kMaxGroupSize) return Nothing();
    merged.insert(merged.end(), best->begin(), best->end());
  }
  if (finite) return Known{std::move(merged), {}, exact};
  Known known = Nothing();
  AddGroup(std::move(merged), &known.groups);
  return known;
}

Known OfRepeat(const RegexNode& node) {
  Known known = Find(node.children[0]);
  if (node.min == 1 && node.max == 1) return known;
  if (node.min == 0 && node.max == 1 && known.texts && known.texts->size() < kMaxGroupSize) {
    known.texts->push_back({});
    return known;
  }
  if (node.min == 0) return Nothing();
  Settle(&known);
  known.exact = false;
  return known;
}

Known Find(const RegexNode& node) {
  switch (node.kind) {
    case Kind::kEmpty:
      return Texts({RequiredLiteral{}});
    case Kind::kAnchor: {
      Known known = Texts({RequiredLiteral{}});
      known.exact = false;
      return known;
    }
    case Kind::kLiteral:
      return OfLiteral(node);
    case Kind::kClass:
      return OfClass(node);
    case Kind::kCapture:
      return Find(node.children[0]);
    case Kind::kRepeat:
      return OfRepeat(node);
    case Kind::kConcat:
      return OfConcat(node);
    case Kind::kAlternate:
      return OfAlternate(node);
    case Kind::kAny:
    case Kind::kAnyNotLf:
      break;
  }
  return Nothing();
}

}  // namespace

RegexLiterals FindRegexLiterals(const RegexNode& regex) {
  Known known = Find(regex);
  RegexLiterals literals;
  literals.exact = known.exact && known.texts && known.groups.empty();
  Settle(&known);
  literals.groups = std::move(known.groups);
  if (literals.groups.empty()) literals.exact = false;
  return literals;
}

}  // namespace skald::query
