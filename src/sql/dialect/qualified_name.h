#pragma once

#include <string>

namespace weir::sql {

struct QualifiedName {
  std::string database;  // empty: the session's
  std::string schema;    // empty: by the search path
  std::string name;
  int position = 0;
};

}  // namespace weir::sql
