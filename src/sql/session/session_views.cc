// CREATE VIEW: what its query means, and what that needs. Who may use a view, and what it reads.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "pg_query.pb.h"
#include "postgres/made_type.h"
#include "sql/access/targets.h"
#include "sql/analyze/analyze.h"
#include "sql/analyze/view_target.h"
#include "sql/catalog/sql_types.h"
#include "sql/catalog/temporary.h"
#include "sql/dialect/parse_tree.h"
#include "sql/dialect/view_text.h"
#include "sql/duckdb/definition.h"
#include "sql/engine/errors.h"
#include "sql/engine/row_types.h"
#include "sql/engine/view_checks.h"
#include "sql/session/engine_session.h"
#include "sql/system/catalog_names.h"
#include "sql/system/names_of_view.h"

namespace weir::sql {
namespace {

/// Errors of names, and 42P16 for a column of no real type.
Result<std::vector<SqlColumn>> ViewColumns(const CreateView& create, const std::vector<analyze::OutputColumn>& given) {
  if (create.columns.size() > given.size()) {
    return Error("42601", create.materialized ? "too many column names were specified"
                                              : "CREATE VIEW specifies more column names than columns");
  }
  std::vector<SqlColumn> columns;
  std::set<std::string> names;
  for (size_t i = 0; i < given.size(); ++i) {
    SqlColumn column{.name = i < create.columns.size() ? create.columns[i] : given[i].name};
    WEIR_RETURN_NOT_OK(CheckMayBeKept(column.name, given[i].type.oid));
    column.type = postgres::KeptTypeText(given[i].type);
    if (!names.insert(column.name).second) {
      return Error("42701", fmt::format("column \"{}\" specified more than once", column.name));
    }
    if (given[i].type.oid == postgres::oid::kRecord) {
      return Error("42P16", fmt::format("column \"{}\" has pseudo-type record", column.name));
    }
    columns.push_back(std::move(column));
  }
  return columns;
}

bool ChangesRows(const analyze::Query& query) {
  for (const analyze::WithItem& item : query.with) {
    if (item.query->command != analyze::Query::Command::kSelect || ChangesRows(*item.query)) return true;
  }
  return false;
}

/// What the query names, each relation once.
std::vector<ViewSource> ViewSourcesOf(const std::vector<analyze::RelationUse>& uses, const std::string& database) {
  std::vector<ViewSource> sources;
  for (const analyze::RelationUse& use : uses) {
    if (use.of_view) continue;
    const Relation& relation = *use.relation;
    auto known = std::ranges::find(sources, relation.id, &ViewSource::relation);
    if (known == sources.end()) {
      const std::string schema = SchemaSeenFrom(database, relation.path.database);
      ViewSource source{.relation = relation.id, .schema = schema, .name = relation.path.table};
      for (size_t i = 0; i < relation.columns.size(); ++i) {
        source.columns.push_back({relation.NumberOf(i), relation.columns[i].name, false});
      }
      known = sources.insert(sources.end(), std::move(source));
    }
    for (const int column : use.columns) known->columns[static_cast<size_t>(column)].used = true;
  }
  return sources;
}

/// The functions that the query calls, with the relations that hold them.
void AddCalledFunctions(const std::set<int64_t>& called, const std::vector<RelationPtr>& found,
                        const std::string& database, ViewDefinition* view) {
  view->functions.assign(called.begin(), called.end());
  std::set<int64_t> added;
  for (const RelationPtr& set : found) {
    const bool used = std::ranges::any_of(set->functions, [&](const auto& one) { return called.contains(one->id); });
    if (!used || !added.insert(set->id).second) continue;
    view->sources.push_back({.relation = set->id,
                             .schema = SchemaSeenFrom(database, set->path.database),
                             .name = set->path.table,
                             .columns = {}});
  }
}

std::vector<std::string> NamesAt(const Relation& relation, const std::set<int>& columns) {
  std::vector<std::string> names;
  for (const int column : columns) names.push_back(relation.columns[static_cast<size_t>(column)].name);
  return names;
}

struct NeededPrivileges {
  access::Privileges whole = 0;
  std::vector<access::ColumnUse> columns;
};

/// The privileges that a use of a table or view needs.
NeededPrivileges NeededFor(const analyze::RelationUse& use) {
  using Command = analyze::Query::Command;
  NeededPrivileges needed;
  if (use.command == Command::kDelete) needed.whole = access::kDelete;
  if (use.command == Command::kInsert) needed.columns.push_back({access::kInsert, NamesAt(*use.relation, use.written)});
  if (use.command == Command::kUpdate) needed.columns.push_back({access::kUpdate, NamesAt(*use.relation, use.written)});
  const bool reads = use.command == Command::kSelect || !use.columns.empty();
  if (reads) needed.columns.push_back({access::kSelect, NamesAt(*use.relation, use.columns)});
  return needed;
}

/// What is kept of the query must mean what was written; 0A000 where names alone do not make it so.
Status CheckKept(RelationNames& names, const postgres::Settings& settings, const NewView& made) {
  auto kept = std::make_shared<Relation>();
  kept->view = std::make_shared<const ViewDefinition>(made.definition);
  NamesOfView inside(names, kept);
  WEIR_ASSIGN_OR_RETURN(const dialect::Source source, dialect::Source::Of(made.definition.query));
  WEIR_ASSIGN_OR_RETURN(const dialect::ParseTree tree, dialect::ParseTree::Of(source));
  const auto query = analyze::AnalyzeStatement(source, tree, 0, {inside, settings});
  const auto alike = [](const SqlColumn& column, const analyze::OutputColumn& again) {
    return column.type == postgres::KeptTypeText(again.type);
  };
  const bool same = query.ok() && std::ranges::equal(made.columns, query->columns, alike);
  return same ? Status::OK() : Error("0A000", "the query of this view cannot be kept");
}

constexpr const char* kCheckOfOthers = "WITH CHECK OPTION is supported only on automatically updatable views";

/// 0A000 where a condition cannot be asked of a row by itself.
Status CheckConditions(const std::vector<ViewCheck>& checks, const Relation& table,
                       const postgres::Settings& settings) {
  for (const ViewCheck& check : checks) {
    const auto part = analyze::DefinitionPart::kCheck;
    if (duck::EmitDefinition(check.condition, part, {}, table.columns, settings).ok()) continue;
    return Error("0A000", "WITH CHECK OPTION of a view whose condition has subqueries is not supported",
                 {.detail = "Nor is one over computed columns of another view."});
  }
  return Status::OK();
}

}  // namespace

Result<NewView> EngineSession::DefineView(const CreateView& create) {
  WEIR_ASSIGN_OR_RETURN(const dialect::Source source, dialect::Source::Of(create.text));
  WEIR_ASSIGN_OR_RETURN(const dialect::ParseTree tree, dialect::ParseTree::Of(source));
  if (tree.statement(0).stmt().view_stmt().query().select_stmt().has_into_clause()) {
    return Error("0A000", "views must not contain SELECT INTO");
  }
  RelationNames names = NamesHere();
  dialect::ViewNames noted;
  WEIR_ASSIGN_OR_RETURN(const analyze::AnalyzedQuery query,
                        analyze::AnalyzeStatement(source, tree, 0, {names, values_->settings, {}, &noted}));
  if (ChangesRows(*query.query)) {
    return Error("0A000", create.materialized ? "materialized views must not use data-modifying statements in WITH"
                                              : "views must not contain data-modifying statements in WITH");
  }
  if (!query.query->locks.empty()) return Error("0A000", "a view whose query locks rows is not supported");
  for (auto& [location, schema] : noted.schemas) schema = SchemaSeenFrom(database_, schema);
  NewView made;
  WEIR_ASSIGN_OR_RETURN(made.columns, ViewColumns(create, query.columns));
  for (const analyze::OutputColumn& column : query.columns) made.definition.columns.push_back(column.name);
  made.definition.updatable = analyze::IsUpdatable(*query.query);
  if (made.definition.updatable) made.definition.computed = analyze::ComputedColumns(*query.query);
  made.definition.sources = ViewSourcesOf(analyze::UsesOf(*query.query), database_);
  AddCalledFunctions(noted.functions, names.found(), database_, &made.definition);
  const auto temporary = [](const ViewSource& read) { return IsTemporary(read.schema); };
  if (!create.temporary && std::ranges::any_of(made.definition.sources, temporary)) {
    return Error("0A000", create.materialized ? "materialized views must not use temporary tables or views"
                                              : "permanent views must not use temporary tables or views");
  }
  WEIR_ASSIGN_OR_RETURN(made.definition.query, dialect::QualifiedQuery(source, tree, noted));
  WEIR_RETURN_NOT_OK(CheckKept(names, values_->settings, made));
  made.definition.check_option = create.check_option;
  made.definition.switches = create.switches;
  if (create.check_option != '\0') {
    if (std::string why = analyze::WhyNotUpdatable(*query.query); !why.empty()) {
      return Error("0A000", kCheckOfOthers, {.hint = std::move(why)});
    }
    WEIR_RETURN_NOT_OK(CheckCheckOption(made.definition));
  }
  return made;
}

/// Whether a view's query reads what goes with the session; false, too, where it cannot be told: making it says why.
Result<bool> EngineSession::ReadsTemporary(const CreateView& create) {
  WEIR_RETURN_NOT_OK(BeginStatement());
  WEIR_ASSIGN_OR_RETURN(const dialect::Source source, dialect::Source::Of(create.text));
  WEIR_ASSIGN_OR_RETURN(const dialect::ParseTree tree, dialect::ParseTree::Of(source));
  RelationNames names = NamesHere();
  const auto query = Guarded({}, [&] {
    return analyze::AnalyzeStatement(source, tree, 0, {names, values_->settings});
  });
  if (!query.ok()) return false;
  const std::vector<analyze::RelationUse> uses = analyze::UsesOf(*query->query);
  return std::ranges::any_of(uses, [](const analyze::RelationUse& use) {
    return !use.of_view && IsTemporary(use.relation->path.database);
  });
}

/// What a view's CHECK OPTION holds rows to must be asked of the rows of one table.
Status EngineSession::CheckCheckOption(const ViewDefinition& view) {
  if (!view.updatable) {
    return Error("0A000", kCheckOfOthers,
                 {.hint = "Rows are changed through views of one table none of whose columns is a subquery."});
  }
  WEIR_ASSIGN_OR_RETURN(RelationPtr table, catalog().FindById(view.sources[0].relation));
  while (table && table->is_view()) {
    WEIR_ASSIGN_OR_RETURN(table, catalog().FindById(table->view->sources[0].relation));
  }
  if (!table) return Status::OK();
  WEIR_ASSIGN_OR_RETURN(const std::vector<ViewCheck> checks, ViewChecksOf(catalog(), {}, view));
  return CheckConditions(checks, *table, settings_);
}

Status EngineSession::CheckViewUses(const QueryPlan& planned) const {
  const access::StatePtr state = Access();
  for (const analyze::RelationUse& use : planned.of_views) {
    access::RoleId role = current_role_;
    if (use.of_view) {
      WEIR_ASSIGN_OR_RETURN(const access::Target view, TargetOf(*state, catalog(), *use.of_view));
      role = view.owner;
    }
    if (access::IsAdmin(*state, role)) continue;
    const access::Target schema = SchemaTarget(*state, use.relation->path.database, AccessNow());
    if (!use.of_view) WEIR_RETURN_NOT_OK(access::CheckPrivilege(*state, role, schema, access::kUsage));
    WEIR_ASSIGN_OR_RETURN(const access::Target target, TargetOf(*state, catalog(), *use.relation));
    const auto [whole, columns] = NeededFor(use);
    WEIR_RETURN_NOT_OK(access::CheckUse(*state, role, target, whole, columns));
  }
  return Status::OK();
}

}  // namespace weir::sql
