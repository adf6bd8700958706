#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "model/bound_index.h"
#include "sql/catalog/relation.h"

namespace weir::sql {

/// Relations about to be made, parents before their children.
struct NewRelations {
  std::vector<std::shared_ptr<Relation>> relations;
  std::vector<RelationPtr> parents;  // one a relation; null: none

  void Add(std::shared_ptr<Relation> relation, RelationPtr parent);
};

/// The tables that the CREATE TABLE statements of one transaction block have made, until they are written together
/// (Catalog::Write). Only further CREATE TABLE statements of the block see them.
class PendingTables {
 public:
  bool empty() const { return made_.relations.empty(); }
  void Clear();

  /// Null when there is none.
  RelationPtr Find(const TablePath& path) const;
  bool Holds(const Relation& relation) const;
  /// The bounds of those that are partitions of `parent`, known by their position in `relation`; null: none are.
  const BoundIndex* Bounds(const Relation& parent) const;
  size_t CountChildren(const Relation& parent) const;
  const Relation& relation(int64_t position) const { return *made_.relations[static_cast<size_t>(position)]; }

  void Add(NewRelations made);
  NewRelations Take();

  /// The catalog's version that the first of them was checked against; those after it saw that one or a later one.
  uint64_t checked_at() const { return checked_at_; }
  void set_checked_at(uint64_t version) { checked_at_ = version; }

  /// Tables that were written, without those below another one of them: what ROLLBACK has to drop.
  void NoteWritten(const NewRelations& made);
  std::vector<TablePath> TakeWritten() { return std::exchange(written_, {}); }

 private:
  struct Level {
    BoundIndex bounds;
    size_t children = 0;
  };

  NewRelations made_;
  std::map<TablePath, size_t> by_path_;
  std::map<TablePath, Level> levels_;  // by parent
  std::vector<TablePath> written_;
  uint64_t checked_at_ = 0;
};

}  // namespace weir::sql
