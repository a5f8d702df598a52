// A compressed set of stream ordinals (a roaring bitmap).
#pragma once

#include <roaring/roaring.hh>

namespace roaring {}

namespace skald::storage {
namespace ordinal_set_internal {
// The class is global in old versions of the library and lives in its namespace in new ones.
using namespace ::roaring;  // NOLINT
using Set = Roaring;
}  // namespace ordinal_set_internal
using OrdinalSet = ordinal_set_internal::Set;
}  // namespace skald::storage
