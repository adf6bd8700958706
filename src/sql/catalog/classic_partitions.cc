#include "sql/catalog/classic_partitions.h"

#include <fmt/format.h>

#include <utility>

#include "sql/catalog/bound_text.h"
#include "sql/catalog/column_encoding.h"
#include "sql/catalog/table_definition.h"
#include "sql/catalog/table_options.h"
#include "sql/dialect/tablespace.h"
#include "sql/error.h"

namespace weir::sql {
namespace {

/// Of all that one statement makes.
constexpr size_t kMostTables = 200'000;

/// Makes the tree level by level.
class Expansion {
 public:
  Expansion(const ClassicPlace& place, const DdlContext& context)
      : place_(place), context_(context), patterns_(place.below.size()), encodings_{&place.encodings} {}

  Result<std::vector<NewPartition>> Run(const std::vector<ClassicPartition>& written) {
    WEIR_ASSIGN_OR_RETURN(const auto expanded, ExpandClassicLevel(place_.first, written, context_));
    WEIR_RETURN_NOT_OK(AddAll(expanded, -1, 0));
    return std::move(members_);
  }

 private:
  const Relation& ParentAt(int parent) const {
    return parent < 0 ? place_.first.parent : members_[static_cast<size_t>(parent)].relation;
  }

  /// `depth`: 0 for the partitions that the statement names.
  Status AddAll(const std::vector<ClassicPiece>& pieces, int parent, size_t depth) {
    for (const ClassicPiece& piece : pieces) {
      if (members_.size() == kMostTables) {
        return Error("54000", fmt::format("a statement cannot make more than {} partitions", kMostTables),
                     {.hint = "Make some of them with ALTER TABLE or CREATE TABLE ... PARTITION OF."});
      }
      encodings_.insert(encodings_.begin(), &piece.written->encodings);
      WEIR_ASSIGN_OR_RETURN(Relation relation, Member(ParentAt(parent), piece, depth));
      members_.push_back({std::move(relation), parent});
      WEIR_RETURN_NOT_OK(AddBelow(piece, static_cast<int>(members_.size()) - 1, depth));
      encodings_.erase(encodings_.begin());
    }
    return Status::OK();
  }

  Status AddBelow(const ClassicPiece& piece, int member, size_t depth) {
    const auto& own = piece.written->parts;
    if (depth == place_.below.size()) {
      if (!own) return Status::OK();
      return Error("42P16",
                   "subpartition specification provided but table doesn't have SUBPARTITION BY clause",
                   {.position = piece.written->position});
    }
    const auto& pattern = place_.below[depth].pattern;
    if (own && pattern) {
      return Error("42P16", "subpartition configuration conflicts with subpartition template",
                   {.position = piece.written->position});
    }
    const size_t level = place_.first.level + depth + 1;
    if (!own && !pattern) {
      return Error("42P16", fmt::format("no partitions specified at depth {}", level),
                   {.position = piece.written->position});
    }
    const auto expand = [&](const std::vector<ClassicPartition>& written) {
      return ExpandClassicLevel({.parent = ParentAt(member), .level = level}, written, context_);
    };
    if (own) {
      WEIR_ASSIGN_OR_RETURN(const auto expanded, expand(*own));
      return AddAll(expanded, member, depth + 1);
    }
    std::vector<ClassicPiece>& expanded = patterns_[depth];
    if (expanded.empty()) {
      WEIR_ASSIGN_OR_RETURN(expanded, expand(*pattern));
    }
    return AddAll(expanded, member, depth + 1);
  }

  Result<Relation> Member(const Relation& parent, const ClassicPiece& piece, size_t depth) const {
    const std::string name = ClassicName(parent.path.table, place_.first.level + depth, piece.name);
    Relation relation = PartitionOf(parent, name, piece.bound);
    WEIR_RETURN_NOT_OK(CheckEncodings(piece.written->encodings, relation));
    SetEncodings(encodings_, &relation);
    WEIR_RETURN_NOT_OK(CheckOptions(piece.written->options));
    for (const auto& [option, value] : piece.written->options) relation.options[option] = value;
    const std::string& tablespace = piece.written->tablespace;
    if (!tablespace.empty()) WEIR_RETURN_NOT_OK(CheckTablespaceOfTable(tablespace));
    if (depth < place_.below.size()) {
      relation.partition_key = place_.below[depth].key;
      WEIR_RETURN_NOT_OK(CheckConstraints(relation));
    }
    return relation;
  }

  const ClassicPlace& place_;
  const DdlContext& context_;
  std::vector<std::vector<ClassicPiece>> patterns_;  // expanded, by depth
  std::vector<const std::vector<ColumnEncoding>*> encodings_;  // that count for a partition, its own first
  std::vector<NewPartition> members_;
};

}  // namespace

Result<std::vector<NewPartition>> ClassicChildren(const ClassicPlace& place,
                                                  const std::vector<ClassicPartition>& written,
                                                  const DdlContext& context) {
  return Expansion(place, context).Run(written);
}

Result<std::vector<NewPartition>> ClassicChildren(const Relation& root, const CreateTable& statement,
                                                  const DdlContext& context) {
  const ClassicPartitions& classic = *statement.classic_partitions;
  ClassicPlace place{.first = {.parent = root}};
  place.encodings = EncodingsOf(statement);
  for (const ClassicLevel& level : classic.levels) {
    Relation keyed;
    keyed.columns = root.columns;
    WEIR_RETURN_NOT_OK(DefinePartitionKey(level.by, false, context, &keyed));
    place.below.push_back({std::move(*keyed.partition_key), level.pattern});
  }
  return ClassicChildren(place, classic.partitions, context);
}

Relation PartitionOf(const Relation& parent, const std::string& name, PartitionBound bound) {
  Relation relation;
  relation.path = {parent.path.database, name};
  relation.columns = InheritedColumns(parent);
  relation.constraints = InheritedConstraints(parent, name);
  relation.distributed_by = parent.distributed_by;
  relation.options = parent.options;
  relation.bound = std::move(bound);
  relation.bound_text = BoundText(parent, relation.bound);
  return relation;
}

std::map<int, std::string> TemplatesOf(const ClassicPartitions& classic) {
  std::map<int, std::string> templates;
  for (size_t i = 0; i < classic.levels.size(); ++i) {
    if (classic.levels[i].pattern) templates[static_cast<int>(i) + 1] = classic.levels[i].pattern_text;
  }
  return templates;
}

}  // namespace weir::sql
