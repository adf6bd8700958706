#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "postgres/value/json_path.h"
#include "postgres/value/settings.h"
#include "weir/status.h"

namespace weir::postgres {

/// What a JSON path finds in a jsonb: jsonb_path_query and its like.
struct JsonPathItems {
  std::vector<std::string> items;  // canonical jsonb, in their order
  Status error;                    // what ended the search after them
};

/// `variables`: a jsonb object; empty: every variable is null. `settings`: moments without a zone are in theirs where
/// they meet others with one; null: such a comparison is 0A000. Errors: 22023 for variables that are no object; those
/// of the search are the items'.
Result<JsonPathItems> FindByPath(const JsonPath& path, std::string_view json, std::string_view variables,
                                 const Settings* settings = nullptr);

/// Whether it finds anything; nothing where the search ends with an error and `silent` says not to tell it.
Result<std::optional<bool>> ExistsByPath(const JsonPath& path, std::string_view json, std::string_view variables,
                                         bool silent, const Settings* settings = nullptr);
/// The one truth value that it finds. 22038 for anything else.
Result<std::optional<bool>> MatchesByPath(const JsonPath& path, std::string_view json, std::string_view variables,
                                          bool silent, const Settings* settings = nullptr);

}  // namespace weir::postgres
