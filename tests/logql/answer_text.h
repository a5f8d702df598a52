// Answers of queries as the lines that scripts expect, and the comparison of the two.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "query/engine/result.h"
#include "storage/base/status.h"
#include "tests/logql/script.h"

namespace skald::logql_test {

// The lines of an answer, without indentation but for that of entries below their stream.
std::vector<std::string> AnswerLines(const StatusOr<query::QueryResult>& answer,
                                     const query::QueryParams& params);

// How an `eval` wants its answer compared.
struct Comparison {
  bool ordered = false;  // order of series and streams matters
  bool exact = false;    // values agree to the last bit, not to seven digits
};

// True if the two are the same answer.
bool SameAnswer(std::vector<std::string> expected, std::vector<std::string> actual,
                const Comparison& how);

}  // namespace skald::logql_test
