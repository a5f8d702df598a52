// What `-target` may name: the parts of Loki, all of which this server is.
#pragma once

#include <span>
#include <string_view>

namespace skald::config {

std::span<const std::string_view> Targets();

}  // namespace skald::config
