#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>

namespace weir::sql::dialect {

/// How the texts of definitions keep a call of a function that is written in SQL, as they have to mean something by
/// themselves: kept_call(OID, 'volatility', what it is made of, "schema"."name"(arguments)).
inline constexpr std::string_view kKeptCall = "weir_kept_call";

/// The functions that a definition's text calls (pg_proc.oid).
std::set<int64_t> FunctionsCalledIn(std::string_view text);

/// The text with the calls in the place of what is kept of them. `database`: whose functions are in public.
std::string WithCallsAsWritten(std::string_view text, std::string_view database = {});
/// The text once a schema whose functions it calls has another name.
std::string WithSchemaOfCalls(std::string_view text, std::string_view from, std::string_view to);

}  // namespace weir::sql::dialect
