#pragma once

#include <span>
#include <vector>

#include "sql/analyze/analyze.h"
#include "sql/engine/attached_table.h"
#include "sql/engine/level_pruning.h"
#include "sql/transaction/lock_mode.h"

namespace weir::sql {

/// Binds an expression over a table's columns; column references become positions. Throws.
duckdb::unique_ptr<duckdb::Expression> BindOver(duckdb::ClientContext& context, const AttachedTable& table,
                                                const std::string& expression,
                                                analyze::DefinitionPart part);

/// The value of a generated column over the table's other columns. Throws.
duckdb::unique_ptr<duckdb::Expression> BindGenerated(duckdb::ClientContext& context, const AttachedTable& table,
                                                     size_t column);

/// Walks the leaves below a table whose rows a condition may let through, in bound order. A level of the tree is
/// pruned when the walk reaches it. Tables that inherit from one are left out where their CHECKs contradict the
/// condition. Used from one thread at a time; throws.
class LeafCursor {
 public:
  LeafCursor(duckdb::ClientContext& context, const AttachedTable& table, Condition condition);

  /// Null at the end.
  RelationPtr Next();
  /// From now on the last leaf of what lies ahead comes first, where leaves are ranges of this column. Before the first
  /// Next.
  void TakeLastFirst(int column);
  /// Leaves out those ahead whose rows another condition does not let through.
  void Narrow(Condition condition);
  /// Children of the first level that may be needed; 1 for a table that is a leaf itself.
  size_t first_level_size() const;
  /// At most so many of these children, which lie evenly among them, or that table. Before the first Next.
  std::vector<RelationPtr> first_level(size_t most) const;

 private:
  struct Level {
    RelationPtr partitioned;
    PartitionChildrenPtr children;
    std::vector<size_t> pruned;
    std::span<const size_t> chosen;  // what is ahead, of `pruned` or of all that the level holds
    bool from_last = false;
    std::vector<int> columns;  // of the key, in the table; −1: an expression
    HeldValues held;           // what bounds above say
  };
  void Open(const RelationPtr& partitioned, HeldValues held);
  void OpenHeirs();
  void Prune(const Condition& condition, Level* level);
  bool TakesLastFirst(const Level& level) const;

  duckdb::ClientContext& context_;
  const AttachedTable& table_;
  Condition condition_;
  Condition narrowed_;   // what Narrow has said
  int last_first_ = -1;  // the column of TakeLastFirst
  std::vector<RelationPtr> tables_;  // a leaf that stands for itself, with those that inherit from it
  size_t next_table_ = 0;
  std::vector<Level> levels_;
};

/// Locks a leaf that has been found below a locked table for the statement's transaction, and gives it as it is then:
/// who had it meanwhile may have given it an index or a constraint. Throws.
RelationPtr LockLeaf(duckdb::ClientContext& context, int64_t leaf, LockMode mode);

/// All leaves below a relation.
size_t CountLeaves(CatalogView& catalog, const RelationPtr& relation);

/// Position in `relation` of another relation's column; −1: it has none of that name.
int PositionOf(const Relation& relation, const std::string& column);
/// Columns of a table as a leaf of it has them.
std::vector<int> ColumnsInLeaf(const Relation& table, const std::vector<int>& columns, const Relation& leaf);

}  // namespace weir::sql
