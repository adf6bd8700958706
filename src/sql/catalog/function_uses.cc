#include "sql/catalog/function_uses.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "sql/catalog/ddl_names.h"
#include "sql/catalog/dependent_views.h"
#include "sql/catalog/domain_ddl.h"
#include "sql/catalog/drop_dependents.h"
#include "sql/catalog/index_ddl.h"
#include "sql/catalog/type_ddl.h"
#include "sql/dialect/kept_call.h"

namespace weir::sql {
namespace {

using postgres::MadeTypePtr;

bool TextCalls(std::string_view text, int64_t function) {
  return text.find(dialect::kKeptCall) != std::string_view::npos && dialect::FunctionsCalledIn(text).contains(function);
}

bool Calls(const std::optional<std::string>& text, int64_t function) { return text && TextCalls(*text, function); }

bool Calls(const SqlIndex& index, int64_t function) {
  const auto calls = [&](const SqlIndex::Expression& one) { return TextCalls(one.text, function); };
  return TextCalls(index.condition, function) || std::ranges::any_of(index.expressions, calls);
}

bool KeyCalls(const Relation& table, int64_t function) {
  return table.partition_key && std::ranges::any_of(table.partition_key->parts, [&](const SqlPartitionKeyPart& part) {
           return TextCalls(part.expression, function);
         });
}

bool Calls(const Relation& table, int64_t function) {
  const auto of_column = [&](const SqlColumn& column) {
    return Calls(column.default_value, function) || Calls(column.generated, function);
  };
  const auto of_constraint = [&](const SqlConstraint& constraint) { return TextCalls(constraint.check, function); };
  return KeyCalls(table, function) || std::ranges::any_of(table.columns, of_column) ||
         std::ranges::any_of(table.constraints, of_constraint) ||
         std::ranges::any_of(table.indexes, [&](const RelationPtr& index) { return Calls(*index->index, function); });
}

bool Calls(const postgres::MadeType& type, int64_t function) {
  const auto of_check = [&](const postgres::DomainCheck& check) { return TextCalls(check.text, function); };
  return Calls(type.default_value, function) || std::ranges::any_of(type.checks, of_check);
}

/// The tables that call a function, from the oldest on.
Result<std::vector<RelationPtr>> TablesCalling(int64_t function, CatalogDraft* draft) {
  std::vector<RelationPtr> tables;
  WEIR_ASSIGN_OR_RETURN(const auto databases, draft->ListDatabases());
  for (const std::string& database : databases) {
    WEIR_ASSIGN_OR_RETURN(const auto relations, draft->ListRelations(database));
    std::ranges::copy_if(relations, std::back_inserter(tables),
                         [&](const RelationPtr& relation) { return Calls(*relation, function); });
  }
  std::ranges::sort(tables, {}, &Relation::id);
  return tables;
}

Result<std::vector<MadeTypePtr>> DomainsCalling(int64_t function, CatalogDraft* draft) {
  std::vector<MadeTypePtr> domains;
  WEIR_ASSIGN_OR_RETURN(const TypeMapPtr types, draft->Types());
  for (const auto& [oid, type] : *types) {
    if (Calls(*type, function)) domains.push_back(type);
  }
  return domains;
}

/// Collects what calls one function.
class Collector {
 public:
  Collector(int64_t function, std::string what, const DdlContext& context)
      : function_(function), what_(std::move(what)), context_(context) {}

  /// What a partition has goes with what its parent has.
  void Look(const Relation& table) {
    if (table.parent) return;
    const std::string described = Described(table, context_);
    const QualifiedName name{.schema = table.path.database, .name = table.path.table};
    if (KeyCalls(table, function_)) {
      Note(described);
      found_.tables.push_back(name);
      return;
    }
    AlterTable change{.name = name};
    for (const SqlColumn& column : table.columns) {
      const std::string object = fmt::format("column {} of {}", column.name, described);
      if (Calls(column.generated, function_)) {
        Note(object);
        if (column.is_local) {
          change.actions.emplace_back(alter::DropColumn{.name = column.name, .if_exists = true, .cascade = true});
        }
      } else if (Calls(column.default_value, function_)) {
        Note("default value for " + object);
        change.actions.emplace_back(alter::SetDefault{.column = column.name});
      }
    }
    for (const SqlConstraint& constraint : table.constraints) {
      if (!TextCalls(constraint.check, function_)) continue;
      Note(fmt::format("constraint {} on {}", constraint.name, described));
      change.actions.emplace_back(alter::DropConstraint{.name = constraint.name, .if_exists = true, .cascade = true});
    }
    for (const RelationPtr& index : table.indexes) {
      if (!Calls(*index->index, function_)) continue;
      if (index->index->constraint) {
        Note(fmt::format("constraint {} on {}", index->path.table, described));
        change.actions.emplace_back(alter::DropConstraint{.name = index->path.table, .if_exists = true});
        continue;
      }
      Note(fmt::format("index {}", SeenName(index->path.database, index->path.table, context_)));
      found_.indexes.push_back({.schema = index->path.database, .name = index->path.table});
    }
    if (!change.actions.empty()) found_.changes.push_back(std::move(change));
  }

  void Look(const postgres::MadeType& domain) {
    const QualifiedName name{.schema = domain.schema, .name = domain.name};
    if (Calls(domain.default_value, function_)) {
      Note(DescribedType(domain, context_));
      found_.domains.push_back(name);
      return;
    }
    for (const postgres::DomainCheck& check : domain.checks) {
      if (!TextCalls(check.text, function_)) continue;
      Note("constraint " + check.name);
      found_.domain_checks.emplace_back(domain.oid, check.name);
    }
  }

  FunctionDependents Take() { return std::move(found_); }

 private:
  void Note(std::string object) {
    found_.reasons.push_back(fmt::format("{} depends on {}", object, what_));
    found_.objects.push_back(std::move(object));
  }

  const int64_t function_;
  const std::string what_;
  const DdlContext& context_;
  FunctionDependents found_;
};

/// Makes the texts of definitions anew that call a function.
class Renewal {
 public:
  Renewal(int64_t function, const DdlContext& context) : function_(function), context_(context) {}

  Status In(const Relation& table, DefinitionUse use, const SqlColumn* column, std::string* text) const {
    if (!TextCalls(*text, function_)) return Status::OK();
    const Expression written{.text = dialect::WithCallsAsWritten(*text, context_.database)};
    WEIR_ASSIGN_OR_RETURN(*text, context_.Kept({use, table, column, written}));
    return Status::OK();
  }
  Status In(const Relation& table, DefinitionUse use, const SqlColumn* column, std::optional<std::string>* text) const {
    return *text ? In(table, use, column, &**text) : Status::OK();
  }

  Status In(Relation* table) const {
    for (SqlColumn& column : table->columns) {
      WEIR_RETURN_NOT_OK(In(*table, DefinitionUse::kDefault, &column, &column.default_value));
      WEIR_RETURN_NOT_OK(In(*table, DefinitionUse::kGenerated, &column, &column.generated));
    }
    for (SqlConstraint& constraint : table->constraints) {
      WEIR_RETURN_NOT_OK(In(*table, DefinitionUse::kCheck, nullptr, &constraint.check));
    }
    for (size_t i = 0; table->partition_key && i < table->partition_key->parts.size(); ++i) {
      WEIR_RETURN_NOT_OK(
          In(*table, DefinitionUse::kPartitionKey, nullptr, &table->partition_key->parts[i].expression));
    }
    return Status::OK();
  }

  Status In(const Relation& table, SqlIndex* index) const {
    for (SqlIndex::Expression& expression : index->expressions) {
      WEIR_RETURN_NOT_OK(In(table, DefinitionUse::kIndexExpression, nullptr, &expression.text));
    }
    return In(table, DefinitionUse::kIndexCondition, nullptr, &index->condition);
  }

 private:
  const int64_t function_;
  const DdlContext& context_;
};

}  // namespace

Result<FunctionDependents> DefinitionsCalling(int64_t function, const std::string& what, const DdlContext& context,
                                              CatalogDraft* draft) {
  Collector collector(function, what, context);
  WEIR_ASSIGN_OR_RETURN(const auto tables, TablesCalling(function, draft));
  for (const RelationPtr& table : tables) collector.Look(*table);
  WEIR_ASSIGN_OR_RETURN(const auto domains, DomainsCalling(function, draft));
  for (const MadeTypePtr& domain : domains) collector.Look(*domain);
  return collector.Take();
}

Status DropDefinitions(const FunctionDependents& dependents, const DdlContext& context, CatalogDraft* draft) {
  if (!dependents.indexes.empty()) {
    const DropIndexes drop{.names = dependents.indexes, .if_exists = true, .cascade = true};
    WEIR_RETURN_NOT_OK(Execute(drop, context, draft).status());
  }
  WEIR_RETURN_NOT_OK(DropDependents(dependents.changes, dependents.tables, context, draft));
  for (const auto& [oid, check] : dependents.domain_checks) {
    WEIR_ASSIGN_OR_RETURN(const TypeMapPtr types, draft->Types());
    auto domain = std::make_shared<postgres::MadeType>(*types->at(oid));
    std::erase_if(domain->checks, [&name = check](const postgres::DomainCheck& one) { return one.name == name; });
    WEIR_RETURN_NOT_OK(draft->PutType(std::move(domain)));
  }
  if (dependents.domains.empty()) return Status::OK();
  const DropTypes drop{.if_exists = true, .domain = true, .names = dependents.domains, .cascade = true};
  return Execute(drop, context, draft).status();
}

Status RenewDefinitions(int64_t function, const DdlContext& context, CatalogDraft* draft) {
  const Renewal renewal(function, context);
  WEIR_ASSIGN_OR_RETURN(const auto tables, TablesCalling(function, draft));
  for (const RelationPtr& before : tables) {
    WEIR_RETURN_NOT_OK(context.Lock(before, false).status());
    auto now = std::make_shared<Relation>(*before);
    WEIR_RETURN_NOT_OK(renewal.In(now.get()));
    for (const RelationPtr& own : std::vector<RelationPtr>(now->indexes)) {
      if (!Calls(*own->index, function)) continue;
      auto index = std::make_shared<Relation>(*own);
      WEIR_RETURN_NOT_OK(renewal.In(*now, &*index->index));
      PutIndex(std::move(index), draft, now.get());
    }
    draft->Put(std::move(now), before);
  }
  WEIR_ASSIGN_OR_RETURN(const auto domains, DomainsCalling(function, draft));
  for (const MadeTypePtr& before : domains) {
    auto domain = std::make_shared<postgres::MadeType>(*before);
    WEIR_ASSIGN_OR_RETURN(const Relation value, ValueOfDomain(*domain));
    WEIR_RETURN_NOT_OK(renewal.In(value, DefinitionUse::kDefault, &value.columns.front(), &domain->default_value));
    for (postgres::DomainCheck& check : domain->checks) {
      WEIR_RETURN_NOT_OK(renewal.In(value, DefinitionUse::kCheck, nullptr, &check.text));
    }
    WEIR_RETURN_NOT_OK(draft->PutType(std::move(domain)));
  }
  return Status::OK();
}

namespace {

/// Gives the calls in texts of definitions another schema.
class SchemaOfCalls {
 public:
  SchemaOfCalls(const std::string& from, const std::string& to) : from_(from), to_(to) {}

  bool In(std::string* text) const {
    if (text->find(dialect::kKeptCall) == std::string::npos) return false;
    std::string renamed = dialect::WithSchemaOfCalls(*text, from_, to_);
    if (renamed == *text) return false;
    *text = std::move(renamed);
    return true;
  }
  bool In(std::optional<std::string>* text) const { return *text && In(&**text); }
  bool In(Relation* table) const {
    bool changed = false;
    for (SqlColumn& column : table->columns) {
      changed = In(&column.default_value) || changed;
      changed = In(&column.generated) || changed;
    }
    for (SqlConstraint& constraint : table->constraints) changed = In(&constraint.check) || changed;
    for (size_t i = 0; table->partition_key && i < table->partition_key->parts.size(); ++i) {
      changed = In(&table->partition_key->parts[i].expression) || changed;
    }
    return changed;
  }
  bool In(SqlIndex* index) const {
    bool changed = In(&index->condition);
    for (SqlIndex::Expression& expression : index->expressions) changed = In(&expression.text) || changed;
    return changed;
  }

 private:
  const std::string& from_;
  const std::string& to_;
};

}  // namespace

Status RenameSchemaOfCalls(const std::string& from, const std::string& to, CatalogDraft* draft) {
  const SchemaOfCalls calls(from, to);
  WEIR_ASSIGN_OR_RETURN(const auto databases, draft->ListDatabases());
  for (const std::string& database : databases) {
    WEIR_ASSIGN_OR_RETURN(const auto relations, draft->ListRelations(database));
    for (const RelationPtr& before : relations) {
      if (before->is_index()) continue;  // with its table
      auto now = std::make_shared<Relation>(*before);
      bool changed = calls.In(now.get());
      for (const RelationPtr& own : std::vector<RelationPtr>(now->indexes)) {
        auto index = std::make_shared<Relation>(*own);
        if (!calls.In(&*index->index)) continue;
        PutIndex(std::move(index), draft, now.get());
        changed = true;
      }
      if (changed) draft->Put(std::move(now), before);
    }
  }
  WEIR_ASSIGN_OR_RETURN(const TypeMapPtr types, draft->Types());
  for (const auto& [oid, before] : *types) {
    auto domain = std::make_shared<postgres::MadeType>(*before);
    bool changed = calls.In(&domain->default_value);
    for (postgres::DomainCheck& check : domain->checks) changed = calls.In(&check.text) || changed;
    if (changed) WEIR_RETURN_NOT_OK(draft->PutType(std::move(domain)));
  }
  return Status::OK();
}

}  // namespace weir::sql
