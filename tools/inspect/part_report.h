// A survey as text for people.
#pragma once

#include <map>
#include <string>

#include "storage/part/part.h"
#include "tools/inspect/part_survey.h"

namespace skald::inspect {

// `2026-01-05T00:00:00.5Z`.
std::string TimeText(int64_t nanos);

// A table of columns, then sections and the rest, each with its share of the sum.
std::string SizeTable(const PartSurvey& survey);

// Footer, sizes, encodings, filters and damages of a part; with `blocks` a line a block.
std::string PartReport(const std::string& name, const storage::Part& part, const PartSurvey& survey,
                       bool blocks);

}  // namespace skald::inspect
