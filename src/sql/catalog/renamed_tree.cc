#include "sql/catalog/renamed_tree.h"

#include <fmt/format.h>

#include <memory>
#include <utility>

#include "sql/catalog/ddl_names.h"

namespace weir::sql {
namespace {

constexpr size_t kLongestRelationName = 63;

/// Whether it begins with "<name>_<digits>_prt_".
bool IsCalledAfter(std::string_view partition, std::string_view name) {
  if (!partition.starts_with(name)) return false;
  partition.remove_prefix(name.size());
  if (!partition.starts_with('_')) return false;
  const size_t digits = partition.find_first_not_of("0123456789", 1);
  return digits != std::string_view::npos && digits > 1 && partition.substr(digits).starts_with("_prt_");
}

class NameFollower {
 public:
  NameFollower(std::string old_name, std::string new_name, CatalogDraft* draft)
      : old_name_(std::move(old_name)), new_name_(std::move(new_name)), draft_(draft) {}

  /// `moved`: the table itself has another path now.
  Status Visit(const Relation& table, bool moved) {
    if (!table.is_partitioned()) return Status::OK();
    WEIR_ASSIGN_OR_RETURN(const PartitionChildrenPtr children, draft_->Children(table));
    for (const RelationPtr& child : children->relations) {
      auto now = std::make_shared<Relation>(*child);
      const bool follows = Follows(&now->path.table);
      if (follows) WEIR_RETURN_NOT_OK(CheckNewName(*draft_, now->path));
      ++(follows ? renamed_ : skipped_);
      if (follows || moved) draft_->Put(now, child);
      WEIR_RETURN_NOT_OK(Visit(follows || moved ? *now : *child, follows));
    }
    return Status::OK();
  }

  Notices notices() const {
    if (renamed_ == 1 || skipped_ == 0) return {};
    return {fmt::format("renamed {} relations, skipped {} child partitions as old parent name is not part of partition "
                        "name",
                        renamed_, skipped_)};
  }

 private:
  bool Follows(std::string* name) const {
    if (old_name_ == new_name_ || !IsCalledAfter(*name, old_name_)) return false;
    std::string after = new_name_ + name->substr(old_name_.size());
    if (after.size() > kLongestRelationName) return false;
    *name = std::move(after);
    return true;
  }

  const std::string old_name_;
  const std::string new_name_;
  CatalogDraft* draft_;
  int renamed_ = 1;  // the table itself
  int skipped_ = 0;
};

}  // namespace

Result<Notices> FollowName(const RelationPtr& table, const std::string& old_name, CatalogDraft* draft) {
  NameFollower follower(old_name, table->path.table, draft);
  WEIR_RETURN_NOT_OK(follower.Visit(*table, true));
  return follower.notices();
}

Result<Notices> RenameTree(const RelationPtr& table, const std::string& name, CatalogDraft* draft) {
  auto renamed = std::make_shared<Relation>(*table);
  renamed->path.table = name;
  WEIR_RETURN_NOT_OK(CheckNewName(*draft, renamed->path));
  draft->Put(renamed, table);
  return FollowName(renamed, table->path.table, draft);
}

}  // namespace weir::sql
