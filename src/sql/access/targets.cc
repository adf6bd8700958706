#include "sql/access/targets.h"

#include "sql/catalog/catalog_ddl.h"
#include "sql/catalog/ddl_names.h"
#include "sql/catalog/foreign_files.h"
#include "sql/dialect/tablespace.h"
#include "sql/error.h"

namespace weir::sql {

using access::ObjectKey;
using access::RoleId;
using access::Target;

Result<Target> TargetOf(const access::State& state, CatalogView& catalog, const Relation& relation) {
  Target target{ObjectKey::Table(relation.id), access::kWeir, relation.path.table, NameOfKind(relation),
                relation.is_sequence()};
  RelationPtr holder;
  for (const Relation* at = &relation; at != nullptr; at = holder.get()) {
    if (const auto owner = state.OwnerOf(ObjectKey::Table(at->id))) {
      target.owner = *owner;
      return target;
    }
    if (!at->parent) return target;
    WEIR_ASSIGN_OR_RETURN(RelationPtr parent, catalog.FindById(*at->parent));
    holder = std::move(parent);
  }
  return target;
}

Result<Target> TargetOfFunction(const access::State& state, CatalogView& catalog, const SqlFunction& function,
                                const Relation& set) {
  WEIR_ASSIGN_OR_RETURN(Target target, TargetOf(state, catalog, set));
  target.key = ObjectKey::Function(function.id);
  target.name = function.name;
  target.kind_name = function.procedure ? "procedure" : "function";
  return target;
}

Target TargetOfType(const postgres::MadeType& type) { return {ObjectKey::Type(type.oid), type.owner, type.name}; }

Target DatabaseTarget(const access::State& state, const std::string& name) {
  return {ObjectKey::Database(name), state.OwnerOf(ObjectKey::Database(name)).value_or(access::kWeir), name};
}

Target SchemaTarget(const access::State& state, const std::string& database, const AccessContext& context) {
  const RoleId owner =
      state.OwnerOf(ObjectKey::Schema(database)).value_or(DatabaseTarget(state, database).owner);
  return {ObjectKey::Schema(database), owner, database == context.database ? "public" : database};
}

Result<RelationPtr> FindTable(const QualifiedName& name, const AccessContext& context) {
  WEIR_ASSIGN_OR_RETURN(RelationPtr relation, context.catalog->Find(PathOf(name, context.database)));
  if (relation) return relation;
  return NoRelation(name);
}

Result<Target> FindDatabase(const access::State& state, const std::string& name, const AccessContext& context) {
  WEIR_ASSIGN_OR_RETURN(const bool exists, context.catalog->DatabaseExists(name));
  if (!exists) return Error("3D000", "database \"" + name + "\" does not exist");
  return DatabaseTarget(state, name);
}

Result<Target> FindSchema(const access::State& state, const std::string& name, const AccessContext& context) {
  if (name == "public") return SchemaTarget(state, context.database, context);  // there is always one
  WEIR_ASSIGN_OR_RETURN(const bool exists, context.catalog->DatabaseExists(name));
  if (!exists) return Error("3F000", "schema \"" + name + "\" does not exist");
  return SchemaTarget(state, name, context);
}

Result<Target> FindNamed(const access::State& state, access::ObjectKind kind, const std::string& name,
                         const AccessContext& context) {
  bool there = true;
  const char* what = access::NameOf(kind);
  if (kind == access::ObjectKind::kLanguage) {
    there = name == kSqlLanguageName || name == "internal";
  } else if (kind == access::ObjectKind::kServer) {
    WEIR_ASSIGN_OR_RETURN(const auto server, FindServer(*context.catalog, name));
    there = server.has_value();
    what = "server";
  } else if (kind == access::ObjectKind::kWrapper) {
    there = CheckWrapper(name).ok() || name == kExternalWrapper;
  } else if (kind == access::ObjectKind::kTablespace) {
    there = CheckTablespace(name).ok();
  }
  if (!there) return Error("42704", std::string(what) + " \"" + name + "\" does not exist");
  const ObjectKey key = ObjectKey::Named(kind, name);
  return Target{key, state.OwnerOf(key).value_or(access::kWeir), name};
}

Result<RoleId> FindRole(const access::State& state, const RoleName& name, const AccessContext& context,
                        bool everybody) {
  switch (name.kind) {
    case RoleName::Kind::kCurrentUser: return context.current_role;
    case RoleName::Kind::kSessionUser: return context.session_role;
    case RoleName::Kind::kEverybody:
      if (everybody) return access::kEverybody;
      return Error("42704", "role \"public\" does not exist");
    case RoleName::Kind::kName: break;
  }
  if (const access::Role* role = state.Find(name.name)) return role->id;
  return Error("42704", "role \"" + name.name + "\" does not exist");
}

}  // namespace weir::sql
