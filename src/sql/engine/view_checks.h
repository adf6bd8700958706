#pragma once

#include <string>
#include <vector>

#include "sql/catalog/catalog.h"

namespace weir::sql {

/// What rows that come in through a view are held to.
struct ViewCheck {
  std::string view;       // its name
  std::string condition;  // over the columns of its table as they are called now
};

/// The CHECK OPTIONs of an updatable view called `name` and of those below it, from the table on: below CASCADED ones
/// each view has one. Conditions over columns that are computed name what the table has not.
Result<std::vector<ViewCheck>> ViewChecksOf(CatalogView& catalog, const std::string& name, const ViewDefinition& view);

}  // namespace weir::sql
