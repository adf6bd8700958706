#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sql/dialect/qualified_name.h"

namespace weir::sql {

/// What KWDB's zones are of.
struct ZoneTarget {
  enum class Kind { kRange, kDatabase, kTable, kIndex, kPartition };
  Kind kind = Kind::kTable;
  std::string name;       // of a range or a database
  QualifiedName table;    // or an index that stands without its table
  std::string index;      // table@index; "*": every index; empty: none was named
  std::string partition;
  bool of_index = false;  // written PARTITION … OF INDEX
  int position = 0;
};

/// CONFIGURE ZONE USING variable = value
struct ZoneAssignment {
  std::string variable;         // "gc.ttlseconds"
  std::string value;            // an expression's text
  bool copy_from_parent = false;
  int position = 0;             // of the value
};

/// ALTER … CONFIGURE ZONE
struct ConfigureZone {
  enum class Action { kUsing, kWhole, kDefault, kDiscard };
  ZoneTarget target;
  Action action = Action::kUsing;
  std::vector<ZoneAssignment> assignments;  // kUsing
  std::string whole = {};   // kWhole: an expression's text, which gives a zone as YAML
  int whole_position = 0;
};

}  // namespace weir::sql
