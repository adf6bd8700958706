#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sql/catalog/function.h"
#include "sql/system/system_rows.h"

namespace weir::sql {

// The functions and procedures that are written in SQL, as pg_proc and its functions show them.

/// Null for an OID that is none's. `path`: of all of its name; may be null.
SqlFunctionPtr FindMadeFunction(const SystemSources& sources, int64_t oid, TablePath* path = nullptr);

std::vector<SqlFunctionPtr> MadeFunctions(const SystemSources& sources);

/// "a integer, b integer DEFAULT 5"; without defaults: what tells it from others of its name.
std::string MadeArgumentsText(const SqlFunction& function, bool with_defaults);
/// The default of a parameter by its number from 1; empty: it has none, or there is no such parameter.
std::string MadeDefaultText(const SqlFunction& function, int number);
/// "SETOF integer", "TABLE(i integer)"; empty for a procedure.
std::string MadeResultText(const SqlFunction& function);
/// CREATE OR REPLACE FUNCTION …, with a line end behind it. `schema`: as it is seen.
std::string MadeFunctionText(const SqlFunction& function, const std::string& schema);

/// pg_proc's rows of them, behind those of PostgreSQL's own.
std::unique_ptr<SystemRows> WithMadeFunctions(const SystemSources& sources, const std::vector<SystemColumn>& columns,
                                              const SystemKeys& keys, std::unique_ptr<SystemRows> own);

/// The OID that a name means as regproc, or with its arguments' types as regprocedure; nothing where it is none's.
Result<std::optional<int64_t>> FindMadeFunctionNamed(const SystemSources& sources, postgres::Oid type,
                                                     const std::string& text);
/// As a regproc or regprocedure shows it.
std::string MadeFunctionNameText(const SystemSources& sources, postgres::Oid type, const SqlFunction& function,
                                 const TablePath& path);

}  // namespace weir::sql
