#pragma once

#include <string>
#include <vector>

#include "sql/analyze/function.h"
#include "sql/catalog/function.h"
#include "sql/dialect/function_statement.h"
#include "weir/status.h"

namespace weir::sql {

/// The names of those arguments of a call that have one.
std::vector<std::string> NamesOfArguments(const CallProcedure& call);

/// The query that gives the arguments of a call, in the order of the routine's inputs, as texts.
Result<std::string> ArgumentsText(const CallProcedure& call, const analyze::FunctionMatch& match);

/// An error of a body, which is not in the statement's own text.
Status InRoutine(const SqlFunction& routine, const Status& failure);

}  // namespace weir::sql
