#include "sql/catalog/new_partitions.h"

#include <memory>
#include <utility>

#include "sql/catalog/ddl_names.h"
#include "sql/catalog/index_ddl.h"

namespace weir::sql {

Status CheckNewNames(CatalogDraft& draft, const std::vector<NewPartition>& partitions, std::set<std::string> others) {
  for (const NewPartition& partition : partitions) {
    const TablePath& path = partition.relation.path;
    if (!others.insert(path.table).second) return NameIsTaken(path.table);
    WEIR_RETURN_NOT_OK(CheckNewName(draft, path));
  }
  return Status::OK();
}

Status PutPartitions(CatalogDraft& draft, const RelationPtr& above, std::vector<NewPartition> partitions) {
  if (partitions.empty()) return Status::OK();
  WEIR_ASSIGN_OR_RETURN(int64_t id, draft.TakeIds(static_cast<int64_t>(partitions.size())));
  std::vector<RelationPtr> made;
  for (NewPartition& partition : partitions) {
    auto relation = std::make_shared<Relation>(std::move(partition.relation));
    const RelationPtr parent = partition.parent < 0 ? above : made[static_cast<size_t>(partition.parent)];
    relation->id = id++;
    relation->parent = parent->id;
    draft.Put(relation, nullptr);
    WEIR_RETURN_NOT_OK(AddIndexesOfNew(parent.get(), &draft, relation.get()));
    made.push_back(std::move(relation));
  }
  return Status::OK();
}

}  // namespace weir::sql
