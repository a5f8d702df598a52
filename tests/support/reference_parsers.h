// The parser stages of the reference evaluator.
#pragma once

#include "query/syntax/ast.h"
#include "tests/support/reference_row.h"

namespace skald::test_support {

void ReadJson(const query::JsonStage& stage, ReferenceRow* row);
void ReadLogfmt(const query::LogfmtStage& stage, ReferenceRow* row);
void ReadRegexp(const query::RegexpStage& stage, ReferenceRow* row);
void ReadPattern(const query::PatternStage& stage, ReferenceRow* row);
// unpack: every value of the object is a string.
void ReadPacked(ReferenceRow* row);

}  // namespace skald::test_support
