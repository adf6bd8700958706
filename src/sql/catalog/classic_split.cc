#include "sql/catalog/classic_split.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <span>
#include <utility>

#include "sql/catalog/bound_text.h"
#include "sql/catalog/classic_level.h"
#include "sql/catalog/classic_partitions.h"
#include "sql/catalog/ddl_names.h"
#include "sql/catalog/dependent_views.h"
#include "sql/catalog/index_ddl.h"
#include "sql/catalog/new_partitions.h"
#include "sql/catalog/partition_bounds.h"
#include "sql/catalog/partition_place.h"
#include "sql/error.h"

namespace weir::sql {
namespace {

/// What one partition becomes.
struct Halves {
  PartitionBound first;
  PartitionBound second;
};
/// As relations; empty: a number is chosen.
struct HalfNames {
  std::string first;
  std::string second;
};

/// One split, step by step.
class PartitionSplit {
 public:
  PartitionSplit(const ClassicTarget& target, const classic::SplitPartition& split, const DdlContext& context,
                 CatalogDraft* draft)
      : target_(target), split_(split), context_(context), draft_(draft) {}

  Result<Notices> Run() {
    WEIR_ASSIGN_OR_RETURN(old_, TakeClassicPartition(target_, split_.partition, context_, draft_));
    WEIR_RETURN_NOT_OK(CheckMaySplit());
    WEIR_ASSIGN_OR_RETURN(HalfNames names, Names());
    WEIR_ASSIGN_OR_RETURN(const Halves halves, Bounds());
    WEIR_ASSIGN_OR_RETURN(const std::shared_ptr<Relation> apart, SetApart());
    WEIR_RETURN_NOT_OK(ChooseNames(&names));
    WEIR_ASSIGN_OR_RETURN(const RelationPtr first, Make(names.first, halves.first));
    WEIR_ASSIGN_OR_RETURN(const RelationPtr second, Make(names.second, halves.second));
    WEIR_RETURN_NOT_OK(draft_->MakeTables());
    WEIR_RETURN_NOT_OK(draft_->NoteRowsOf(*apart));
    const std::string condition = Conjunction(BoundConditions(table(), halves.first, {}));
    WEIR_ASSIGN_OR_RETURN(const int64_t to_first, Move(apart, first, condition));
    WEIR_ASSIGN_OR_RETURN(const int64_t to_second, Move(apart, second, fmt::format("({}) IS NOT TRUE", condition)));
    WEIR_RETURN_NOT_OK(RemoveAll(draft_, {apart}));
    return Notices{fmt::format("moved {} rows of \"{}\": {} to \"{}\", {} to \"{}\"", to_first + to_second,
                               old_->path.table, to_first, first->path.table, to_second, second->path.table)};
  }

 private:
  const Relation& table() const { return *target_.table; }
  PartitionStrategy strategy() const { return table().partition_key->strategy; }
  bool of_default() const { return IsDefault(old_->bound); }

  Status CheckMaySplit() const {
    const std::string& name = table().path.table;
    if (old_->is_partitioned()) {
      return Error("0A000", fmt::format("cannot SPLIT PARTITION for relation \"{}\" -- partition has children", name),
                   {.hint = "Try splitting the child partitions."});
    }
    if (old_->is_foreign()) {
      return Error("0A000", fmt::format("cannot split foreign table \"{}\"", old_->path.table),
                   {.hint = "Restore it from its files first, or exchange it for a table."});
    }
    if (strategy() == PartitionStrategy::kHash) {
      return Error("0A000", "partition strategy: h not supported by SPLIT partition");
    }
    if (table().partition_key->parts.size() > 1) {
      return Error("0A000",
                   fmt::format("SPLIT PARTITION is not supported for the key of several columns of \"{}\"", name));
    }
    WEIR_ASSIGN_OR_RETURN(const auto views, ViewsAbove(*draft_, {old_}, context_));
    return CheckNothingDepends(Described(*old_, context_), views, false);
  }

  // --- names

  Result<HalfNames> Names() {
    if (!split_.into) return HalfNames{{}, of_default() ? old_->path.table : ""};
    const auto& [one, other] = *split_.into;
    WEIR_ASSIGN_OR_RETURN(const RelationPtr first, FindClassicPartition(target_, one, context_, draft_));
    WEIR_ASSIGN_OR_RETURN(const RelationPtr second, FindClassicPartition(target_, other, context_, draft_));
    if (first && second) return Error("42710", "both INTO partitions already exist");
    if (!of_default()) {
      const char* wrong = "INTO can only have first partition by name";
      WEIR_ASSIGN_OR_RETURN(std::string first_name, NameOfNew(one, wrong));
      WEIR_ASSIGN_OR_RETURN(std::string second_name, NameOfNew(other, wrong));
      return HalfNames{std::move(first_name), std::move(second_name)};
    }
    const bool first_stays = first && first->id == old_->id;
    if (!first_stays && !(second && second->id == old_->id)) {
      return Error("42601", "default partition name missing from INTO clause");
    }
    WEIR_ASSIGN_OR_RETURN(std::string name, NameOfNew(first_stays ? other : one,
                                                      "new partition in INTO clause must be given by name"));
    return HalfNames{std::move(name), old_->path.table};
  }

  Result<std::string> NameOfNew(const ClassicPartitionId& id, const char* wrong) const {
    if (id.kind != ClassicPartitionId::Kind::kName) return Error("42601", wrong, {.position = id.position});
    WEIR_RETURN_NOT_OK(CheckClassicName(id.name));
    return ClassicName(table().path.table, target_.level, id.name);
  }

  /// Once the old partition has left its name to them.
  Status ChooseNames(HalfNames* names) const {
    const auto choose = [&](size_t number, std::string* name) -> Status {
      if (!name->empty()) return Status::OK();
      const IsNameTaken taken = [&](const std::string& relation) -> Result<bool> {
        WEIR_ASSIGN_OR_RETURN(const RelationPtr found, draft_->Find({table().path.database, relation}));
        return found != nullptr || relation == names->first;
      };
      WEIR_ASSIGN_OR_RETURN(const std::string free,
                            FreeClassicNumber(table().path.table, target_.level, number, taken));
      *name = ClassicName(table().path.table, target_.level, free);
      return Status::OK();
    };
    WEIR_RETURN_NOT_OK(choose(1, &names->first));
    return choose(2, &names->second);
  }

  // --- bounds

  Result<Halves> Bounds() const { return strategy() == PartitionStrategy::kRange ? Ranges() : Lists(); }

  Result<Halves> Ranges() const {
    if (of_default()) {
      if (!split_.range) return Error("42601", "AT clause cannot be used when splitting a default RANGE partition");
      WEIR_ASSIGN_OR_RETURN(const auto from, ClassicStart(table(), *split_.range, context_));
      WEIR_ASSIGN_OR_RETURN(const auto to, ClassicEnd(table(), *split_.range, context_));
      return Halves{RangeBound{{*from}, {*to}}, DefaultBound{}};
    }
    if (split_.at.size() > 1) {
      return Error("42P16", "too many columns for RANGE partition -- only one column is allowed",
                   {.position = split_.at[1].position});
    }
    ClassicPartition at;
    at.end = split_.at.front();
    WEIR_ASSIGN_OR_RETURN(const auto middle, ClassicEnd(table(), at, context_));
    const auto& old = std::get<RangeBound>(old_->bound);
    return Halves{RangeBound{old.from, {*middle}}, RangeBound{{*middle}, old.to}};
  }

  /// Of a list the second half gets the values of AT, of the DEFAULT partition the first.
  Result<Halves> Lists() const {
    if (split_.range) {
      return Error("42601", "cannot SPLIT LIST PARTITION with START",
                   {.hint = "Use SPLIT with the AT clause instead."});
    }
    const BoundClause clause = ClassicListClause(split_.at, split_.partition.position);
    WEIR_ASSIGN_OR_RETURN(const PartitionBound taken, ResolveBound(table(), clause, context_.evaluate));
    if (of_default()) return Halves{taken, DefaultBound{}};
    ListBound rest = std::get<ListBound>(old_->bound);
    for (const KeyTuple& value : std::get<ListBound>(taken).values) {
      const auto is_value = [&](const KeyTuple& own) { return Compare(std::span(own), std::span(value)) == 0; };
      if (std::erase_if(rest.values, is_value) > 0) continue;
      return Error("42809", "AT clause parameter is not a member of the target partition specification");
    }
    if (rest.values.empty()) {
      return Error("42601", "AT clause cannot contain all values in the partition to be split");
    }
    return Halves{std::move(rest), taken};
  }

  // --- leaves

  /// The old partition stands alone, under a name that nobody has, until its rows are in the new ones.
  Result<std::shared_ptr<Relation>> SetApart() const {
    auto apart = std::make_shared<Relation>(*old_);
    apart->path.table = fmt::format("pg_temp_{}", old_->id);
    apart->parent.reset();
    apart->bound = DefaultBound{};
    apart->bound_text.clear();
    WEIR_RETURN_NOT_OK(CheckNewName(*draft_, apart->path));
    RemoveIndexes(std::vector<RelationPtr>(apart->indexes), draft_, apart.get());
    draft_->Put(apart, old_);
    return apart;
  }

  Result<RelationPtr> Make(const std::string& name, const PartitionBound& bound) const {
    const BoundClause clause{.position = split_.partition.position};
    WEIR_RETURN_NOT_OK(CheckPlace(*draft_, table(), {name, bound, clause}, context_));
    std::vector<NewPartition> made;
    made.push_back({PartitionOf(table(), name, bound), -1});
    made.front().relation.options = old_->options;
    WEIR_RETURN_NOT_OK(CheckNewNames(*draft_, made));
    WEIR_RETURN_NOT_OK(PutPartitions(*draft_, target_.table, std::move(made)));
    return draft_->Find({table().path.database, name});
  }

  /// Rows of the old partition into a new one.
  Result<int64_t> Move(const RelationPtr& from, const RelationPtr& to, const std::string& condition) const {
    return context_.copy_rows(from, SameRows(to->columns, condition), to);
  }

  const ClassicTarget& target_;
  const classic::SplitPartition& split_;
  const DdlContext& context_;
  CatalogDraft* draft_;
  RelationPtr old_;
};

}  // namespace

Result<Notices> SplitClassicPartition(const ClassicTarget& target, const classic::SplitPartition& split,
                                      const DdlContext& context, CatalogDraft* draft) {
  return PartitionSplit(target, split, context, draft).Run();
}

}  // namespace weir::sql
