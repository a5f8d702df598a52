// Which label names stand in label text as they are.
#pragma once

#include <string_view>

namespace skald {

// Whether a name needs no quotes: [A-Za-z_][A-Za-z0-9_]*.
bool IsPlainLabelName(std::string_view name);

}  // namespace skald
