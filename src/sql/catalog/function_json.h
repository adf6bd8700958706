#pragma once

#include <nlohmann/json.hpp>
#include <vector>

#include "sql/catalog/function.h"

namespace weir::sql {

/// The functions of one name as the catalog's tables keep them; what is as usual is left out.
nlohmann::json FunctionsToJson(const std::vector<SqlFunctionPtr>& functions);
/// Throws nlohmann's exceptions for what is damaged.
std::vector<SqlFunctionPtr> FunctionsFromJson(const nlohmann::json& json);

}  // namespace weir::sql
