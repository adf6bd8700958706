#pragma once

#include "sql/catalog/catalog_ddl.h"
#include "sql/catalog/catalog_draft.h"

namespace weir::sql {

/// CREATE TABLE with the columns and constraints that its LIKE clauses stand for. 42P01.
Result<CreateTable> WithLikes(const CreateTable& statement, const DdlContext& context, CatalogDraft* draft);

/// The unique indexes that LIKE … INCLUDING INDEXES stands for, besides constraints, once the table is in the draft.
Status AddIndexesLike(const CreateTable& statement, const DdlContext& context, CatalogDraft* draft);

}  // namespace weir::sql
