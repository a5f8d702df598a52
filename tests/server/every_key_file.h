// A configuration file with every key that Loki knows, for tests.
#pragma once

#include <string>

namespace skald::config {

// Every key stands in its section, with its default where it means something here, else with any
// value; nothing in it changes a default.
std::string EveryKeyFile();

}  // namespace skald::config
