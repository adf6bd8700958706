#include "sql/catalog/pending_tables.h"

#include <set>

namespace weir::sql {

void NewRelations::Add(std::shared_ptr<Relation> relation, RelationPtr parent) {
  relations.push_back(std::move(relation));
  parents.push_back(std::move(parent));
}

void PendingTables::Clear() { (void)Take(); }

NewRelations PendingTables::Take() {
  by_path_.clear();
  levels_.clear();
  return std::exchange(made_, {});
}

RelationPtr PendingTables::Find(const TablePath& path) const {
  const auto at = by_path_.find(path);
  return at == by_path_.end() ? nullptr : made_.relations[at->second];
}

bool PendingTables::Holds(const Relation& relation) const { return Find(relation.path).get() == &relation; }

const BoundIndex* PendingTables::Bounds(const Relation& parent) const {
  const auto at = levels_.find(parent.path);
  return at == levels_.end() ? nullptr : &at->second.bounds;
}

size_t PendingTables::CountChildren(const Relation& parent) const {
  const auto at = levels_.find(parent.path);
  return at == levels_.end() ? 0 : at->second.children;
}

void PendingTables::Add(NewRelations made) {
  for (size_t i = 0; i < made.relations.size(); ++i) {
    const size_t position = made_.relations.size();
    by_path_.emplace(made.relations[i]->path, position);
    if (made.parents[i]) {
      Level& level = levels_[made.parents[i]->path];
      level.bounds.Add(static_cast<int64_t>(position), made.relations[i]->bound);
      ++level.children;
    }
    made_.Add(std::move(made.relations[i]), std::move(made.parents[i]));
  }
}

void PendingTables::NoteWritten(const NewRelations& made) {
  std::set<const Relation*> all;
  for (size_t i = 0; i < made.relations.size(); ++i) {
    all.insert(made.relations[i].get());
    if (!all.contains(made.parents[i].get())) written_.push_back(made.relations[i]->path);
  }
}

}  // namespace weir::sql
