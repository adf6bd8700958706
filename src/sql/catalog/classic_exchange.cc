#include "sql/catalog/classic_exchange.h"

#include <fmt/format.h>

#include <utility>

#include "sql/catalog/attach_partition.h"
#include "sql/catalog/ddl_names.h"
#include "sql/error.h"

namespace weir::sql {
namespace {

Status RunAction(const TablePath& table, AlterAction action, const DdlContext& context, CatalogDraft* draft) {
  AlterTable alter;
  alter.name = NameOfPath(table);
  alter.actions.push_back(std::move(action));
  return Execute(alter, context, draft).status();
}

/// Moves a table, or partition, to another path.
Status MoveTo(TablePath from, const TablePath& to, const DdlContext& context, CatalogDraft* draft) {
  if (from.database != to.database) {
    WEIR_RETURN_NOT_OK(RunAction(from, alter::SetSchema{to.database}, context, draft));
    from.database = to.database;
  }
  return RunAction(from, alter::RenameTable{to.table}, context, draft);
}

/// Each gets the path of the other. On the way there they have names that nobody has.
Status SwapPaths(const Relation& a, const Relation& b, const DdlContext& context, CatalogDraft* draft) {
  const TablePath a_aside{a.path.database, fmt::format("pg_temp_{}", a.id)};
  const TablePath b_aside{b.path.database, fmt::format("pg_temp_{}", b.id)};
  WEIR_RETURN_NOT_OK(MoveTo(a.path, a_aside, context, draft));
  WEIR_RETURN_NOT_OK(MoveTo(b.path, b_aside, context, draft));
  WEIR_RETURN_NOT_OK(MoveTo(a_aside, b.path, context, draft));
  return MoveTo(b_aside, a.path, context, draft);
}

Result<RelationPtr> FindOther(const classic::ExchangePartition& exchange, const DdlContext& context,
                              CatalogDraft* draft) {
  WEIR_ASSIGN_OR_RETURN(RelationPtr table, FindNamed(*draft, exchange.table, context));
  WEIR_RETURN_NOT_OK(CheckMayAlter(*table));
  return table;
}

}  // namespace

Result<Notices> ExchangeClassicPartition(const ClassicTarget& target, const classic::ExchangePartition& exchange,
                                         const DdlContext& context, CatalogDraft* draft) {
  WEIR_ASSIGN_OR_RETURN(const RelationPtr partition,
                        TakeClassicPartition(target, exchange.partition, context, draft));
  const std::string& parent = target.table->path.table;
  if (partition->is_partitioned()) {
    return Error("0A000",
                 fmt::format("cannot EXCHANGE PARTITION for relation \"{}\" -- partition has children", parent));
  }
  WEIR_ASSIGN_OR_RETURN(const RelationPtr table, FindOther(exchange, context, draft));
  WEIR_RETURN_NOT_OK(CheckAttachable(*draft, target.table, table));
  Notices notices;
  if (!exchange.validation.empty()) {  // rows outside of the bound would never be found
    notices.push_back(fmt::format("specifying \"{}\" acts as no operation", exchange.validation));
  }
  WEIR_RETURN_NOT_OK(draft->MakeTables());
  WEIR_ASSIGN_OR_RETURN(const int64_t leaving, context.count_rows(*partition));
  WEIR_ASSIGN_OR_RETURN(const int64_t coming, context.count_rows(*table));
  const BoundClause clause{.position = exchange.partition.position};
  WEIR_RETURN_NOT_OK(DetachTable(target.table, partition, *partition, context, draft));
  WEIR_RETURN_NOT_OK(AttachTable(target.table, table, partition->bound, clause, context, draft));
  WEIR_RETURN_NOT_OK(SwapPaths(*partition, *table, context, draft));
  notices.push_back(fmt::format("exchanged {} rows of \"{}\" for {} rows of \"{}\"", leaving, partition->path.table,
                                coming, table->path.table));
  return notices;
}

}  // namespace weir::sql
