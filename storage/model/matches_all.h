// Whether a label set is what a stream selector asks for.
#pragma once

#include <algorithm>
#include <span>

#include "storage/model/labels.h"
#include "storage/model/matcher.h"

namespace skald {

// True if the stream satisfies every matcher.
inline bool MatchesAll(const LabelSet& labels, std::span<const Matcher> matchers) {
  return std::all_of(matchers.begin(), matchers.end(), [&](const Matcher& matcher) {
    return matcher.Matches(labels.Get(matcher.name()));
  });
}

}  // namespace skald
