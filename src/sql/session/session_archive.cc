// What sessions write to files: rows of writable external tables, and those of leaves that CALL weir.archive_partition
// moves to a Parquet file, and weir.restore_partition back.
#include <arrow/record_batch.h>
#include <fmt/format.h>

#include <algorithm>

#include "sql/catalog/bound_text.h"
#include "sql/catalog/ddl_names.h"
#include "sql/catalog/dependent_views.h"
#include "sql/catalog/foreign_key_ddl.h"
#include "sql/catalog/index_ddl.h"
#include "sql/catalog/table_definition.h"
#include "sql/engine/foreign_writer.h"
#include "sql/engine/parquet_file_writer.h"
#include "sql/session/engine_session.h"

namespace weir::sql {
namespace {

/// What a file may be called everywhere.
std::string PlainName(const std::string& name) {
  std::string plain;
  for (const char c : name) {
    const bool kept = std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-';
    plain += kept ? c : '_';
  }
  return plain;
}

Status CheckMayMove(const Relation& leaf) {
  const std::string& name = leaf.path.table;
  if (!leaf.is_leaf() || !leaf.parent) {
    return Error("42809", fmt::format("\"{}\" is not a partition that has rows of its own", name));
  }
  WEIR_RETURN_NOT_OK(CheckMayAlter(leaf));
  if (leaf.declared) WEIR_RETURN_NOT_OK(CheckNotDeclared(leaf));
  if (IsTemporary(leaf.path.database)) return Error("0A000", "archiving temporary tables is not supported");
  return Status::OK();
}

/// Whether the table above has the same key, from which the leaf gets its own again.
bool HasKeyLike(const Relation& parent, const SqlConstraint& key) {
  return std::ranges::any_of(parent.constraints, [&](const SqlConstraint& one) {
    return one.kind == key.kind && one.columns == key.columns;
  });
}

/// A foreign table keeps no key. The tree's primary key holds without the leaf's: its rows do not change, and no others
/// come within its bounds, which the key contains. Other indexes would have to be built of the rows that come back.
Status CheckMayArchive(const Relation& leaf, const Relation& parent) {
  if (leaf.is_foreign()) {
    return Error("55000", fmt::format("the rows of \"{}\" are in files already", leaf.path.table));
  }
  const bool own_key = std::ranges::any_of(leaf.constraints, [&](const SqlConstraint& one) {
    const bool primary = one.kind == SqlConstraint::Kind::kPrimaryKey;
    return one.foreign || one.exclusion || (one.is_key() && (!primary || !HasKeyLike(parent, one)));
  });
  const bool indexed = std::ranges::any_of(leaf.indexes, [&](const auto& index) {
    return index->index->unique || !leaf.PrimaryKey().empty();
  });
  if (!own_key && !indexed) return Status::OK();
  return Error("42809", fmt::format("cannot archive partition \"{}\"", leaf.path.table),
               {.detail = "It has foreign keys, or indexes beside its primary key, and foreign tables have none."});
}

/// Nobody would look for the rows that they refer to in a file.
Status CheckNotReferredTo(CatalogDraft& draft, const RelationPtr& leaf, const DdlContext& context) {
  WEIR_ASSIGN_OR_RETURN(const std::vector<DependentKey> keys, KeysReferringToAny(draft, {leaf}, context));
  if (keys.empty()) return Status::OK();
  return Error("42809", fmt::format("cannot archive partition \"{}\"", leaf->path.table),
               {.detail = fmt::format("{} refers to its rows.", DescribedKey(keys.front().key, context))});
}

bool IsKey(const SqlConstraint& constraint) { return constraint.is_key(); }

}  // namespace

EngineSession::Outcome EngineSession::RunArchive(const ArchivePartition& statement) {
  WEIR_RETURN_NOT_OK(BeginRows());
  WEIR_ASSIGN_OR_RETURN(const RelationPtr leaf, Find(statement.name));
  WEIR_RETURN_NOT_OK(CheckMayMove(*leaf));
  WEIR_RETURN_NOT_OK(FileFolder::Of(state_->files).status());
  WEIR_RETURN_NOT_OK(transaction_->TakeSnapshot());
  WEIR_RETURN_NOT_OK(statement.restore ? RestoreLeaf(leaf) : ArchiveLeaf(leaf));
  WEIR_RETURN_NOT_OK(routed_.Renew(catalog()));
  WEIR_RETURN_NOT_OK(FinishStatement());
  return NoRows("CALL");
}

/// The file has another name until the transaction commits.
Status EngineSession::WriteForeign(const RelationPtr& table, const arrow::RecordBatch& rows) {
  WEIR_RETURN_NOT_OK(FileFolder::Of(state_->files).status());
  WEIR_ASSIGN_OR_RETURN(const FileTable files, FilesOf(catalog(), *table));
  WEIR_ASSIGN_OR_RETURN(const int64_t number, engine_->catalog->NewDraft()->TakeIds(1));
  const std::string file = fmt::format("{}-{}.{}", PlainName(table->path.table), number, EndingOf(files));
  const std::string& folder = files.names.front();
  const std::string hidden = fmt::format("{}/.{}", folder, file);
  WEIR_RETURN_NOT_OK(WriteForeignFile(state_->files, hidden, *table, files, values_->settings, rows));
  files_.MadeToBe(state_->files, hidden, fmt::format("{}/{}", folder, file));
  return Status::OK();
}

Status EngineSession::ArchiveLeaf(const RelationPtr& leaf) {
  WEIR_ASSIGN_OR_RETURN(const RelationPtr parent, catalog().FindById(*leaf->parent));
  WEIR_RETURN_NOT_OK(CheckMayArchive(*leaf, *parent));
  WEIR_RETURN_NOT_OK(CheckNotReferredTo(*Draft(), leaf, Context()));
  WEIR_RETURN_NOT_OK(Draft()->MakeTables());
  WEIR_ASSIGN_OR_RETURN(const int64_t number, Draft()->TakeIds(1));
  const std::string name =
      fmt::format("archive/{}/{}-{}.parquet", PlainName(leaf->path.database), PlainName(leaf->path.table), number);
  WEIR_RETURN_NOT_OK(Draft()->NoteRowsOf(*leaf));
  WEIR_ASSIGN_OR_RETURN(const int64_t rows, WriteLeaf(leaf, name));
  auto archived = std::make_shared<Relation>(*leaf);
  archived->table = nullptr;
  archived->indexes.clear();
  std::erase_if(archived->constraints, IsKey);
  archived->foreign = ForeignTable{std::string(kArchiveServer), {{"filename", name}}};
  WEIR_RETURN_NOT_OK(RemoveAll(Draft(), leaf->indexes));
  WEIR_ASSIGN_OR_RETURN(const RelationPtr before, catalog().FindById(leaf->id));
  Draft()->Put(std::move(archived), before);
  Notice(fmt::format("archived {} rows of \"{}\" in \"{}\"", rows, leaf->path.table, name));
  return Status::OK();
}

Result<int64_t> EngineSession::WriteLeaf(const RelationPtr& leaf, const std::string& name) {
  WEIR_RETURN_NOT_OK(transaction_->CheckUnchanged(leaf));
  WEIR_ASSIGN_OR_RETURN(const auto writer, CreateParquetFile(state_->files, name, leaf->columns));
  LeafScanOptions options;
  for (int i = 0; i < static_cast<int>(leaf->columns.size()); ++i) options.columns.push_back(i);
  WEIR_ASSIGN_OR_RETURN(const auto readers, transaction_->Scan(leaf, options));
  int64_t rows = 0;
  for (const auto& reader : readers) {
    while (true) {
      WEIR_RETURN_NOT_OK(CheckNotCancelled());
      WEIR_ASSIGN_OR_RETURN(const std::optional<LeafBatch> batch, reader->Next());
      if (!batch) break;
      rows += batch->rows->num_rows();
      WEIR_RETURN_NOT_OK(writer->Write(*batch->rows));
    }
  }
  WEIR_RETURN_NOT_OK(writer->Finish());
  files_.Made(state_->files, name);
  return rows;
}

/// The rows of a foreign leaf are held to what the table promises: nobody has looked at them so far.
Status EngineSession::CheckForeignRows(const RelationPtr& leaf) {
  WEIR_ASSIGN_OR_RETURN(const std::string bounds, PartitionConstraintText(catalog(), *leaf));
  if (!bounds.empty()) {
    WEIR_ASSIGN_OR_RETURN(const bool outside, HasRow(*leaf, fmt::format("NOT {}", bounds)));
    if (outside) {
      return Error("23514",
                   fmt::format("partition constraint of relation \"{}\" is violated by some row", leaf->path.table),
                   {.schema = leaf->path.database, .table = leaf->path.table});
    }
  }
  for (const SqlConstraint& constraint : leaf->constraints) {
    if (constraint.kind != SqlConstraint::Kind::kCheck) continue;
    WEIR_ASSIGN_OR_RETURN(const bool violated, HasRow(*leaf, fmt::format("NOT ({})", constraint.check)));
    if (!violated) continue;
    return Error("23514",
                 fmt::format("check constraint \"{}\" of relation \"{}\" is violated by some row", constraint.name,
                             leaf->path.table),
                 {.table = leaf->path.table, .constraint = constraint.name});
  }
  return Status::OK();
}

Status EngineSession::RestoreLeaf(const RelationPtr& leaf) {
  if (!leaf->is_foreign()) {
    return Error("55000", fmt::format("the rows of \"{}\" are in no files", leaf->path.table));
  }
  WEIR_RETURN_NOT_OK(CheckForeignRows(leaf));
  WEIR_ASSIGN_OR_RETURN(const RelationPtr parent, catalog().FindById(*leaf->parent));
  auto restored = std::make_shared<Relation>(*leaf);
  restored->foreign.reset();
  const auto key = std::ranges::find(parent->constraints, SqlConstraint::Kind::kPrimaryKey, &SqlConstraint::kind);
  if (key != parent->constraints.end()) {
    TableConstraint same{.kind = TableConstraint::Kind::kPrimaryKey, .columns = key->columns};
    same.included = key->included;
    WEIR_RETURN_NOT_OK(AddConstraint(same, restored.get()));
  }
  WEIR_RETURN_NOT_OK(Draft()->MakeTables());
  WEIR_RETURN_NOT_OK(Draft()->MakeTablesOf({restored}));
  WEIR_ASSIGN_OR_RETURN(const int64_t rows, CopyRows(leaf, SameRows(leaf->columns), restored));
  Draft()->Put(restored, leaf);
  if (!parent->indexes.empty()) {
    WEIR_ASSIGN_OR_RETURN(AlteredTree tree, AlteredTree::Load(Draft(), restored, false));
    WEIR_RETURN_NOT_OK(AddIndexesOfParent(*parent, &tree));
    WEIR_RETURN_NOT_OK(tree.Finish(Context()).status());
  }
  const std::optional<std::string> name = leaf->foreign->Option("filename");
  if (leaf->foreign->server == kArchiveServer && name) files_.TakesAway(state_->files, *name);
  Notice(fmt::format("restored {} rows of \"{}\"", rows, leaf->path.table));
  return Status::OK();
}

}  // namespace weir::sql
