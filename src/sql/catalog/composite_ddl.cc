#include "sql/catalog/composite_ddl.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "sql/catalog/ddl_names.h"
#include "sql/catalog/sql_types.h"
#include "sql/catalog/type_ddl.h"
#include "sql/catalog/type_names.h"
#include "sql/error.h"
#include "sql/overloaded.h"

namespace weir::sql {
namespace {

using postgres::MadeType;
using postgres::MadeTypePtr;

constexpr size_t kMostAttributes = 1600;

Status NoAttribute(const std::string& name, const MadeType& type) {
  return Error("42703", fmt::format("column \"{}\" of relation \"{}\" does not exist", name, type.name));
}

Result<postgres::TypeRef> AttributeType(TypeName written, const DdlContext& context, CatalogDraft* draft) {
  WEIR_RETURN_NOT_OK(BindType(context, draft, &written));
  WEIR_ASSIGN_OR_RETURN(const SqlType type, ResolveType(written.text, written.position));
  const postgres::Oid element = postgres::ArrayElement(type.oid);
  const postgres::Type* row = postgres::FindType(element != 0 ? element : type.oid);
  if (row != nullptr && row->kind == postgres::TypeKind::kDomain) {
    return Error("0A000", fmt::format("an attribute of domain {} is not supported", row->name),
                 {.position = written.position});
  }
  return postgres::TypeRef{type.oid, type.modifier};
}

Status AddTo(const CreateComposite::Attribute& written, const DdlContext& context, CatalogDraft* draft,
             MadeType* type) {
  if (type->FindAttribute(written.name) >= 0) {
    return Error("42701", fmt::format("column \"{}\" specified more than once", written.name));
  }
  if (type->attributes.size() == kMostAttributes) {
    return Error("54011", fmt::format("tables can have at most {} columns", kMostAttributes));
  }
  WEIR_ASSIGN_OR_RETURN(const postgres::TypeRef of, AttributeType(written.type, context, draft));
  if (of.oid == type->oid || postgres::ArrayElement(of.oid) == type->oid) {
    return Error("42P16", fmt::format("composite type {} cannot be made a member of itself", type->name));
  }
  type->attributes.push_back({written.name, of});
  return Status::OK();
}

/// Tables hold rows as texts, and views name attributes.
Status CheckIsUnused(const MadeTypePtr& type, const DdlContext& context, CatalogDraft* draft) {
  WEIR_ASSIGN_OR_RETURN(const TypeDependents dependents, DependentsOfTypes(*draft, {type}, {}, context));
  if (dependents.reasons.empty()) return Status::OK();
  return Error("0A000", fmt::format("cannot alter type \"{}\" because other objects use it", type->name),
               {.detail = fmt::format("{}", fmt::join(dependents.reasons, "\n"))});
}

}  // namespace

Result<Notices> Execute(const CreateComposite& statement, const DdlContext& context, CatalogDraft* draft) {
  WEIR_ASSIGN_OR_RETURN(const TablePath path, PathOfNewType(statement.name, context, draft));
  WEIR_ASSIGN_OR_RETURN(const std::shared_ptr<MadeType> type, NewType(*draft, path, context.role));
  type->kind = postgres::TypeKind::kComposite;
  WEIR_ASSIGN_OR_RETURN(type->relation, draft->TakeIds(1));
  for (const CreateComposite::Attribute& attribute : statement.attributes) {
    WEIR_RETURN_NOT_OK(AddTo(attribute, context, draft, type.get()));
  }
  WEIR_RETURN_NOT_OK(draft->PutType(type));
  return Notices();
}

Status AlterComposite(const AlterType& statement, const MadeTypePtr& before, const DdlContext& context,
                      CatalogDraft* draft, MadeType* now, Notices* notices) {
  WEIR_RETURN_NOT_OK(CheckTakesEffect(*before, context, *draft));
  WEIR_RETURN_NOT_OK(CheckIsUnused(before, context, draft));
  const auto place = [&](const std::string& name) { return now->attributes.begin() + now->FindAttribute(name); };
  const Overloaded alter{
      [&](const alter_type::AddAttribute& add) -> Status {
        if (now->FindAttribute(add.attribute.name) >= 0) {
          return Error("42701", fmt::format("column \"{}\" of relation \"{}\" already exists", add.attribute.name,
                                            now->name));
        }
        return AddTo(add.attribute, context, draft, now);
      },
      [&](const alter_type::DropAttribute& drop) -> Status {
        if (now->FindAttribute(drop.name) < 0 && !drop.if_exists) return NoAttribute(drop.name, *now);
        if (now->FindAttribute(drop.name) < 0) {
          notices->push_back(
              fmt::format("column \"{}\" of relation \"{}\" does not exist, skipping", drop.name, now->name));
          return Status::OK();
        }
        if (now->attributes.size() == 1) return Error("0A000", "a composite type without attributes is not supported");
        now->attributes.erase(place(drop.name));
        return Status::OK();
      },
      [&](const alter_type::SetAttributeType& set) -> Status {
        if (now->FindAttribute(set.attribute.name) < 0) return NoAttribute(set.attribute.name, *now);
        WEIR_ASSIGN_OR_RETURN(place(set.attribute.name)->type, AttributeType(set.attribute.type, context, draft));
        return Status::OK();
      },
      [&](const alter_type::RenameAttribute& rename) -> Status {
        if (now->FindAttribute(rename.name) < 0) {
          return Error("42703", fmt::format("column \"{}\" does not exist", rename.name));
        }
        if (now->FindAttribute(rename.new_name) >= 0) {
          return Error("42701", fmt::format("column \"{}\" of relation \"{}\" already exists", rename.new_name,
                                            now->name));
        }
        place(rename.name)->name = rename.new_name;
        return Status::OK();
      },
      [&](const auto&) -> Status { return Error("42809", fmt::format("{} is not an enum", now->name)); },
  };
  return std::visit(alter, statement.action);
}

}  // namespace weir::sql
