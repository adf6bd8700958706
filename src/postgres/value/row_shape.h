#pragma once

#include <memory>
#include <vector>

#include "postgres/oid.h"

namespace weir::postgres {

/// The types of a row's fields, where its own type (record) tells nothing of them. Of an array of such rows: theirs.
struct RowShape {
  struct Field {
    Oid type = 0;
    std::shared_ptr<const RowShape> row;  // of a field that is such a row itself
  };
  std::vector<Field> fields;
};

}  // namespace weir::postgres
