#include "sql/catalog/made_types.h"

#include "sql/catalog/catalog_draft.h"
#include "sql/catalog/catalog_impl.h"
#include "sql/catalog/map_changes.h"

namespace weir::sql {

NamedType FindTypeNamed(const TypeMap& types, std::string_view database, std::string_view name) {
  for (const auto& [oid, type] : types) {
    if (type->schema != database) continue;
    if (type->name == name) return {type};
    if (type->array_name == name) return {type, true};
  }
  return {};
}

// --- what is committed

Result<TypeMapPtr> CatalogImpl::Types() {
  MutexLock lock(mutex_);
  return LoadTypes();
}

Result<TypeMapPtr> CatalogImpl::LoadTypes() {
  if (types_) return types_;
  WEIR_ASSIGN_OR_RETURN(const auto stored, store_.ListTypes());
  auto types = std::make_shared<TypeMap>();
  for (const std::string& text : stored) {
    WEIR_ASSIGN_OR_RETURN(postgres::MadeTypePtr type, postgres::ReadMadeType(text));
    (*types)[type->oid] = std::move(type);
  }
  // Those that are made of others have higher OIDs than these by chance only.
  for (const auto& [oid, type] : *types) {
    if (type->kind == postgres::TypeKind::kEnum) postgres::LearnType(type);
  }
  for (const auto& [oid, type] : *types) LearnWithBases(*types, type);
  types_ = std::move(types);
  return types_;
}

void CatalogImpl::LearnWithBases(const TypeMap& types, const postgres::MadeTypePtr& type) {
  const auto base = types.find(type->base.oid);
  if (base != types.end()) LearnWithBases(types, base->second);
  postgres::LearnType(type);
}

void CatalogImpl::PublishTypes(const TypeChanges& changes) {
  if (changes.empty() || !types_) return;
  auto types = std::make_shared<TypeMap>(*types_);
  for (const auto& [oid, type] : changes) {
    if (type) {
      (*types)[oid] = *type;
      postgres::LearnType(*type);
    } else {
      types->erase(oid);
    }
  }
  types_ = std::move(types);
}

// --- what a transaction makes of it

Result<TypeMapPtr> CatalogDraft::Types() { return types_ ? Result<TypeMapPtr>(types_) : base_->Types(); }

Status CatalogDraft::ChangeType(postgres::Oid oid, std::optional<postgres::MadeTypePtr> type) {
  WEIR_ASSIGN_OR_RETURN(const TypeMapPtr before, Types());
  auto after = std::make_shared<TypeMap>(*before);
  if (type) {
    (*after)[oid] = *type;
  } else {
    after->erase(oid);
  }
  Replace<TypeMapPtr>(&Step::types, before, std::move(after), &types_before_, &types_);
  if (type && !types_before_->contains(oid)) postgres::LearnType(*type);
  return Status::OK();
}

bool CatalogDraft::MakesType(postgres::Oid oid) const { return types_ && !types_before_->contains(oid); }

TypeChanges CatalogDraft::type_changes() const {
  const auto same = [](const postgres::MadeTypePtr& a, const postgres::MadeTypePtr& b) { return *a == *b; };
  return ChangesBetween<TypeChanges>(types_before_, types_, same);
}

}  // namespace weir::sql
