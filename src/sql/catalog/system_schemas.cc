#include "sql/catalog/system_schemas.h"

#include <algorithm>
#include <array>
#include <utility>

namespace weir::sql {
namespace {

constexpr auto kTablesOfFunctions = std::to_array<std::pair<std::string_view, std::string_view>>({
    {"pg_cursor", "pg_cursors"},
    {"pg_get_keywords", "pg_get_keywords"},
    {"pg_lock_status", "pg_locks"},
    {"pg_prepared_statement", "pg_prepared_statements"},
    {"pg_show_all_settings", "pg_settings"},
    {"pg_timezone_abbrevs", "pg_timezone_abbrevs"},
    {"pg_timezone_names", "pg_timezone_names"},
});

}  // namespace

bool IsSystemSchema(std::string_view name) {
  return name == kCatalogSchemaName || name == kInformationSchemaName || name == kToolkitSchemaName ||
         name == kKwdbSchemaName;
}

std::string_view TableOfSetFunction(std::string_view function) {
  const auto found = std::ranges::find(kTablesOfFunctions, function,
                                       &std::pair<std::string_view, std::string_view>::first);
  return found == kTablesOfFunctions.end() ? std::string_view() : found->second;
}

}  // namespace weir::sql
