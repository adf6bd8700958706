#pragma once

#include <string>
#include <utility>
#include <vector>

#include "sql/catalog/relation.h"
#include "sql/dialect/statement.h"
#include "weir/status.h"

namespace weir::sql {

// Cloudberry's ENCODING clauses, which are kept and shown: how columns are stored is Fluss's to say here.

/// 22023 for an option that is none of compresstype, compresslevel and blocksize, and for its value.
Status CheckEncoding(const std::vector<std::pair<std::string, std::string>>& options);
/// The same of clauses; 42703 for a column that is not there, 42601 for one that is named twice.
Status CheckEncodings(const std::vector<ColumnEncoding>& clauses, const Relation& relation);

/// All that CREATE TABLE says, beside its columns and in them.
std::vector<ColumnEncoding> EncodingsOf(const CreateTable& statement);

/// Gives each column what is said of it by its name in the first of these lists that does so, else what the first one
/// says of columns that are not named. What nothing is said of stays as it is.
void SetEncodings(const std::vector<const std::vector<ColumnEncoding>*>& lists, Relation* relation);

}  // namespace weir::sql
