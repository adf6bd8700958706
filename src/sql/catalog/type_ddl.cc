#include "sql/catalog/type_ddl.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

#include "postgres/value/character.h"
#include "sql/catalog/composite_ddl.h"
#include "sql/catalog/ddl_names.h"
#include "sql/catalog/dependent_views.h"
#include "sql/catalog/domain_ddl.h"
#include "sql/catalog/drop_dependents.h"
#include "sql/catalog/function_ddl.h"
#include "sql/catalog/type_names.h"
#include "sql/error.h"

namespace weir::sql {
namespace {

using postgres::EnumLabel;
using postgres::MadeType;
using postgres::MadeTypePtr;
using postgres::Oid;

constexpr size_t kMaxName = 63;

Status NoType(const QualifiedName& name) {
  return Error("42704", fmt::format("type \"{}\" does not exist", Shown(name)));
}

Status TypeIsTaken(const std::string& name, std::string hint = {}) {
  return Error("42710", fmt::format("type \"{}\" already exists", name), {.hint = std::move(hint)});
}

/// The made type of the name: 42704 without it.
Result<MadeTypePtr> FindOwn(CatalogDraft& draft, const QualifiedName& name, const DdlContext& context) {
  WEIR_ASSIGN_OR_RETURN(const NamedType found, FindTypeCalled(draft, name, context));
  if (!found.type) return NoType(name);
  if (!found.is_array) return found.type;
  return Error("42809", fmt::format("cannot alter array type {}[]", found.type->name),
               {.hint = fmt::format("You can alter type {}, which will alter the array type as well.",
                                    found.type->name)});
}

Status CheckLabel(const std::string& label) {
  if (label.size() <= kMaxName) return Status::OK();
  return Error("42602", fmt::format("invalid enum label \"{}\"", label),
               {.detail = "Labels must be 63 bytes or less."});
}

/// A name for the type of arrays: "_mood", with more of what is before it where that is taken.
std::string ArrayNameOf(const TypeMap& types, const TablePath& path) {
  std::string name = path.table;
  do {
    name = "_" + std::string(postgres::Clipped(name, kMaxName - 1));
  } while (FindTypeNamed(types, path.database, name).type && name.size() < kMaxName);
  return name;
}

// --- dependents

/// Looks through the definitions of relations for types.
class TypeUses {
 public:
  TypeUses(const std::vector<MadeTypePtr>& types, const DdlContext& context) : context_(context) {
    for (const MadeTypePtr& type : types) types_[type->oid] = type;
  }

  void Look(const RelationPtr& relation, TypeDependents* found) const {
    if (relation->is_view()) return LookAtView(relation, found);
    if (relation->is_functions()) return LookAtFunctions(*relation, found);
    const std::string table = Described(*relation, context_);
    if (const MadeTypePtr type = TypeOfKey(*relation)) {
      Note(relation, table, *type, found);
      if (!relation->parent) found->tables.push_back({.schema = relation->path.database, .name = relation->path.table});
      return;
    }
    if (const auto type = types_.find(static_cast<Oid>(relation->of_type)); type != types_.end()) {
      Note(relation, table, *type->second, found);
      found->tables.push_back({.schema = relation->path.database, .name = relation->path.table});
      return;
    }
    AlterTable change{.name = {.schema = relation->path.database, .name = relation->path.table}};
    std::set<std::string> dropped;
    for (const SqlColumn& column : relation->columns) {
      const std::string object = fmt::format("column {} of {}", column.name, table);
      if (const MadeTypePtr type = TypeOfColumn(column.type)) {
        dropped.insert(column.name);
        Note(relation, object, *type, found);
        if (!column.is_local) continue;  // it goes with that of a parent
        change.actions.emplace_back(alter::DropColumn{.name = column.name, .if_exists = true, .cascade = true});
      } else if (const MadeTypePtr named = TypeIn(column.default_value.value_or(""))) {
        Note(relation, "default value for " + object, *named, found);
        change.actions.emplace_back(alter::SetDefault{.column = column.name});
      }
    }
    for (const SqlConstraint& constraint : relation->constraints) {
      const MadeTypePtr type = TypeIn(constraint.check);
      if (!type) continue;
      Note(relation, fmt::format("constraint {} on {}", constraint.name, table), *type, found);
      change.actions.emplace_back(alter::DropConstraint{.name = constraint.name, .if_exists = true, .cascade = true});
    }
    if (!change.actions.empty() && !relation->parent) found->changes.push_back(std::move(change));
  }

  void Look(const MadeTypePtr& type, TypeDependents* found) const {
    using postgres::TypeKind;
    if (type->kind == TypeKind::kComposite) return LookAtAttributes(type, found);
    const bool range = type->kind == TypeKind::kRange || type->kind == TypeKind::kMultirange;
    if (type->kind != TypeKind::kDomain && !range) return;
    const auto base = types_.find(type->base.oid);
    MadeTypePtr used = base == types_.end() ? TypeIn(type->default_value.value_or("")) : base->second;
    for (const postgres::DomainCheck& check : type->checks) {
      if (!used) used = TypeIn(check.text);
    }
    if (!used) return;
    found->reasons.push_back(
        fmt::format("{} depends on {}", DescribedType(*type, context_), DescribedType(*used, context_)));
    found->objects.push_back(DescribedType(*type, context_));
    found->types.push_back(type);
  }

  bool Has(Oid oid) const { return types_.contains(oid); }

 private:
  void LookAtAttributes(const MadeTypePtr& type, TypeDependents* found) const {
    for (const postgres::Attribute& attribute : type->attributes) {
      const MadeTypePtr used = TypeOfColumn(postgres::KeptTypeText(attribute.type));
      if (!used) continue;
      found->objects.push_back(
          fmt::format("column {} of composite {}", attribute.name, DescribedType(*type, context_)));
      found->reasons.push_back(fmt::format("{} depends on {}", found->objects.back(), DescribedType(*used, context_)));
      found->composites.push_back(type);
    }
  }

  void LookAtFunctions(const Relation& set, TypeDependents* found) const {
    for (const SqlFunctionPtr& function : set.functions) {
      MadeTypePtr used = TypeOfColumn(function->result);
      DropFunctions drop{.kind = RoutineKind::kRoutine, .if_exists = true, .cascade = true};
      FunctionName& name = drop.functions.emplace_back();
      name.name = {.schema = set.path.database, .name = function->name};
      name.arguments.emplace();
      for (const SqlFunction::Parameter& parameter : function->parameters) {
        if (!used) used = TypeOfColumn(parameter.type);
        if (postgres::IsInput(parameter.mode)) name.arguments->push_back(parameter.type);
      }
      if (!used) continue;
      found->objects.push_back(fmt::format("{} {}", function->procedure ? "procedure" : "function",
                                           FunctionSignature(*function, false)));
      found->reasons.push_back(fmt::format("{} depends on {}", found->objects.back(), DescribedType(*used, context_)));
      found->functions.push_back(std::move(drop));
    }
  }

  void LookAtView(const RelationPtr& view, TypeDependents* found) const {
    MadeTypePtr type = TypeIn(view->view->query);
    for (const SqlColumn& column : view->columns) {
      if (!type) type = TypeOfColumn(column.type);
    }
    if (!type) return;
    Note(view, Described(*view, context_), *type, found);
    found->views.push_back(view);
  }

  /// What a partition has goes with what its parent has.
  void Note(const RelationPtr& relation, std::string object, const MadeType& type, TypeDependents* found) const {
    if (relation->parent) return;
    found->reasons.push_back(fmt::format("{} depends on {}", object, DescribedType(type, context_)));
    found->objects.push_back(std::move(object));
  }

  /// Of a part of a partition key, without which there is no such table.
  MadeTypePtr TypeOfKey(const Relation& relation) const {
    if (!relation.partition_key) return nullptr;
    for (const SqlPartitionKeyPart& part : relation.partition_key->parts) {
      if (part.column < 0) continue;
      const MadeTypePtr type = TypeOfColumn(relation.columns[static_cast<size_t>(part.column)].type);
      if (type) return type;
    }
    return nullptr;
  }

  MadeTypePtr TypeOfColumn(const std::string& text) const {
    const auto type = postgres::ParseType(text);
    if (!type.ok()) return nullptr;
    const Oid element = postgres::ArrayElement(type->oid);
    const auto found = types_.find(element != 0 ? element : type->oid);
    return found == types_.end() ? nullptr : found->second;
  }

  MadeTypePtr TypeIn(const std::string& text) const {
    for (const Oid oid : postgres::TypesNamedIn(text)) {
      const auto found = types_.find(oid);
      if (found != types_.end()) return found->second;
    }
    return nullptr;
  }

  const DdlContext& context_;
  TypeMap types_;
};

/// Whether a column of a table holds values of the type: null where none does.
Result<RelationPtr> HolderOf(CatalogDraft& draft, const MadeTypePtr& type, const DdlContext& context) {
  const TypeUses uses({type}, context);
  WEIR_ASSIGN_OR_RETURN(const auto databases, draft.ListDatabases());
  for (const std::string& database : databases) {
    WEIR_ASSIGN_OR_RETURN(const auto relations, draft.ListRelations(database));
    for (const RelationPtr& relation : relations) {
      TypeDependents found;
      if (!relation->is_view() && !relation->is_functions()) uses.Look(relation, &found);
      if (!found.reasons.empty()) return relation;
    }
  }
  return RelationPtr();
}

// --- ALTER TYPE of an enum

struct AlterEnum {
  const DdlContext& context;
  CatalogDraft* draft;
  const MadeTypePtr& before;
  MadeType* now;

  Status NoLabel(const std::string& label) const {
    return Error("22023", fmt::format("\"{}\" is not an existing enum label", label));
  }

  /// Between two labels, where there is a number between theirs.
  Result<double> OrderAt(size_t place) const {
    const auto& labels = now->labels;
    if (labels.empty()) return 1;
    if (place == labels.size()) return labels.back().order + 1;
    if (place == 0) return labels.front().order - 1;
    const double between = std::midpoint(labels[place - 1].order, labels[place].order);
    if (between > labels[place - 1].order && between < labels[place].order) return between;
    return Error("0A000", "there is no place left between these labels");
  }

  Result<Notices> operator()(const alter_type::AddValue& add) const {
    WEIR_RETURN_NOT_OK(CheckLabel(add.label));
    if (now->FindLabel(add.label) != nullptr) {
      const std::string message = fmt::format("enum label \"{}\" already exists", add.label);
      if (add.if_not_exists) return Notices{message + ", skipping"};
      return Error("42710", message);
    }
    size_t place = now->labels.size();
    if (add.neighbor) {
      const auto neighbor = std::ranges::find(now->labels, *add.neighbor, &EnumLabel::name);
      if (neighbor == now->labels.end()) return NoLabel(*add.neighbor);
      place = static_cast<size_t>(neighbor - now->labels.begin()) + (add.before ? 0 : 1);
    }
    WEIR_ASSIGN_OR_RETURN(const double order, OrderAt(place));
    WEIR_ASSIGN_OR_RETURN(const int64_t oid, draft->TakeIds(1));
    now->labels.insert(now->labels.begin() + static_cast<std::ptrdiff_t>(place),
                       {static_cast<Oid>(oid), order, add.label});
    return Notices();
  }

  Result<Notices> operator()(const alter_type::RenameValue& rename) const {
    WEIR_RETURN_NOT_OK(CheckLabel(rename.new_label));
    const auto label = std::ranges::find(now->labels, rename.label, &EnumLabel::name);
    if (label == now->labels.end()) return NoLabel(rename.label);
    if (now->FindLabel(rename.new_label) != nullptr) {
      return Error("42710", fmt::format("enum label \"{}\" already exists", rename.new_label));
    }
    WEIR_RETURN_NOT_OK(CheckTakesEffect(*before, context, *draft));
    WEIR_ASSIGN_OR_RETURN(const RelationPtr holder, HolderOf(*draft, before, context));
    if (holder) {
      return Error("0A000", fmt::format("a label of type {} cannot be renamed while table {} uses the type",
                                        before->name, holder->path.table),
                   {.detail = "Tables hold labels as texts, which Fluss clients read.",
                    .hint = "Add a label, and update the rows."});
    }
    label->name = rename.new_label;
    return Notices();
  }
};

/// What is done to types of every kind; nothing for what is not.
struct AlterAny {
  const DdlContext& context;
  CatalogDraft* draft;
  MadeType* now;

  using Done = Result<bool>;

  Done operator()(const alter_type::Rename& rename) const {
    const TablePath path{now->schema, rename.new_name};
    WEIR_RETURN_NOT_OK(CheckTypeNameIsFree(*draft, path));
    now->name = rename.new_name;
    WEIR_ASSIGN_OR_RETURN(const TypeMapPtr types, draft->Types());
    now->array_name = ArrayNameOf(*types, path);
    return true;
  }
  Done operator()(const alter_type::SetSchema& set) const {
    const QualifiedName wanted{.schema = set.schema, .name = now->name};
    const TablePath path = PathOf(wanted, context.database);
    if (path.database == now->schema) return true;
    WEIR_RETURN_NOT_OK(CheckDatabase(*draft, path, wanted));
    WEIR_ASSIGN_OR_RETURN(const TypeMapPtr types, draft->Types());
    if (FindTypeNamed(*types, path.database, path.table).type) {
      return Error("42710", fmt::format("type \"{}\" already exists in schema \"{}\"", path.table, set.schema));
    }
    now->schema = path.database;
    now->array_name = ArrayNameOf(*types, path);
    return true;
  }
  Done operator()(const alter_type::SetOwner& set) const {
    if (!context.find_role) return true;
    WEIR_ASSIGN_OR_RETURN(now->owner, context.find_role(set.role));
    return true;
  }
  template <typename Other>
  Done operator()(const Other&) const {
    return false;
  }
};

}  // namespace

std::string DescribedType(const MadeType& type, const DdlContext& context) {
  return "type " + SeenName(type.schema, type.name, context);
}

Status CheckTypeNameIsFree(CatalogDraft& draft, const TablePath& path) {
  WEIR_ASSIGN_OR_RETURN(const TypeMapPtr types, draft.Types());
  const NamedType taken = FindTypeNamed(*types, path.database, path.table);
  if (taken.type) return TypeIsTaken(path.table);
  WEIR_ASSIGN_OR_RETURN(const RelationPtr relation, draft.Find(path));
  const bool has_rows = relation && !relation->is_index() && !relation->is_sequence();
  return has_rows ? TypeIsTaken(path.table) : Status::OK();
}

Status CheckNoTypeIsCalled(CatalogDraft& draft, const TablePath& path) {
  WEIR_ASSIGN_OR_RETURN(const TypeMapPtr types, draft.Types());
  const NamedType taken = FindTypeNamed(*types, path.database, path.table);
  if (!taken.type || taken.is_array) return Status::OK();
  return TypeIsTaken(path.table,
                     "A relation has an associated type of the same name, so you must use a name that doesn't conflict "
                     "with any existing type.");
}

Status CheckTakesEffect(const MadeType& type, const DdlContext& context, const CatalogDraft& draft) {
  if (!context.in_block || draft.MakesType(type.oid)) return Status::OK();
  return Error("0A000",
               fmt::format("type {} cannot be changed so in a transaction block that has not made it", type.name),
               {.hint = "Run the statement on its own."});
}

Result<TablePath> PathOfNewType(const QualifiedName& name, const DdlContext& context, CatalogDraft* draft) {
  TablePath path = PathOf(name, context.database);
  WEIR_RETURN_NOT_OK(CheckDatabase(*draft, path, name));
  WEIR_RETURN_NOT_OK(CheckTypeNameIsFree(*draft, path));
  return path;
}

Result<std::shared_ptr<MadeType>> NewType(CatalogDraft& draft, const TablePath& path, int64_t owner) {
  WEIR_ASSIGN_OR_RETURN(const TypeMapPtr types, draft.Types());
  auto type = std::make_shared<MadeType>();
  type->oid = postgres::DrawTypeOid();
  type->array = type->oid + 1;
  type->schema = path.database;
  type->name = path.table;
  type->array_name = ArrayNameOf(*types, path);
  type->owner = owner;
  return type;
}

Result<std::vector<MadeTypePtr>> TypesOf(CatalogDraft& draft, const std::string& database) {
  WEIR_ASSIGN_OR_RETURN(const TypeMapPtr types, draft.Types());
  std::vector<MadeTypePtr> found;
  for (const auto& [oid, type] : *types) {
    if (type->schema == database) found.push_back(type);
  }
  return found;
}

Result<TypeDependents> DependentsOfTypes(CatalogDraft& draft, const std::vector<MadeTypePtr>& types,
                                         const std::vector<RelationPtr>& but, const DdlContext& context) {
  TypeDependents found;
  if (types.empty()) return found;
  const TypeUses uses(types, context);
  WEIR_ASSIGN_OR_RETURN(const auto databases, draft.ListDatabases());
  for (const std::string& database : databases) {
    WEIR_ASSIGN_OR_RETURN(auto relations, draft.ListRelations(database));
    std::ranges::sort(relations, {}, [](const RelationPtr& relation) { return relation->id; });
    for (const RelationPtr& relation : relations) {
      const bool goes = std::ranges::any_of(but, [&](const RelationPtr& one) { return one->id == relation->id; });
      if (!goes) uses.Look(relation, &found);
    }
  }
  WEIR_ASSIGN_OR_RETURN(const TypeMapPtr all, draft.Types());
  for (const auto& [oid, type] : *all) {
    if (!uses.Has(oid)) uses.Look(type, &found);
  }
  if (found.types.empty() && found.composites.empty()) return found;
  // Domains over what goes have dependents, too, and composite types of it.
  std::vector<MadeTypePtr> more = found.types;
  more.insert(more.end(), found.composites.begin(), found.composites.end());
  WEIR_ASSIGN_OR_RETURN(TypeDependents above, DependentsOfTypes(draft, more, but, context));
  const auto append = [](auto* to, auto& from) { to->insert(to->end(), from.begin(), from.end()); };
  append(&found.reasons, above.reasons);
  append(&found.objects, above.objects);
  append(&found.changes, above.changes);
  append(&found.tables, above.tables);
  append(&found.views, above.views);
  append(&found.functions, above.functions);
  append(&found.types, above.types);
  append(&found.composites, above.composites);
  return found;
}

Status DropTypesWith(const std::vector<MadeTypePtr>& types, const TypeDependents& dependents, const DdlContext& context,
                     CatalogDraft* draft) {
  if (!dependents.composites.empty()) {
    return Error("0A000", fmt::format("dropping a type that attributes of {} are of is not supported",
                                      DescribedType(*dependents.composites.front(), context)),
                 {.hint = "Drop the composite type first."});
  }
  WEIR_ASSIGN_OR_RETURN(const auto above, ViewsAbove(*draft, dependents.views, context));
  std::vector<RelationPtr> views = dependents.views;
  for (const DependentView& one : above) views.push_back(one.view);
  WEIR_RETURN_NOT_OK(RemoveAll(draft, views));
  WEIR_RETURN_NOT_OK(DropDependents(dependents.changes, dependents.tables, context, draft));
  for (const DropFunctions& drop : dependents.functions) {
    WEIR_RETURN_NOT_OK(Execute(drop, context, draft).status());
  }
  for (const MadeTypePtr& type : dependents.types) WEIR_RETURN_NOT_OK(draft->RemoveType(type->oid));
  for (const MadeTypePtr& type : types) WEIR_RETURN_NOT_OK(draft->RemoveType(type->oid));
  return Status::OK();
}

Result<Notices> Execute(const CreateEnum& statement, const DdlContext& context, CatalogDraft* draft) {
  WEIR_ASSIGN_OR_RETURN(const TablePath path, PathOfNewType(statement.name, context, draft));
  WEIR_ASSIGN_OR_RETURN(const std::shared_ptr<MadeType> type, NewType(*draft, path, context.role));
  WEIR_ASSIGN_OR_RETURN(const int64_t first, draft->TakeIds(static_cast<int64_t>(statement.labels.size()) + 1));
  for (const std::string& label : statement.labels) {
    WEIR_RETURN_NOT_OK(CheckLabel(label));
    if (type->FindLabel(label) != nullptr) {
      return Error("23505", "duplicate key value violates unique constraint \"pg_enum_typid_label_index\"",
                   {.detail = fmt::format("Key (enumtypid, enumlabel)=({}, {}) already exists.", type->oid, label)});
    }
    const size_t place = type->labels.size() + 1;
    type->labels.push_back({static_cast<Oid>(first + static_cast<int64_t>(place)), static_cast<double>(place), label});
  }
  WEIR_RETURN_NOT_OK(draft->PutType(type));
  return Notices();
}

Result<Notices> Execute(const AlterType& statement, const DdlContext& context, CatalogDraft* draft) {
  WEIR_ASSIGN_OR_RETURN(const MadeTypePtr before, FindOwn(*draft, statement.name, context));
  const bool is_domain = before->kind == postgres::TypeKind::kDomain;
  if (statement.domain && !is_domain) return Error("42809", fmt::format("{} is not a domain", before->name));
  auto now = std::make_shared<MadeType>(*before);
  WEIR_ASSIGN_OR_RETURN(const bool done, std::visit(AlterAny{context, draft, now.get()}, statement.action));
  Notices notices;
  if (!done && before->kind == postgres::TypeKind::kComposite) {
    WEIR_RETURN_NOT_OK(AlterComposite(statement, before, context, draft, now.get(), &notices));
  } else if (!done && is_domain) {
    WEIR_RETURN_NOT_OK(AlterDomain(statement, before, context, draft, now.get(), &notices));
  } else if (!done) {
    const AlterEnum alter{context, draft, before, now.get()};
    if (const auto* add = std::get_if<alter_type::AddValue>(&statement.action)) {
      WEIR_ASSIGN_OR_RETURN(notices, alter(*add));
    } else if (const auto* rename = std::get_if<alter_type::RenameValue>(&statement.action)) {
      WEIR_ASSIGN_OR_RETURN(notices, alter(*rename));
    }
  }
  if (*now != *before) WEIR_RETURN_NOT_OK(draft->PutType(now));
  return notices;
}

namespace {

/// A type of PostgreSQL's own, or the arrays of another, is not to be dropped.
Status CheckMayDrop(const QualifiedName& name, const NamedType& found) {
  if (found.type && found.is_array) {
    return RequiredBy(fmt::format("type {}[]", found.type->name), "type " + found.type->name);
  }
  if (found.type && found.type->kind == postgres::TypeKind::kMultirange) {
    const MadeType* range = postgres::FindMadeType(found.type->partner);
    return RequiredBy("type " + found.type->name, "type " + (range == nullptr ? "" : range->name));
  }
  if (found.type || (!name.schema.empty() && name.schema != "pg_catalog")) return Status::OK();
  const auto own = postgres::ParseType(name.name);
  if (!own.ok()) return Status::OK();
  return Error("2BP01", fmt::format("cannot drop type {} because it is required by the database system",
                                    postgres::FormatType(own->oid)));
}

}  // namespace

Result<Notices> Execute(const DropTypes& statement, const DdlContext& context, CatalogDraft* draft) {
  Notices notices;
  std::vector<MadeTypePtr> types;
  for (const QualifiedName& name : statement.names) {
    WEIR_ASSIGN_OR_RETURN(const NamedType found, FindTypeCalled(*draft, name, context));
    WEIR_RETURN_NOT_OK(CheckMayDrop(name, found));
    if (!found.type && statement.if_exists) {
      notices.push_back(fmt::format("type \"{}\" does not exist, skipping", Shown(name)));
      continue;
    }
    if (!found.type) return NoType(name);
    if (statement.domain && found.type->kind != postgres::TypeKind::kDomain) {
      return Error("42809", fmt::format("\"{}\" is not a domain", Shown(name)));
    }
    types.push_back(found.type);
    if (found.type->kind != postgres::TypeKind::kRange) continue;
    WEIR_ASSIGN_OR_RETURN(const TypeMapPtr all, draft->Types());
    const auto multirange = all->find(found.type->partner);
    if (multirange != all->end()) types.push_back(multirange->second);
  }
  WEIR_ASSIGN_OR_RETURN(const TypeDependents dependents, DependentsOfTypes(*draft, types, {}, context));
  const std::string what = statement.names.size() == 1 && !types.empty() ? DescribedType(*types.front(), context) : "";
  WEIR_RETURN_NOT_OK(CheckNothingDepends(what, dependents.reasons, statement.cascade));
  AddCascadeNotice(dependents.objects, &notices);
  WEIR_RETURN_NOT_OK(DropTypesWith(types, dependents, context, draft));
  return notices;
}

}  // namespace weir::sql
