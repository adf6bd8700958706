#include "sql/catalog/heirs.h"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "sql/catalog/catalog_draft.h"

namespace weir::sql {

bool InheritsFrom(const Relation& table, const Relation& parent) {
  return std::ranges::find(table.inherits, parent.id) != table.inherits.end();
}

Result<std::vector<RelationPtr>> HeirsOf(CatalogView& catalog, const Relation& table,
                                         const TemporaryTables& temporary) {
  std::vector<RelationPtr> heirs;
  for (const int64_t id : table.inherited_by) {
    WEIR_ASSIGN_OR_RETURN(RelationPtr heir, catalog.FindById(id));
    // One that a session has left behind when it was killed is gone, though nobody has told its parents.
    if (!heir || !InheritsFrom(*heir, table)) continue;
    const bool of_another = IsTemporary(heir->path.database) && heir->path.database != temporary.database;
    if (!of_another) heirs.push_back(std::move(heir));
  }
  return heirs;
}

Result<std::vector<RelationPtr>> WithHeirs(CatalogView& catalog, const RelationPtr& table,
                                           const TemporaryTables& temporary) {
  std::vector<RelationPtr> found = {table};
  if (table->inherited_by.empty()) return found;
  std::vector<std::vector<RelationPtr>> below;  // along `found`
  std::unordered_map<int64_t, int> awaited;     // parents that are to come before it
  for (size_t i = 0; i < found.size(); ++i) {
    WEIR_ASSIGN_OR_RETURN(std::vector<RelationPtr> heirs, HeirsOf(catalog, *found[i], temporary));
    for (const RelationPtr& heir : heirs) {
      if (awaited[heir->id]++ == 0) found.push_back(heir);
    }
    below.push_back(std::move(heirs));
  }
  std::unordered_map<int64_t, size_t> places;
  for (size_t i = 0; i < found.size(); ++i) places[found[i]->id] = i;
  std::vector<RelationPtr> sorted = {table};
  for (size_t i = 0; i < sorted.size(); ++i) {
    for (const RelationPtr& heir : below[places[sorted[i]->id]]) {
      if (--awaited[heir->id] == 0) sorted.push_back(heir);
    }
  }
  return sorted;
}

namespace {

Status PutHeirs(CatalogDraft* draft, int64_t parent, int64_t child, bool is_one) {
  WEIR_ASSIGN_OR_RETURN(const RelationPtr before, draft->FindById(parent));
  if (!before) return Status::OK();
  auto now = std::make_shared<Relation>(*before);
  std::erase(now->inherited_by, child);
  if (is_one) now->inherited_by.insert(std::ranges::upper_bound(now->inherited_by, child), child);
  if (now->inherited_by != before->inherited_by) draft->Put(std::move(now), before);
  return Status::OK();
}

}  // namespace

Status LinkHeir(CatalogDraft* draft, int64_t parent, int64_t child) { return PutHeirs(draft, parent, child, true); }

Status UnlinkHeir(CatalogDraft* draft, int64_t parent, int64_t child) { return PutHeirs(draft, parent, child, false); }

}  // namespace weir::sql
