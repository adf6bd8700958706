#include "sql/catalog/alter_column.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "postgres/made_type.h"
#include "postgres/resolve.h"
#include "postgres/type.h"
#include "sql/catalog/alter_constraint.h"
#include "sql/catalog/bound_text.h"
#include "sql/catalog/domain.h"
#include "sql/catalog/generated_column.h"
#include "sql/catalog/hash_shards.h"
#include "sql/catalog/index_ddl.h"
#include "sql/catalog/index_expression.h"
#include "sql/catalog/key_names.h"
#include "sql/catalog/sequence_ddl.h"
#include "sql/catalog/sql_types.h"
#include "sql/catalog/table_definition.h"
#include "sql/dialect/column_reference.h"
#include "sql/dialect/kept_call.h"
#include "sql/error.h"

namespace weir::sql {
namespace {

constexpr int kMostColumns = 1600;

Status NoColumn(const AlteredRelation& member, const std::string& name) {
  return Error("42703", fmt::format("column \"{}\" of relation \"{}\" does not exist", name, member.name()));
}

Status ColumnExists(const AlteredRelation& member, const std::string& name) {
  return Error("42701", fmt::format("column \"{}\" of relation \"{}\" already exists", name, member.name()));
}

/// Its place, from 0. 42703, and 0A000 for a system column.
Result<size_t> FindToAlter(const AlteredRelation& member, const std::string& name) {
  if (IsSystemColumn(name)) return Error("0A000", fmt::format("cannot alter system column \"{}\"", name));
  const int at = member.now.ColumnIndex(name);
  if (at < 0) return NoColumn(member, name);
  return static_cast<size_t>(at);
}

}  // namespace

Result<SqlColumn*> ColumnOf(AlteredRelation& member, const std::string& name) {
  const int at = member.now.ColumnIndex(name);
  if (at < 0) return NoColumn(member, name);
  return &member.now.columns[static_cast<size_t>(at)];
}

namespace {

/// Whether a member has the column from more tables than the members above it.
bool IsInherited(const AlteredRelation& member, const std::string& column) {
  if (member.parent) return member.above.empty() && member.parent->ColumnIndex(column) >= 0;
  const int at = member.now.ColumnIndex(column);
  return at >= 0 && member.now.columns[static_cast<size_t>(at)].inherited > static_cast<int>(member.above.size());
}

bool HasPart(const std::vector<std::string>& names, const std::string& name) {
  return std::ranges::find(names, name) != names.end();
}

/// Whether the partition key is made of the column.
Result<bool> IsInPartitionKey(const Relation& relation, const std::string& column) {
  if (!relation.partition_key) return false;
  for (const SqlPartitionKeyPart& part : relation.partition_key->parts) {
    if (part.column >= 0 && relation.columns[static_cast<size_t>(part.column)].name == column) return true;
    if (part.column >= 0) continue;
    if (part.shard && HasPart(KwdbKeyColumns(relation), column)) return true;
    if (part.shard) continue;
    WEIR_ASSIGN_OR_RETURN(const bool refers, dialect::RefersTo(part.expression, column));
    if (refers) return true;
  }
  return false;
}

/// As KWDB says it.
Status InPrimaryKey(const std::string& column) {
  return Error("42P10", fmt::format("column \"{}\" is referenced by the primary key", column));
}

/// The values of KWDB's partitions of an index are of its columns' types.
Status CheckNoIndexIsPartitionedBy(const Relation& relation, const std::string& column) {
  for (const RelationPtr& index : relation.indexes) {
    if (!index->index->declared) continue;
    std::vector<std::string> key = KeyColumnsOf(*index->index, relation);
    key.resize(index->index->declared->columns);
    if (!HasPart(key, column)) continue;
    return Error("0A000", fmt::format("cannot alter the type of column \"{}\", of which partitions of index \"{}\" are "
                                      "made", column, index->path.table));
  }
  return Status::OK();
}

Status CheckNotInPartitionKey(const Relation& relation, const std::string& column, std::string_view verb) {
  WEIR_ASSIGN_OR_RETURN(const bool in_key, IsInPartitionKey(relation, column));
  if (!in_key) return verb == "alter" ? CheckNoIndexIsPartitionedBy(relation, column) : Status::OK();
  if (!relation.declared_by.empty() && verb == "drop") return InPrimaryKey(column);
  return Error("42P16",
               fmt::format("cannot {} column \"{}\" because it is part of the partition key of relation \"{}\"", verb,
                           column, relation.path.table));
}

Status CheckNameIsFree(const AlteredRelation& member, const std::string& name) {
  if (member.now.ColumnIndex(name) >= 0 || IsShardColumn(member.now, name)) return ColumnExists(member, name);
  if (IsSystemColumn(name)) {
    return Error("42701", fmt::format("column name \"{}\" conflicts with a system column name", name));
  }
  return Status::OK();
}

/// Columns keep their numbers from here on, whatever goes before them.
void FixNumbers(Relation* relation) {
  for (size_t i = 0; i < relation->columns.size(); ++i) relation->columns[i].number = relation->NumberOf(i);
}

void AppendColumn(SqlColumn column, const ColumnSource& source, AlteredRelation* member) {
  const int last = member->now.LastNumber();
  column.number = last == static_cast<int>(member->now.columns.size()) ? 0 : last + 1;
  member->now.columns.push_back(std::move(column));
  member->sources.push_back(source);
}

}  // namespace

RowCheck NotNullCheck(const AlteredRelation& member, const std::string& column) {
  return {fmt::format("{} IS NULL", QuoteIdentifier(column)),
          Error("23502", fmt::format("column \"{}\" of relation \"{}\" contains null values", column, member.name()),
                {.schema = member.before->path.database, .table = member.name(), .column = column})};
}

// --- ADD COLUMN ---

namespace {

/// What rows have in the new column that are there already.
struct AddedValue {
  ColumnSource source;
  bool changes = false;  // from row to row
  bool is_null = true;
};

Result<AddedValue> ValueOf(const SqlColumn& column, const DdlContext& context) {
  AddedValue added;
  if (column.generated) {
    added.source.expression = *column.generated;
    added.changes = true;
    return added;
  }
  added.source.expression = "NULL";
  const auto text = DefaultTextOf(column);
  if (!text) return added;
  added.source.expression = *text;
  WEIR_ASSIGN_OR_RETURN(const InitialDefault initial, context.initial_default(column, *text));
  added.changes = initial.changes;
  added.source.initial_default = initial.value;
  added.is_null = !initial.changes && !initial.value;
  return added;
}

/// The sequence of a serial or identity column; rows that are there take values from it. Null for other columns.
Result<std::shared_ptr<Relation>> SequenceOfNew(const ColumnDefinition& definition, AlteredTree* tree,
                                                SqlColumn* column) {
  Relation with_column = tree->root().now;
  if (with_column.ColumnIndex(definition.name) >= 0) return std::shared_ptr<Relation>();  // which is an error
  with_column.columns.push_back(*column);
  WEIR_ASSIGN_OR_RETURN(const auto made, DefineColumnSequences({definition}, *tree->draft(), &with_column));
  if (made.empty()) return std::shared_ptr<Relation>();
  *column = with_column.columns.back();
  made.front()->sequence->owner = tree->root().before->id;
  tree->draft()->Put(made.front(), nullptr);
  return made.front();
}

void OwnLastColumn(const Relation& sequence, Relation* table) {
  table->owned_sequences.push_back({table->NumberOf(table->columns.size() - 1), sequence.id});
}

}  // namespace

namespace {

/// A child that has the column already keeps it.
Status MergeAdded(const SqlColumn& added, int times, AlteredTree* tree, AlteredRelation* child) {
  SqlColumn& own = child->now.columns[static_cast<size_t>(child->now.ColumnIndex(added.name))];
  if (own.type != added.type) {
    return Error("42804", fmt::format("child table \"{}\" has different type for column \"{}\"", child->name(),
                                      added.name));
  }
  if (own.collation != added.collation) {
    const auto shown = [](const std::string& collation) { return collation.empty() ? "default" : collation; };
    return Error("42P21", fmt::format("child table \"{}\" has different collation for column \"{}\"", child->name(),
                                      added.name),
                 {.detail = fmt::format("\"{}\" versus \"{}\"", shown(own.collation), shown(added.collation))});
  }
  own.inherited += times;
  for (int i = 0; i < times; ++i) {
    tree->Note(fmt::format("merging definition of column \"{}\" for child \"{}\"", added.name, child->name()));
  }
  return Status::OK();
}

Status AppendNew(const SqlColumn& column, const AddedValue& added, AlteredRelation* member) {
  WEIR_RETURN_NOT_OK(CheckNameIsFree(*member, column.name));
  if (member->now.LastNumber() >= kMostColumns) {
    return Error("54011", fmt::format("tables can have at most {} columns", kMostColumns));
  }
  if (column.generated) WEIR_RETURN_NOT_OK(CheckSourcesStay(*column.generated, *member));
  AppendColumn(column, added.source, member);
  if (added.changes) member->rewritten = true;
  if (column.not_null && (added.is_null || column.generated)) {
    member->checks.push_back(NotNullCheck(*member, column.name));
  }
  WEIR_ASSIGN_OR_RETURN(const std::vector<ColumnTest> tests, DomainTestsOf(column));
  for (const ColumnTest& test : tests) member->checks.push_back({test.violated, test.error});
  return Status::OK();
}

/// A child that had the column before gives its own children nothing new.
Status AppendToAll(const SqlColumn& column, const AddedValue& added, AlteredTree* tree) {
  std::vector<AlteredRelation>& members = tree->members();
  std::vector<bool> given(members.size());
  for (size_t i = 0; i < members.size(); ++i) {
    AlteredRelation& member = members[i];
    int parents = CountAbove(member, given);
    if (i > 0 && parents == 0) continue;
    const bool inherits = i > 0 && !member.parent;
    if (inherits && member.now.ColumnIndex(column.name) >= 0) {
      WEIR_RETURN_NOT_OK(MergeAdded(column, parents, tree, &member));
      continue;
    }
    SqlColumn own = column;
    if (i > 0) RemoveIdentity(&own);  // the root's alone
    if (inherits) own.is_local = false;
    if (inherits) own.inherited = 1;
    WEIR_RETURN_NOT_OK(AppendNew(own, added, &member));
    given[i] = true;
    if (inherits && --parents > 0) WEIR_RETURN_NOT_OK(MergeAdded(column, parents, tree, &member));
  }
  return Status::OK();
}

}  // namespace

Status Alter(const alter::AddColumn& action, const DdlContext& context, AlteredTree* tree) {
  AlteredRelation& root = tree->root();
  if (root.parent) return Error("42809", "cannot add column to a partition");
  const std::string& name = action.column.name;
  if (action.if_not_exists && root.now.ColumnIndex(name) >= 0) {
    tree->Note(fmt::format("column \"{}\" of relation \"{}\" already exists, skipping", name, root.name()));
    return Status::OK();
  }
  if (tree->leaves_out_children()) return Error("42P16", "column must be added to child tables too");
  if (action.column.identity && tree->members().size() > 1 && !root.now.is_partitioned()) {
    return Error("42P16", "cannot recursively add identity column to table that has child tables");
  }
  WEIR_ASSIGN_OR_RETURN(SqlColumn column, DefineColumn(action.column, root.name()));
  if (action.column.default_value) {
    WEIR_ASSIGN_OR_RETURN(column.default_value,
                          context.Kept({DefinitionUse::kDefault, root.now, &column, *action.column.default_value}));
  }
  if (column.generated) {
    Relation with_column = root.now;
    with_column.columns.push_back(column);
    // PostgreSQL has no text to point into by then.
    Expression unplaced = *action.column.generated;
    unplaced.position = 0;
    WEIR_RETURN_NOT_OK(KeepGenerated(with_column, unplaced, context, &column));
  }
  WEIR_RETURN_NOT_OK(BindSequence(*tree->draft(), context, &column));
  WEIR_ASSIGN_OR_RETURN(const auto sequence, SequenceOfNew(action.column, tree, &column));
  WEIR_ASSIGN_OR_RETURN(const AddedValue added, ValueOf(column, context));
  WEIR_RETURN_NOT_OK(AppendToAll(column, added, tree));
  if (sequence) OwnLastColumn(*sequence, &root.now);
  for (const TableConstraint& constraint : action.constraints) {
    WEIR_RETURN_NOT_OK(Alter(alter::AddConstraint{constraint}, context, tree));
  }
  return Status::OK();
}

// --- DROP COLUMN ---

namespace {

Result<bool> Involves(const SqlConstraint& constraint, const std::string& column) {
  if (constraint.kind == SqlConstraint::Kind::kCheck) return dialect::RefersTo(constraint.check, column);
  return HasPart(constraint.columns, column) || HasPart(constraint.included, column);
}

/// Whether the index computes something of the column.
bool Uses(const SqlIndex& index, int number) { return std::ranges::find(index.uses, number) != index.uses.end(); }

void DropIndexesOn(const std::string& column, AlteredTree* tree, AlteredRelation* member) {
  const int number = member->now.NumberOf(static_cast<size_t>(member->now.ColumnIndex(column)));
  std::vector<RelationPtr> gone;
  for (const RelationPtr& own : member->now.indexes) {
    const SqlIndex& index = *own->index;
    const bool involved = std::ranges::find(index.columns, number) != index.columns.end() ||
                          std::ranges::find(index.included, number) != index.included.end() ||
                          Uses(index, number);
    if (involved) gone.push_back(own);
  }
  RemoveIndexes(gone, tree->draft(), &member->now);
}

/// A table's constraints go with any of their columns.
Status DropConstraintsOn(const std::string& column, AlteredRelation* member) {
  std::vector<SqlConstraint> kept;
  for (SqlConstraint& constraint : member->now.constraints) {
    WEIR_ASSIGN_OR_RETURN(const bool involved, Involves(constraint, column));
    if (involved && constraint.kind == SqlConstraint::Kind::kPrimaryKey) member->rewritten = true;
    if (!involved) kept.push_back(std::move(constraint));
  }
  member->now.constraints = std::move(kept);
  return Status::OK();
}

Status DropFrom(const std::string& name, AlteredTree* tree, AlteredRelation* member) {
  Relation& relation = member->now;
  const auto at = static_cast<size_t>(relation.ColumnIndex(name));
  WEIR_RETURN_NOT_OK(CheckNotInPartitionKey(relation, name, "drop"));
  if (relation.columns.size() == 1) {
    return Error("0A000", fmt::format("cannot drop column \"{}\": \"{}\" would be left without columns", name,
                                      member->name()));
  }
  DropIndexesOn(name, tree, member);
  WEIR_RETURN_NOT_OK(DropConstraintsOn(name, member));
  if (relation.distributed_by && HasPart(*relation.distributed_by, name)) {
    relation.distributed_by.reset();
    member->rewritten = true;
  }
  FixNumbers(&relation);
  relation.dropped_number = std::max(relation.dropped_number, relation.columns[at].number);
  relation.columns.erase(relation.columns.begin() + static_cast<std::ptrdiff_t>(at));
  member->sources.erase(member->sources.begin() + static_cast<std::ptrdiff_t>(at));
  if (!relation.partition_key) return Status::OK();
  for (SqlPartitionKeyPart& part : relation.partition_key->parts) {
    if (part.column > static_cast<int>(at)) --part.column;
  }
  return Status::OK();
}

/// The sequences that go with a column of the root.
Status DropSequencesOfColumn(const alter::DropColumn& action, AlteredTree* tree) {
  Relation& table = tree->root().now;
  const int number = table.NumberOf(static_cast<size_t>(table.ColumnIndex(action.name)));
  auto column = std::make_shared<Relation>(table);
  std::erase_if(column->owned_sequences, [&](const OwnedSequence& owned) { return owned.column != number; });
  if (column->owned_sequences.empty()) return Status::OK();
  const std::string of = fmt::format("column {} of table {}", action.name, tree->root().name());
  GoingSequences going{of, {column}, action.cascade};
  for (const AlteredRelation& member : tree->members()) {
    if (&member != &tree->root()) going.tables.push_back(member.before);
  }
  WEIR_ASSIGN_OR_RETURN(const Notices notices, DropSequencesOf(going, tree->draft()));
  for (const DdlNotice& notice : notices) tree->Note(notice.text);
  std::erase_if(table.owned_sequences, [&](const OwnedSequence& owned) { return owned.column == number; });
  return Status::OK();
}

/// What only a child computes from the column goes with it. (What the table itself does has gone before.)
Status DropComputedOf(const alter::DropColumn& action, AlteredTree* tree, AlteredRelation* heir) {
  const auto shown = [&](const std::string& column) {
    return fmt::format("column {} of table {}", column, heir->name());
  };
  WEIR_ASSIGN_OR_RETURN(std::vector<size_t> computed, GeneratedFrom(heir->now, action.name));
  for (; !computed.empty(); computed.pop_back()) {
    const std::string column = heir->now.columns[computed.back()].name;
    if (!action.cascade) {
      return Error("2BP01", "cannot drop desired object(s) because other objects depend on them",
                   {.detail = fmt::format("{} depends on {}", shown(column), shown(action.name)),
                    .hint = "Use DROP ... CASCADE to drop the dependent objects too."});
    }
    tree->Note("drop cascades to " + shown(column));
    WEIR_RETURN_NOT_OK(DropFrom(column, tree, heir));
  }
  return Status::OK();
}

/// A child keeps a column that it has by itself, or from other parents, too.
Status DropFromAll(const alter::DropColumn& action, AlteredTree* tree) {
  const std::string& name = action.name;
  std::vector<AlteredRelation>& members = tree->members();
  std::vector<bool> dropped(members.size());
  for (size_t i = 0; i < members.size(); ++i) {
    AlteredRelation& member = members[i];
    const int parents = CountAbove(member, dropped);
    if (i > 0 && parents == 0) continue;
    if (i > 0 && !member.parent) {
      SqlColumn& column = member.now.columns[static_cast<size_t>(member.now.ColumnIndex(name))];
      column.inherited -= parents;
      if (column.inherited > 0 || column.is_local) continue;
      WEIR_RETURN_NOT_OK(DropComputedOf(action, tree, &member));
    }
    WEIR_RETURN_NOT_OK(DropFrom(name, tree, &member));
    dropped[i] = true;
  }
  for (const RelationPtr& child : tree->left_out()) {
    auto now = std::make_shared<Relation>(*child);
    SqlColumn& column = now->columns[static_cast<size_t>(now->ColumnIndex(name))];
    column.is_local = true;
    --column.inherited;
    tree->draft()->Put(std::move(now), child);
  }
  return Status::OK();
}

Status CheckNoIdentity(const AlteredRelation& member, size_t at, const std::string& hint = {}) {
  const SqlColumn& column = member.now.columns[at];
  if (column.identity == SqlColumn::Identity::kNone) return Status::OK();
  return Error("42601",
               fmt::format("column \"{}\" of relation \"{}\" is an identity column", column.name, member.name()),
               {.hint = hint});
}

}  // namespace

Status Alter(const alter::DropColumn& action, const DdlContext&, AlteredTree* tree) {
  AlteredRelation& root = tree->root();
  if (root.now.ColumnIndex(action.name) < 0) {
    if (IsSystemColumn(action.name)) {
      return Error("0A000", fmt::format("cannot drop system column \"{}\"", action.name));
    }
    if (IsShardColumn(root.now, action.name)) return InPrimaryKey(action.name);
    if (!action.if_exists) return NoColumn(root, action.name);
    tree->Note(fmt::format("column \"{}\" of relation \"{}\" does not exist, skipping", action.name, root.name()));
    return Status::OK();
  }
  if (IsInherited(root, action.name)) {
    return Error("42P16", fmt::format("cannot drop inherited column \"{}\"", action.name));
  }
  WEIR_RETURN_NOT_OK(CheckNotInPartitionKey(root.now, action.name, "drop"));
  if (tree->leaves_out_partitions()) {
    return Error("42P16", "cannot drop column from only the partitioned table when partitions exist",
                 {.hint = std::string(kDoNotSayOnly)});
  }
  WEIR_RETURN_NOT_OK(DropSequencesOfColumn(action, tree));
  const bool distributes = root.now.distributed_by && HasPart(*root.now.distributed_by, action.name);
  WEIR_RETURN_NOT_OK(DropFromAll(action, tree));
  if (distributes) {
    tree->Note("dropping a column that is part of the distribution policy forces a random distribution policy");
  }
  return Status::OK();
}

// --- RENAME COLUMN ---

namespace {

void RenameIn(std::vector<std::string>* names, const std::string& from, const std::string& to) {
  std::ranges::replace(*names, from, to);
}

Status RenameIn(std::string* expression, const std::string& from, const std::string& to) {
  WEIR_ASSIGN_OR_RETURN(*expression, dialect::WithColumnRenamed(*expression, from, to));
  return Status::OK();
}

Status RenameIn(Relation* relation, const std::string& from, const std::string& to) {
  relation->columns[static_cast<size_t>(relation->ColumnIndex(from))].name = to;
  for (SqlColumn& column : relation->columns) {
    if (column.generated) WEIR_RETURN_NOT_OK(RenameIn(&*column.generated, from, to));
  }
  for (SqlConstraint& constraint : relation->constraints) {
    RenameIn(&constraint.columns, from, to);
    RenameIn(&constraint.included, from, to);
    RenameIn(&constraint.descending, from, to);
    if (constraint.foreign) RenameIn(&constraint.foreign->rules.set_columns, from, to);
    if (constraint.kind == SqlConstraint::Kind::kCheck) WEIR_RETURN_NOT_OK(RenameIn(&constraint.check, from, to));
  }
  if (relation->distributed_by) RenameIn(&*relation->distributed_by, from, to);
  if (!relation->partition_key) return Status::OK();
  for (SqlPartitionKeyPart& part : relation->partition_key->parts) {
    if (part.column < 0 && !part.shard) WEIR_RETURN_NOT_OK(RenameIn(&part.expression, from, to));
  }
  return Status::OK();
}

Status RenameInIndexes(const alter::RenameColumn& action, CatalogDraft* draft, Relation* table) {
  const int number = table->NumberOf(static_cast<size_t>(table->ColumnIndex(action.name)));
  for (const RelationPtr& own : std::vector<RelationPtr>(table->indexes)) {
    if (!Uses(*own->index, number)) continue;
    auto index = std::make_shared<Relation>(*own);
    WEIR_RETURN_NOT_OK(RenameInIndex(action.name, action.new_name, &*index->index));
    PutIndex(std::move(index), draft, table);
  }
  return Status::OK();
}

}  // namespace

Status Alter(const alter::RenameColumn& action, const DdlContext&, AlteredTree* tree) {
  AlteredRelation& root = tree->root();
  if (IsSystemColumn(action.name)) {
    return Error("0A000", fmt::format("cannot rename system column \"{}\"", action.name));
  }
  if (IsShardColumn(root.now, action.name)) {
    return Error("42939", fmt::format("cannot rename shard column: {}", action.name));
  }
  if (tree->leaves_out_children()) {
    return Error("42P16", fmt::format("inherited column \"{}\" must be renamed in child tables too", action.name));
  }
  if (root.now.ColumnIndex(action.name) < 0) {
    return Error("42703", fmt::format("column \"{}\" does not exist", action.name));
  }
  for (AlteredRelation& member : tree->members()) {
    if (IsInherited(member, action.name)) {
      return Error("42P16", fmt::format("cannot rename inherited column \"{}\"", action.name));
    }
    WEIR_RETURN_NOT_OK(CheckNameIsFree(member, action.new_name));
    WEIR_RETURN_NOT_OK(RenameInIndexes(action, tree->draft(), &member.now));
    WEIR_RETURN_NOT_OK(RenameIn(&member.now, action.name, action.new_name));
  }
  return Status::OK();
}

// --- ALTER COLUMN ---

namespace {

Status CheckIsNotGenerated(const AlteredRelation& member, size_t at, bool drops) {
  const SqlColumn& column = member.now.columns[at];
  if (!column.generated) return Status::OK();
  return Error("42601",
               fmt::format("column \"{}\" of relation \"{}\" is a generated column", column.name, member.name()),
               {.hint = drops ? "Use ALTER TABLE ... ALTER COLUMN ... DROP EXPRESSION instead." : ""});
}

}  // namespace

Status Alter(const alter::SetDefault& action, const DdlContext& context, AlteredTree* tree) {
  for (AlteredRelation& member : tree->members()) {
    WEIR_ASSIGN_OR_RETURN(const size_t at, FindToAlter(member, action.column));
    SqlColumn& column = member.now.columns[at];
    const bool drops = !action.value;
    const char* hint = drops ? "Use ALTER TABLE ... ALTER COLUMN ... DROP IDENTITY instead." : "";
    WEIR_RETURN_NOT_OK(CheckNoIdentity(member, at, hint));
    WEIR_RETURN_NOT_OK(CheckIsNotGenerated(member, at, drops));
    column.default_value.reset();
    if (drops) continue;
    WEIR_ASSIGN_OR_RETURN(column.default_value,
                          context.Kept({DefinitionUse::kDefault, member.now, &column, *action.value}));
    WEIR_RETURN_NOT_OK(BindSequence(*tree->draft(), context, &column));
    WEIR_RETURN_NOT_OK(context.initial_default(column, *column.default_value).status());
  }
  return Status::OK();
}

namespace {

Status CheckMayBeNull(const AlteredTree& tree, const AlteredRelation& member, size_t at) {
  WEIR_RETURN_NOT_OK(CheckNoIdentity(member, at));
  const std::string& name = member.now.columns[at].name;
  for (const int key : member.now.PrimaryKey()) {
    if (key == static_cast<int>(at)) return Error("42P16", fmt::format("column \"{}\" is in a primary key", name));
  }
  const SqlConstraint* key = OwnPrimaryKeyOf(member.now);
  if (key != nullptr && HasPart(key->columns, name)) {
    return Error("42P16", fmt::format("column \"{}\" is in a primary key", name));
  }
  if (tree.leaves_out_partitions()) {
    return Error("42P16", "cannot remove constraint from only the partitioned table when partitions exist",
                 {.hint = std::string(kDoNotSayOnly)});
  }
  return Status::OK();
}

}  // namespace

Status CheckIsNotNull(const Relation& partition, const std::string& column) {
  const int at = partition.ColumnIndex(column);
  if (at < 0 || partition.columns[static_cast<size_t>(at)].not_null) return Status::OK();
  return Error("42P16", "constraint must be added to child tables too",
               {.detail = fmt::format("Column \"{}\" of relation \"{}\" is not already NOT NULL.", column,
                                      partition.path.table),
                .hint = std::string(kDoNotSayOnly)});
}

Status Alter(const alter::SetStorage& action, const DdlContext&, AlteredTree* tree) {
  constexpr std::string_view kKnown[] = {"plain", "external", "extended", "main"};
  if (std::ranges::find(kKnown, action.storage) == std::end(kKnown)) {
    return Error("22023", fmt::format("invalid storage type \"{}\"", action.storage));
  }
  const char letter = action.storage == "extended" ? 'x' : action.storage.front();
  for (AlteredRelation& member : tree->members()) {
    WEIR_ASSIGN_OR_RETURN(const size_t at, FindToAlter(member, action.column));
    SqlColumn& column = member.now.columns[at];
    WEIR_ASSIGN_OR_RETURN(const SqlType type, ResolveType(column.type));
    if (type.size > 0 && letter != 'p') {
      return Error("0A000", fmt::format("column data type {} can only have storage PLAIN",
                                        postgres::WithTypeNames(column.type)));
    }
    column.storage = letter;
  }
  return Status::OK();
}

Status Alter(const alter::SetStatistics& action, const DdlContext& context, AlteredTree* tree) {
  constexpr int kMost = 10'000;
  if (action.target < -1) return Error("22023", fmt::format("statistics target {} is too low", action.target));
  if (action.target > kMost && context.warn) {
    context.warn("22023", fmt::format("lowering statistics target to {}", kMost));
  }
  for (AlteredRelation& member : tree->members()) {
    WEIR_ASSIGN_OR_RETURN(const size_t at, FindToAlter(member, action.column));
    member.now.columns[at].statistics = std::min(action.target, kMost);
  }
  return Status::OK();
}

Status Alter(const alter::SetNotNull& action, const DdlContext&, AlteredTree* tree) {
  const AlteredRelation& root = tree->root();
  WEIR_ASSIGN_OR_RETURN(const size_t in_root, FindToAlter(root, action.column));
  if (action.not_null) {
    for (const RelationPtr& child : tree->left_out()) {
      if (child->parent) WEIR_RETURN_NOT_OK(CheckIsNotNull(*child, action.column));
    }
  } else {
    WEIR_RETURN_NOT_OK(CheckMayBeNull(*tree, root, in_root));
    const int in_parent = root.parent ? root.parent->ColumnIndex(action.column) : -1;
    if (in_parent >= 0 && root.parent->columns[static_cast<size_t>(in_parent)].not_null) {
      return Error("42P16", fmt::format("column \"{}\" is marked NOT NULL in parent table", action.column));
    }
  }
  for (AlteredRelation& member : tree->members()) {
    WEIR_ASSIGN_OR_RETURN(const size_t at, FindToAlter(member, action.column));
    if (!action.not_null) WEIR_RETURN_NOT_OK(CheckMayBeNull(*tree, member, at));
    SqlColumn& column = member.now.columns[at];
    if (column.not_null == action.not_null) continue;
    column.not_null = action.not_null;
    column.data_type = column.data_type.WithNullable(!action.not_null);
    if (action.not_null) member.checks.push_back(NotNullCheck(member, action.column));
  }
  return Status::OK();
}

// --- ALTER COLUMN TYPE ---

namespace {

/// How the values of a column become those of its new type.
struct Conversion {
  SqlType type;
  std::string collation;
  std::optional<std::string> expression;  // USING
};

/// What says no USING is cast as an assignment would.
Status CheckCast(const SqlColumn& column, const Conversion& conversion) {
  WEIR_ASSIGN_OR_RETURN(const SqlType source, ResolveType(column.type));
  const auto assignment = postgres::CoercionContext::kAssignment;
  if (postgres::Resolver().CanCoerce(source.oid, conversion.type.oid, assignment)) return Status::OK();
  const std::string wanted = postgres::FormatType(conversion.type.oid);
  const std::string message = fmt::format("column \"{}\" cannot be cast automatically to type {}", column.name, wanted);
  if (column.generated) return Error("42804", message);
  return Error("42804", message,
               {.hint = fmt::format("You might need to specify \"USING {}::{}\".", QuoteIdentifier(column.name),
                                    postgres::WithTypeNames(conversion.type.name))});
}

/// The characters that a type holds; 0: any number.
int LengthOf(const SqlType& type) {
  const bool character = type.oid == 1042 || type.oid == 1043;
  return character && type.modifier > 0 ? type.modifier - 4 : 0;
}

bool LiesAsText(const SqlType& type) { return type.oid == 25 || type.oid == 1042 || type.oid == 1043; }

/// Whether every value stays as it lies in the table.
bool KeepsValues(const SqlType& from, const Conversion& conversion) {
  const SqlType& to = conversion.type;
  if (conversion.expression || !(from.data_type == to.data_type)) return false;
  if (from.name == to.name) return true;
  if (!LiesAsText(from) || !LiesAsText(to)) return from.oid == to.oid && from.modifier == to.modifier;
  const int length = LengthOf(to);
  return length == 0 || (LengthOf(from) > 0 && LengthOf(from) <= length);
}

Status ConvertDefault(const SqlColumn& column, const Conversion& conversion, const DdlContext& context) {
  if (!column.default_value || context.initial_default(column, *column.default_value).ok()) return Status::OK();
  return Error("42804", fmt::format("default for column \"{}\" cannot be cast automatically to type {}", column.name,
                                    postgres::FormatType(conversion.type.oid)));
}

/// The CHECKs of a column mean something for its new type, and its rows meet them.
Status HoldConstraints(const std::string& column, const DdlContext& context, AlteredRelation* member) {
  for (SqlConstraint& constraint : member->now.constraints) {
    if (constraint.kind != SqlConstraint::Kind::kCheck) continue;
    WEIR_ASSIGN_OR_RETURN(const bool involved, Involves(constraint, column));
    if (!involved) continue;
    const Expression check{.text = dialect::WithCallsAsWritten(constraint.check, context.database)};
    WEIR_ASSIGN_OR_RETURN(constraint.check, context.Kept({DefinitionUse::kCheck, member->now, nullptr, check}));
    if (!constraint.not_valid) member->checks.push_back(HoldCheck(*member, constraint));
  }
  return Status::OK();
}

/// What indexes compute of a column means something for its new type, and they compute it anew.
Status RetypeIndexes(size_t at, const DdlContext& context, CatalogDraft* draft, Relation* table) {
  for (const RelationPtr& own : std::vector<RelationPtr>(table->indexes)) {
    if (!Uses(*own->index, table->NumberOf(at))) continue;
    auto index = std::make_shared<Relation>(*own);
    for (SqlIndex::Expression& expression : index->index->expressions) {
      const Expression text{.text = dialect::WithCallsAsWritten(expression.text, context.database)};
      WEIR_ASSIGN_OR_RETURN(expression.text, context.Kept({DefinitionUse::kIndexExpression, *table, nullptr, text}));
      WEIR_ASSIGN_OR_RETURN(expression.type, context.type_of(table->columns, Expression{.text = expression.text}));
    }
    if (!index->index->condition.empty()) {
      const Expression text{.text = dialect::WithCallsAsWritten(index->index->condition, context.database)};
      WEIR_ASSIGN_OR_RETURN(index->index->condition,
                            context.Kept({DefinitionUse::kIndexCondition, *table, nullptr, text}));
    }
    PutIndex(std::move(index), draft, table);
  }
  return Status::OK();
}

/// What is computed from a column, or is computed itself.
Status CheckMayRetype(const Relation& relation, const SqlColumn& column, bool says_using) {
  if (column.generated && says_using) {
    return Error("42611", "cannot specify USING when altering type of generated column",
                 {.detail = fmt::format("Column \"{}\" is a generated column.", column.name)});
  }
  WEIR_ASSIGN_OR_RETURN(const std::vector<size_t> generated, GeneratedFrom(relation, column.name));
  if (generated.empty()) return Status::OK();
  return Error("0A000", "cannot alter type of a column used by a generated column",
               {.detail = fmt::format("Column \"{}\" is used by generated column \"{}\".", column.name,
                                      relation.columns[generated.front()].name)});
}

Status Retype(const Conversion& conversion, size_t at, const DdlContext& context, CatalogDraft* draft,
              AlteredRelation* member) {
  SqlColumn& column = member->now.columns[at];
  ColumnSource& source = member->sources[at];
  WEIR_ASSIGN_OR_RETURN(const SqlType from, ResolveType(column.type));
  const bool keeps = KeepsValues(from, conversion);
  column.type = conversion.type.name;
  column.data_type = conversion.type.data_type.WithNullable(!column.not_null);
  column.collation = conversion.collation;
  WEIR_RETURN_NOT_OK(ConvertDefault(column, conversion, context));
  if (keeps) return Status::OK();
  WEIR_RETURN_NOT_OK(RetypeIndexes(at, context, draft, &member->now));
  if (conversion.expression) source.expression = *conversion.expression;
  if (column.not_null) member->checks.push_back(NotNullCheck(*member, column.name));
  member->rewritten = true;
  return HoldConstraints(column.name, context, member);
}

}  // namespace

Status Alter(const alter::SetType& action, const DdlContext& context, AlteredTree* tree) {
  AlteredRelation& root = tree->root();
  WEIR_ASSIGN_OR_RETURN(const size_t in_root, FindToAlter(root, action.column));
  if (IsInherited(root, action.column)) {
    return Error("42P16", fmt::format("cannot alter inherited column \"{}\"", action.column));
  }
  if (tree->leaves_out_children()) {
    return Error("42P16",
                 fmt::format("type of inherited column \"{}\" must be changed in child tables too", action.column));
  }
  Conversion conversion;
  WEIR_ASSIGN_OR_RETURN(conversion.type, ResolveType(action.type.text, action.type.position));
  conversion.collation = action.collation;
  WEIR_RETURN_NOT_OK(CheckCollationExists(action.collation, 0));
  SqlColumn retyped = root.now.columns[in_root];
  WEIR_RETURN_NOT_OK(CheckMayRetype(root.now, retyped, action.conversion.has_value()));
  const std::string& type = conversion.type.name;
  const bool identity = retyped.identity != SqlColumn::Identity::kNone;
  if (identity && type != "smallint" && type != "integer" && type != "bigint") {
    return Error("22023", "identity column type must be smallint, integer, or bigint");
  }
  if (action.conversion) {
    retyped.type = conversion.type.name;
    WEIR_ASSIGN_OR_RETURN(conversion.expression,
                          context.Kept({DefinitionUse::kConversion, *root.before, &retyped, *action.conversion}));
  } else {
    WEIR_RETURN_NOT_OK(CheckCast(retyped, conversion));
  }
  for (AlteredRelation& member : tree->members()) {
    WEIR_RETURN_NOT_OK(CheckNotInPartitionKey(member.now, action.column, "alter"));
    WEIR_ASSIGN_OR_RETURN(const size_t at, FindToAlter(member, action.column));
    if (IsInherited(member, action.column)) {
      return Error("42P16", fmt::format("cannot alter inherited column \"{}\" of relation \"{}\"", action.column,
                                        member.name()));
    }
    WEIR_RETURN_NOT_OK(CheckMayRetype(member.now, member.now.columns[at], false));
    WEIR_RETURN_NOT_OK(Retype(conversion, at, context, tree->draft(), &member));
  }
  return Status::OK();
}

}  // namespace weir::sql
