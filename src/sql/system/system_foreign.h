#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "sql/system/system_rows.h"

namespace weir::sql {

/// pg_extension, pg_foreign_data_wrapper, pg_foreign_server, pg_foreign_table, and information_schema's foreign_…; null
/// for a table that is none of these.
std::unique_ptr<SystemRows> ForeignRows(const SystemSources& sources, std::string_view table,
                                        const std::vector<SystemColumn>& columns);

/// What is built in belongs to extensions that are there, and so is left out by pg_dump.
struct ExtensionMember {
  int64_t catalog = 0;  // pg_depend.classid
  int64_t object = 0;
  int64_t extension = 0;
};
std::vector<ExtensionMember> ExtensionMembers();

/// All servers, those that are built in first.
std::vector<ForeignServer> AllServers(const SystemSources& sources);
int64_t ServerOidOf(const SystemSources& sources, const Relation& table);
std::vector<int64_t> WrapperOids();
/// Empty: no foreign-data wrapper has the OID.
std::string NameOfWrapper(int64_t oid);

}  // namespace weir::sql
