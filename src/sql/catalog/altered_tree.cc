#include "sql/catalog/altered_tree.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <unordered_map>
#include <utility>

#include "sql/catalog/bound_text.h"
#include "sql/catalog/definition.h"
#include "sql/catalog/heirs.h"
#include "sql/catalog/index_ddl.h"
#include "sql/catalog/table_definition.h"
#include "sql/error.h"

namespace weir::sql {
namespace {

/// Under which a leaf's Fluss table keeps a column that SQL has dropped: PostgreSQL's name for one.
std::string DroppedName(int place) { return fmt::format("........pg.dropped.{}........", place + 1); }

Result<AlteredRelation> AlteredOf(const RelationPtr& relation, RelationPtr parent) {
  AlteredRelation altered;
  altered.before = relation;
  altered.now = *relation;
  altered.parent = std::move(parent);
  for (const SqlColumn& column : relation->columns) {
    ColumnSource source;
    source.expression = QuoteIdentifier(column.name);
    if (relation->table) {
      source.place = relation->table->schema().IndexOf(column.name);
      if (source.place < 0) {
        return Error("55000", fmt::format("the Fluss table of \"{}\" has no column \"{}\"", relation->path.table,
                                          column.name));
      }
    }
    altered.sources.push_back(std::move(source));
  }
  return altered;
}

NewRows RowsOf(const AlteredRelation& altered) {
  NewRows rows;
  rows.columns = altered.now.columns;
  for (const ColumnSource& source : altered.sources) rows.expressions.push_back(source.expression);
  return rows;
}

std::string NameAfter(const std::string& name, const Schema& before, const Schema& after) {
  return after.column(before.IndexOf(name)).name;
}

/// The columns of the leaf's Fluss table once it has those of `now`.
Result<Schema> SchemaAfter(const AlteredRelation& altered) {
  const Schema& before = altered.before->table->schema();
  std::vector<Column> columns = before.columns();
  for (int place = 0; place < before.num_columns(); ++place) {
    Column& column = columns[static_cast<size_t>(place)];
    const auto kept = std::ranges::find(altered.sources, place, &ColumnSource::place);
    if (kept == altered.sources.end()) {
      column.name = DroppedName(place);
      column.type = column.type.WithNullable(true);
      continue;
    }
    const SqlColumn& now = altered.now.columns[static_cast<size_t>(kept - altered.sources.begin())];
    column.name = now.name;
    column.type = column.type.WithNullable(!now.not_null);
  }
  for (size_t i = 0; i < altered.sources.size(); ++i) {
    if (altered.sources[i].place >= 0) continue;
    const SqlColumn& now = altered.now.columns[i];
    const DataType type = now.data_type.WithNullable(!now.not_null);
    columns.push_back({now.name, type, {}, {}, -1, altered.sources[i].initial_default});
  }
  std::vector<std::string> key;
  for (const std::string& name : before.primary_key()) {
    key.push_back(columns[static_cast<size_t>(before.IndexOf(name))].name);
  }
  return Schema::Make(std::move(columns), std::move(key), before.auto_increment_column(), before.highest_field_id());
}

/// The leaf's Fluss table after the change: the same, under a schema that is still to be made where that differs.
Result<std::shared_ptr<const TableInfo>> TableAfter(const AlteredRelation& altered) {
  const TableInfo& before = *altered.before->table;
  WEIR_ASSIGN_OR_RETURN(Schema schema, SchemaAfter(altered));
  auto table = std::make_shared<TableInfo>(before);
  TableDescriptor& descriptor = table->descriptor;
  if (!(schema == before.schema())) {
    table->schema_id = 0;
    for (std::string& key : descriptor.bucket_keys) key = NameAfter(key, before.schema(), schema);
    descriptor.schema = std::move(schema);
  }
  for (const auto& [name, value] : altered.before->options) {
    (name.starts_with("table.") ? descriptor.properties : descriptor.custom_properties).erase(name);
  }
  SetTableOptions(altered.now, &descriptor);
  return std::shared_ptr<const TableInfo>(std::move(table));
}

bool IsChanged(const AlteredRelation& altered) {
  // Indexes have definitions of their own; a relation holds them as they were when it was put.
  return altered.now.path != altered.before->path || altered.now.indexes != altered.before->indexes ||
         WriteDefinition(altered.now, nullptr) != WriteDefinition(*altered.before, nullptr);
}

/// What a key that is built over rows says of two that are alike.
Status NameKey(const Status& failure, const AlteredRelation& altered) {
  ErrorFields fields = FieldsOf(failure);
  if (fields.sqlstate != "23505") return failure;
  constexpr std::string_view kExists = "already exists.";
  if (fields.detail.ends_with(kExists)) {
    fields.detail.replace(fields.detail.size() - kExists.size(), kExists.size(), "is duplicated.");
  }
  fields.message = fmt::format("could not create unique index \"{}\"", fields.constraint);
  fields.schema = altered.now.path.database;
  fields.table = altered.name();
  fields.row = -1;
  return Error(std::move(fields));
}

Status CollectBelow(CatalogDraft& draft, const RelationPtr& relation, std::vector<AlteredRelation>* members) {
  if (!relation->is_partitioned()) return Status::OK();
  WEIR_ASSIGN_OR_RETURN(const PartitionChildrenPtr children, draft.Children(*relation));
  const size_t above = members->size() - 1;
  for (const RelationPtr& child : children->relations) {
    WEIR_ASSIGN_OR_RETURN(members->emplace_back(), AlteredOf(child, relation));
    members->back().above = {above};
    WEIR_RETURN_NOT_OK(CollectBelow(draft, child, members));
  }
  return Status::OK();
}

}  // namespace

Result<AlteredTree> AlteredTree::Load(CatalogDraft* draft, const RelationPtr& root, bool only) {
  AlteredTree tree;
  tree.draft_ = draft;
  tree.only_ = only;
  RelationPtr parent;
  if (root->parent) {
    WEIR_ASSIGN_OR_RETURN(parent, draft->FindById(*root->parent));
  }
  WEIR_ASSIGN_OR_RETURN(tree.members_.emplace_back(), AlteredOf(root, std::move(parent)));
  if (!only) {
    WEIR_RETURN_NOT_OK(CollectBelow(*draft, root, &tree.members_));
  } else if (root->is_partitioned()) {
    WEIR_ASSIGN_OR_RETURN(const PartitionChildrenPtr children, draft->Children(*root));
    tree.left_out_ = children->relations;
  }
  return tree;
}

Status AlteredTree::TakeHeirs(const TemporaryTables& temporary) {
  const RelationPtr root = members_.front().before;
  if (root->inherited_by.empty()) return Status::OK();
  if (only_) {
    WEIR_ASSIGN_OR_RETURN(left_out_, HeirsOf(*draft_, *root, temporary));
    return Status::OK();
  }
  WEIR_ASSIGN_OR_RETURN(const std::vector<RelationPtr> all, WithHeirs(*draft_, root, temporary));
  std::unordered_map<int64_t, size_t> places = {{root->id, 0}};
  for (size_t i = 1; i < all.size(); ++i) {
    WEIR_ASSIGN_OR_RETURN(members_.emplace_back(), AlteredOf(all[i], nullptr));
    for (const int64_t parent : all[i]->inherits) {
      if (const auto place = places.find(parent); place != places.end()) members_[i].above.push_back(place->second);
    }
    places[all[i]->id] = i;
  }
  return Status::OK();
}

WithoutHeirs::WithoutHeirs(AlteredTree* tree) : tree_(tree) {
  std::vector<AlteredRelation>& members = tree->members_;
  if (members.front().before->inherited_by.empty()) return;
  heirs_.assign(std::make_move_iterator(members.begin() + 1), std::make_move_iterator(members.end()));
  members.erase(members.begin() + 1, members.end());
}

WithoutHeirs::~WithoutHeirs() { std::ranges::move(heirs_, std::back_inserter(tree_->members_)); }

int CountAbove(const AlteredRelation& member, const std::vector<bool>& reached) {
  return static_cast<int>(std::ranges::count_if(member.above, [&](size_t place) { return reached[place]; }));
}

Status AlteredTree::RewriteWhatIsFixed() {
  if (!draft_->is_of_cluster()) return Status::OK();
  for (AlteredRelation& member : members_) {
    if (!member.before->table || member.rewritten || !IsChanged(member)) continue;
    const TableInfo& before = *member.before->table;
    WEIR_ASSIGN_OR_RETURN(const auto after, TableAfter(member));
    member.rewritten = after->schema_id != before.schema_id || !HaveSameOptions(after->descriptor, before.descriptor) ||
                       member.now.path.database != member.before->path.database;
  }
  return Status::OK();
}

Result<Notices> AlteredTree::Finish(const DdlContext& context) {
  WEIR_RETURN_NOT_OK(RewriteWhatIsFixed());
  WEIR_RETURN_NOT_OK(CheckRows(context));
  WEIR_RETURN_NOT_OK(Rewrite(context));
  for (AlteredRelation& member : members_) {
    if (!IsChanged(member)) continue;
    if (member.before->table && !member.rewritten) {
      WEIR_ASSIGN_OR_RETURN(member.now.table, TableAfter(member));
    }
    draft_->Put(std::make_shared<Relation>(std::move(member.now)), member.before);
  }
  WEIR_RETURN_NOT_OK(BuildIndexes(context));
  return std::move(notices_);
}

/// Rows that were written anew have brought their keys.
Status AlteredTree::BuildIndexes(const DdlContext& context) {
  const auto builds = [](const AlteredRelation& member) { return !member.new_indexes.empty() && !member.rewritten; };
  if (std::ranges::none_of(members_, builds)) return Status::OK();
  WEIR_RETURN_NOT_OK(draft_->MakeTables());
  for (const AlteredRelation& member : members_) {
    if (!builds(member)) continue;
    WEIR_ASSIGN_OR_RETURN(const RelationPtr leaf, draft_->FindById(member.before->id));
    for (const RelationPtr& index : member.new_indexes) {
      const Status built = context.build_index(leaf, index);
      if (!built.ok()) return NameKey(built, member);
    }
  }
  return Status::OK();
}

Status AlteredTree::CheckRows(const DdlContext& context) {
  const bool looks = std::ranges::any_of(members_, [](const AlteredRelation& member) {
    return member.before->table && (!member.checks.empty() || member.rewritten);
  });
  if (!looks) return Status::OK();
  WEIR_RETURN_NOT_OK(draft_->MakeTables());
  for (const AlteredRelation& member : members_) {
    if (!CatalogDraft::IsMade(*member.before)) continue;
    const NewRows rows = RowsOf(member);
    for (const RowCheck& check : member.checks) {
      WEIR_ASSIGN_OR_RETURN(const bool violated, context.has_new_row(member.before, rows, check.violated));
      if (violated) return check.error;
    }
  }
  return Status::OK();
}

Status AlteredTree::Rewrite(const DdlContext& context) {
  std::vector<AlteredRelation*> rewritten;
  std::vector<std::shared_ptr<Relation>> leaves;
  for (AlteredRelation& member : members_) {
    if (!member.rewritten || !member.before->table) continue;
    member.now.table = nullptr;
    RenewIndexes(draft_, &member.now);
    rewritten.push_back(&member);
    leaves.push_back(std::make_shared<Relation>(member.now));
  }
  if (leaves.empty()) return Status::OK();
  WEIR_RETURN_NOT_OK(draft_->MakeTables());
  WEIR_RETURN_NOT_OK(draft_->MakeTablesOf(leaves));
  for (size_t i = 0; i < leaves.size(); ++i) {
    WEIR_RETURN_NOT_OK(draft_->NoteRowsOf(*rewritten[i]->before));
    const Status copied = context.copy_rows(rewritten[i]->before, RowsOf(*rewritten[i]), leaves[i]).status();
    if (!copied.ok()) return NameKey(copied, *rewritten[i]);
    rewritten[i]->now.table = leaves[i]->table;
    rewritten[i]->now.table_number = leaves[i]->table_number;
  }
  return Status::OK();
}

}  // namespace weir::sql
