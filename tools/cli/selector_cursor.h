// Where in a stream selector a cursor stands.
#pragma once

#include <string>
#include <string_view>

namespace skald::cli {

enum class SelectorPlace {
  kNowhere,  // not within a selector
  kStart,    // before its brace
  kName,     // in a label's name
  kValue     // in a label's value
};

struct SelectorCursor {
  SelectorPlace place = SelectorPlace::kNowhere;
  std::string label;       // whose value stands there
  std::string begun;       // what is already there of the name or value
  bool in_quotes = false;  // a value's quote is open
  std::string before;      // complete matchers before this one: `{env="prod"}`, or empty
};

// Looks at a query that ends at the cursor.
SelectorCursor FindSelectorCursor(std::string_view query);

}  // namespace skald::cli
