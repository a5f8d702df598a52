// docs/configuration.md, written from the table so that it cannot be wrong.
#pragma once

#include <string>

namespace skald::config {

std::string ConfigurationDocument();

}  // namespace skald::config
