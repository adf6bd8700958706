#include "sql/catalog/domain_ddl.h"

#include <fmt/format.h>

#include <algorithm>

#include "postgres/identifier.h"
#include "sql/catalog/ddl_names.h"
#include "sql/catalog/domain.h"
#include "sql/catalog/sql_types.h"
#include "sql/catalog/type_ddl.h"
#include "sql/catalog/type_names.h"
#include "sql/error.h"
#include "sql/overloaded.h"

namespace weir::sql {
namespace {

using postgres::DomainCheck;
using postgres::MadeType;
using postgres::MadeTypePtr;

std::string FreeName(const MadeType& domain) {
  const std::string wanted = ObjectName(domain.name, "", "check");
  std::string name = wanted;
  const auto is_taken = [&] {
    return std::ranges::find(domain.checks, name, &DomainCheck::name) != domain.checks.end();
  };
  for (int i = 1; is_taken(); ++i) name = wanted + std::to_string(i);
  return name;
}

/// Gives the text that is kept.
Result<std::string> AddCheckTo(const DomainConstraint& constraint, const DdlContext& context, CatalogDraft* draft,
                               MadeType* domain) {
  DomainCheck check{.name = constraint.name, .text = constraint.check.text, .not_valid = constraint.not_valid};
  if (check.name.empty()) check.name = FreeName(*domain);
  if (std::ranges::find(domain->checks, check.name, &DomainCheck::name) != domain->checks.end()) {
    return Error("42710", fmt::format("constraint \"{}\" for domain {} already exists", check.name, domain->name));
  }
  WEIR_RETURN_NOT_OK(BindTypesIn(context, draft, &check.text));
  WEIR_ASSIGN_OR_RETURN(const Relation value, ValueOfDomain(*domain));
  const Expression written{check.text};
  WEIR_ASSIGN_OR_RETURN(check.text, context.Kept({DefinitionUse::kCheck, value, nullptr, written}));
  WEIR_ASSIGN_OR_RETURN(const int64_t oid, draft->TakeIds(1));
  check.oid = static_cast<postgres::Oid>(oid);
  const std::string text = check.text;
  // In the order in which they are looked at.
  const auto place = std::ranges::upper_bound(domain->checks, check.name, {}, &DomainCheck::name);
  domain->checks.insert(place, std::move(check));
  return text;
}

Status SetDefaultOf(const DomainText& text, const DdlContext& context, CatalogDraft* draft, MadeType* domain) {
  std::string bound = text.text;
  WEIR_RETURN_NOT_OK(BindTypesIn(context, draft, &bound));
  WEIR_ASSIGN_OR_RETURN(const Relation value, ValueOfDomain(*domain));
  const Expression written{bound};
  WEIR_ASSIGN_OR_RETURN(domain->default_value,
                        context.Kept({DefinitionUse::kDefault, value, &value.columns.front(), written}));
  return Status::OK();
}

/// Whether the domain, or one over it, is a column's.
bool IsOfDomain(const SqlColumn& column, postgres::Oid domain) {
  if (postgres::TypesNamedIn(column.type).empty()) return false;
  const auto type = postgres::ParseType(column.type);
  for (postgres::Oid at = type.ok() ? type->oid : 0; at != 0;) {
    if (at == domain) return true;
    const MadeType* made = postgres::FindMadeType(at);
    at = made == nullptr ? 0 : made->base.oid;
  }
  return false;
}

/// The tables with such a column, from the oldest on.
Result<std::vector<RelationPtr>> TablesOf(const MadeType& domain, CatalogDraft* draft) {
  std::vector<RelationPtr> tables;
  WEIR_ASSIGN_OR_RETURN(const auto databases, draft->ListDatabases());
  for (const std::string& database : databases) {
    WEIR_ASSIGN_OR_RETURN(const auto relations, draft->ListRelations(database));
    for (const RelationPtr& relation : relations) {
      if (relation->parent || relation->is_view() || relation->is_index() || relation->is_sequence()) continue;
      const auto of_domain = [&](const SqlColumn& column) { return IsOfDomain(column, domain.oid); };
      if (std::ranges::any_of(relation->columns, of_domain)) tables.push_back(relation);
    }
  }
  std::ranges::sort(tables, {}, [](const RelationPtr& table) { return table->id; });
  return tables;
}

/// Calls `visit` with each table that holds values of the domain, alone, and the column.
template <typename Visit>
Status ForEachColumn(const MadeType& domain, const DdlContext& context, CatalogDraft* draft, Visit visit) {
  WEIR_ASSIGN_OR_RETURN(const std::vector<RelationPtr> tables, TablesOf(domain, draft));
  for (const RelationPtr& one : tables) {
    WEIR_ASSIGN_OR_RETURN(const RelationPtr table, context.Lock(one, true));
    for (size_t i = 0; table && i < table->columns.size(); ++i) {
      if (IsOfDomain(table->columns[i], domain.oid)) WEIR_RETURN_NOT_OK(visit(table, table->columns[i]));
    }
  }
  return Status::OK();
}

/// `violated`: of a column by its name. Fails with what `error` makes of a table that has such a value.
template <typename Violated>
Status HoldStored(const MadeType& domain, const DdlContext& context, CatalogDraft* draft, Violated violated,
                  const char* state, const char* message) {
  return ForEachColumn(domain, context, draft, [&](const RelationPtr& table, const SqlColumn& column) -> Status {
    if (!context.has_row) return Status::OK();
    WEIR_ASSIGN_OR_RETURN(const std::string condition, violated(column.name));
    WEIR_ASSIGN_OR_RETURN(const bool found, context.has_row(*table, condition));
    if (!found) return Status::OK();
    return Error(state,
                 fmt::format("column \"{}\" of table \"{}\" contains {}", column.name, table->path.table, message),
                 {.table = table->path.table, .column = column.name});
  });
}

Status HoldToCheck(const MadeType& domain, const std::string& text, const DdlContext& context, CatalogDraft* draft) {
  const auto violated = [&](const std::string& column) { return ViolationOf(text, domain.oid, column); };
  return HoldStored(domain, context, draft, violated, "23514", "values that violate the new constraint");
}

Status HoldNotNull(const MadeType& domain, const DdlContext& context, CatalogDraft* draft) {
  const auto violated = [](const std::string& column) -> Result<std::string> {
    return postgres::QuoteIdentifier(column) + " IS NULL";
  };
  return HoldStored(domain, context, draft, violated, "23502", "null values");
}

/// Tables are read anew, whose columns have the domain's default.
Status RenewTables(const MadeType& domain, const DdlContext& context, CatalogDraft* draft) {
  return ForEachColumn(domain, context, draft, [&](const RelationPtr& table, const SqlColumn&) -> Status {
    WEIR_ASSIGN_OR_RETURN(const RelationPtr before, draft->FindById(table->id));
    if (before == table) draft->Put(std::make_shared<Relation>(*before), before);
    return Status::OK();
  });
}

Status NoConstraint(const std::string& name, const MadeType& domain) {
  return Error("42704", fmt::format("constraint \"{}\" of domain \"{}\" does not exist", name, domain.name));
}

}  // namespace

Result<Relation> ValueOfDomain(const MadeType& domain) {
  const postgres::TypeRef base = postgres::BaseTypeOf(domain.base);
  WEIR_ASSIGN_OR_RETURN(const SqlType type, ResolveType(postgres::KeptTypeText(base)));
  Relation relation;
  relation.path = {domain.schema, domain.name};
  SqlColumn& value = relation.columns.emplace_back();
  value.name = "value";
  value.type = type.name;
  value.data_type = type.data_type;
  return relation;
}

Status AlterDomain(const AlterType& statement, const MadeTypePtr& before, const DdlContext& context,
                   CatalogDraft* draft, MadeType* now, Notices* notices) {
  WEIR_RETURN_NOT_OK(CheckTakesEffect(*before, context, *draft));
  const auto find = [&](const std::string& name) { return std::ranges::find(now->checks, name, &DomainCheck::name); };
  const Overloaded alter{
      [&](const alter_type::SetDefault& set) -> Status {
        now->default_value.reset();
        if (set.value) WEIR_RETURN_NOT_OK(SetDefaultOf(*set.value, context, draft, now));
        return RenewTables(*before, context, draft);
      },
      [&](const alter_type::SetNotNull& set) -> Status {
        if (set.not_null && !now->not_null) WEIR_RETURN_NOT_OK(HoldNotNull(*before, context, draft));
        now->not_null = set.not_null;
        return Status::OK();
      },
      [&](const alter_type::AddConstraint& add) -> Status {
        WEIR_ASSIGN_OR_RETURN(const std::string text, AddCheckTo(add.constraint, context, draft, now));
        return add.constraint.not_valid ? Status::OK() : HoldToCheck(*before, text, context, draft);
      },
      [&](const alter_type::DropConstraint& drop) -> Status {
        const auto found = find(drop.name);
        if (found == now->checks.end() && !drop.if_exists) return NoConstraint(drop.name, *now);
        if (found == now->checks.end()) {
          notices->push_back(
              fmt::format("constraint \"{}\" of domain \"{}\" does not exist, skipping", drop.name, now->name));
        } else {
          now->checks.erase(found);
        }
        return Status::OK();
      },
      [&](const alter_type::RenameConstraint& rename) -> Status {
        const auto found = find(rename.name);
        if (found == now->checks.end()) {
          return Error("42704", fmt::format("constraint \"{}\" for domain {} does not exist", rename.name, now->name));
        }
        if (find(rename.new_name) != now->checks.end()) {
          return Error("42710",
                       fmt::format("constraint \"{}\" for domain {} already exists", rename.new_name, now->name));
        }
        found->name = rename.new_name;
        std::ranges::sort(now->checks, {}, &DomainCheck::name);
        return Status::OK();
      },
      [&](const alter_type::ValidateConstraint& validate) -> Status {
        const auto found = find(validate.name);
        if (found == now->checks.end()) return NoConstraint(validate.name, *now);
        if (found->not_valid) WEIR_RETURN_NOT_OK(HoldToCheck(*before, found->text, context, draft));
        found->not_valid = false;
        return Status::OK();
      },
      [&](const auto&) -> Status { return Error("42809", fmt::format("{} is not an enum", now->name)); },
  };
  return std::visit(alter, statement.action);
}

Result<Notices> Execute(const CreateDomain& statement, const DdlContext& context, CatalogDraft* draft) {
  WEIR_ASSIGN_OR_RETURN(const TablePath path, PathOfNewType(statement.name, context, draft));
  TypeName written = statement.type;
  WEIR_RETURN_NOT_OK(BindType(context, draft, &written));
  WEIR_ASSIGN_OR_RETURN(const SqlType base, ResolveType(written.text));
  if (!statement.collation.empty()) return Error("0A000", "COLLATE of a domain is not supported");
  WEIR_ASSIGN_OR_RETURN(const std::shared_ptr<MadeType> domain, NewType(*draft, path, context.role));
  domain->kind = postgres::TypeKind::kDomain;
  domain->base = {base.oid, base.modifier};
  domain->not_null = statement.not_null;
  if (statement.default_value) WEIR_RETURN_NOT_OK(SetDefaultOf(*statement.default_value, context, draft, domain.get()));
  for (const DomainConstraint& check : statement.checks) {
    WEIR_RETURN_NOT_OK(AddCheckTo(check, context, draft, domain.get()).status());
  }
  WEIR_RETURN_NOT_OK(draft->PutType(domain));
  return Notices();
}

}  // namespace weir::sql
