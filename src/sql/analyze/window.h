#pragma once

#include "sql/analyze/scope.h"

namespace weir::sql::analyze {

/// The windows that WINDOW names and OVER makes: `Query::windows`, along Scope::window_definitions.
Status AnalyzeWindows(Scope& scope);

}  // namespace weir::sql::analyze
