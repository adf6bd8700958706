#pragma once

#include "sql/catalog/catalog.h"
#include "tests/sql/session_testing.h"

namespace weir::sql {

/// A session, and what is below its partitioned tables.
class PartitionTreeTest : public SessionTest {
 protected:
  /// "name bound" of every leaf and branch below a table, in bound order, sub-partitions behind their parent.
  std::vector<std::string> Tree(const std::string& table) {
    std::vector<std::string> lines;
    auto catalog = Get(Catalog::Open(gateway));
    AddTree(*catalog, Get(catalog->Find({"fluss", table})), &lines);
    return lines;
  }

 private:
  static void AddTree(Catalog& catalog, const RelationPtr& relation, std::vector<std::string>* lines) {
    if (relation->is_leaf()) return;
    const auto children = Get(catalog.Children(*relation));
    for (const size_t i : children->level.bound_order()) {
      const RelationPtr& child = children->relations[i];
      lines->push_back(child->path.table + " " + child->bound_text);
      AddTree(catalog, child, lines);
    }
  }
};

}  // namespace weir::sql
