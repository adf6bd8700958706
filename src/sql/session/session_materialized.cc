// Materialized views: what fills them, and what only REFRESH does to them.
#include <fmt/format.h>

#include <algorithm>

#include "sql/catalog/ddl_names.h"
#include "sql/catalog/materialized_view.h"
#include "sql/duckdb/runtime_error.h"
#include "sql/engine/errors.h"
#include "sql/session/engine_session.h"
#include "sql/system/view_query_text.h"

namespace weir::sql {
namespace {

Status CannotChange(const Relation& view, analyze::Query::Command command) {
  const std::string& name = view.path.table;
  if (command != analyze::Query::Command::kMerge) {
    return Error("42809", fmt::format("cannot change materialized view \"{}\"", name));
  }
  return Error("0A000", fmt::format("cannot execute MERGE on relation \"{}\"", name),
               {.detail = "This operation is not supported for materialized views."});
}

}  // namespace

/// 42809 for what changes or locks rows of a materialized view, 55000 for what reads one that holds nothing yet.
Status EngineSession::CheckMaterialized(const QueryPlan& planned) const {
  const auto is_materialized = [](const RelationPtr& relation) { return relation->is_materialized(); };
  if (std::ranges::none_of(planned.relations, is_materialized)) return Status::OK();
  const RelationPtr target = planned.plan->target();
  const bool fills = target && target->id == filled_;
  if (target && target->is_materialized() && !fills) return CannotChange(*target, planned.plan->command());
  for (const auto& change : planned.plan->changes()) {
    if (change.target && change.target->is_materialized())
      return CannotChange(*change.target, analyze::Query::Command::kInsert);
  }
  for (const RelationPtr& relation : planned.relations) {
    if (!relation->is_materialized() || relation->id == filled_) continue;
    if (!relation->populated) {
      return Error("55000", fmt::format("materialized view \"{}\" has not been populated", relation->path.table),
                   {.hint = "Use the REFRESH MATERIALIZED VIEW command."});
    }
    if (planned.plan->locks_rows()) {
      return Error("42809", fmt::format("cannot lock rows in materialized view \"{}\"", relation->path.table));
    }
  }
  return Status::OK();
}

/// Puts what its query gives into a materialized view, which holds nothing, and counts it.
Result<std::string> EngineSession::Fill(const RelationPtr& view) {
  WEIR_RETURN_NOT_OK(BeginRows());
  const std::string text = "INSERT INTO " + NameHere(*view) + WrittenViewQuery(SourcesHere(), *view);
  filled_ = view->id;
  auto filled = Guarded({}, [&]() -> Result<std::string> {
    WEIR_ASSIGN_OR_RETURN(QueryPlan planned, PlanQuery(text));
    WEIR_ASSIGN_OR_RETURN(auto result, RunAgain(&planned, {}, false));
    const auto chunk = result->Fetch();
    if (result->HasError()) return duck::RuntimeError(result->GetErrorObject());
    return chunk && chunk->size() > 0 ? chunk->GetValue(0, 0).ToString() : std::string("0");
  });
  filled_ = -1;
  if (filled.ok()) return filled;
  return AtPosition(filled.status(), 0);
}

EngineSession::Outcome EngineSession::RunCreateView(const CreateView& create) {
  if (!create.materialized) return RunDdl(create, "CREATE VIEW");
  const std::string tag = "CREATE MATERIALIZED VIEW";
  WEIR_RETURN_NOT_OK(BeginRows());
  WEIR_ASSIGN_OR_RETURN(const RelationPtr before, catalog().Find(PathOf(create.name)));
  if (before && create.if_not_exists) {
    WEIR_RETURN_NOT_OK(FinishStatement());
    Notice("relation \"" + create.name.name + "\" already exists, skipping");
    return NoRows(tag);
  }
  WEIR_ASSIGN_OR_RETURN(const Notices notices, ChangeCatalog(create));
  for (const DdlNotice& notice : notices) Notice(notice.text, notice.hint, notice.detail);
  std::string rows;
  if (!create.with_no_data) {
    WEIR_ASSIGN_OR_RETURN(const RelationPtr view, Find(create.name));
    WEIR_ASSIGN_OR_RETURN(rows, Fill(view));
  }
  WEIR_RETURN_NOT_OK(FinishStatement());
  return NoRows(create.with_no_data ? tag : "SELECT " + rows);
}

/// The old rows go and the new ones come in one transaction: who reads meanwhile sees the one or the other.
EngineSession::Outcome EngineSession::RunRefresh(const RefreshMaterializedView& refresh) {
  WEIR_RETURN_NOT_OK(BeginRows());
  const LockMode mode = refresh.concurrently ? LockMode::kExclusive : LockMode::kAccessExclusive;
  WEIR_ASSIGN_OR_RETURN(RelationPtr view, LockNamed(PathOf(refresh.name), mode, LockPolicy::kWait, false));
  if (!view) return NoRelation(refresh.name, 0);
  WEIR_RETURN_NOT_OK(CheckMayRefresh(refresh, *view, database_));
  if (view->populated == refresh.with_no_data) {
    SetPopulated(view, !refresh.with_no_data, Draft());
    WEIR_RETURN_NOT_OK(routed_.Renew(catalog()));
    WEIR_RETURN_NOT_OK(BeginRows());
    WEIR_ASSIGN_OR_RETURN(view, Find(refresh.name));
  }
  WEIR_RETURN_NOT_OK(Empty(view, false));
  if (!refresh.with_no_data) WEIR_RETURN_NOT_OK(Fill(view).status());
  WEIR_RETURN_NOT_OK(FinishStatement());
  return NoRows("REFRESH MATERIALIZED VIEW");
}

}  // namespace weir::sql
