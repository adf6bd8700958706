#include "sql/system/system_foreign.h"

#include <algorithm>
#include <utility>

#include "sql/catalog/foreign_files.h"
#include "sql/engine/errors.h"
#include "sql/system/catalog_names.h"
#include "sql/system/system_cells.h"
#include "sql/system/system_oids.h"

namespace weir::sql {
namespace {

using cells::Getters;
using cells::GivenRows;
using cells::Oid;
using cells::Text;
using cells::Texts;
using duckdb::LogicalType;
using duckdb::Value;

/// A wrapper and the extension of its name.
struct Wrapper {
  int64_t oid;
  int64_t extension;
  std::string_view name;
};
constexpr Wrapper kWrappers[] = {
    {7111, 7121, kFileWrapper}, {7112, 7122, kParquetWrapper}, {7113, 7123, kExternalWrapper}};

int64_t WrapperOid(std::string_view name) {
  for (const Wrapper& wrapper : kWrappers) {
    if (wrapper.name == name) return wrapper.oid;
  }
  return 0;
}

Value OptionsArray(const ForeignOptions& options) {
  if (options.empty()) return Value(LogicalType::LIST(LogicalType::VARCHAR));
  std::vector<std::string> texts;
  for (const auto& [name, value] : options) texts.push_back(name + "=" + value);
  return Texts(texts);
}

Value TextOrNull(const std::string& text) { return text.empty() ? Value(LogicalType::VARCHAR) : Text(text); }

struct ForeignRow {
  std::string database;
  int64_t server = 0;  // its OID
  RelationPtr table;
  std::string option = {};  // of a row for each option
  std::string value = {};
};

std::vector<ForeignRow> ForeignTables(const SystemSources& sources) {
  std::vector<ForeignRow> rows;
  for (const RelationPtr& relation : AllRelations(sources)) {
    if (relation->is_foreign()) rows.push_back({sources.database, ServerOidOf(sources, *relation), relation});
  }
  return rows;
}

std::vector<ForeignRow> ForeignTableOptions(const SystemSources& sources) {
  std::vector<ForeignRow> rows;
  for (const ForeignRow& row : ForeignTables(sources)) {
    for (const auto& [name, value] : row.table->foreign->options) {
      rows.push_back({row.database, row.server, row.table, name, value});
    }
  }
  return rows;
}

/// A foreign-data wrapper or server, and what is said of its privileges.
template <typename Of>
struct WithAcl {
  Of of;
  int64_t owner = kOwner;
  Value acl;
};

template <typename Of>
WithAcl<Of> AclRow(const SystemSources& sources, access::ObjectKind kind, Of of) {
  const auto key = access::ObjectKey::Named(kind, std::string(of.name));
  return {std::move(of), sources.access->OwnerOf(key).value_or(kOwner), SaidAcl(*sources.access, key)};
}

std::unique_ptr<SystemRows> WrapperRows(const SystemSources& sources, const std::vector<SystemColumn>& columns) {
  using Row = WithAcl<Wrapper>;
  static const auto* getters = new Getters<Row>{
      {"oid", [](const Row& r) { return Oid(r.of.oid); }},
      {"fdwname", [](const Row& r) { return Text(std::string(r.of.name)); }},
      {"fdwowner", [](const Row& r) { return Oid(r.owner); }},
      {"fdwacl", [](const Row& r) { return r.acl; }},
  };
  std::vector<Row> rows;
  for (const Wrapper& wrapper : kWrappers) rows.push_back(AclRow(sources, access::ObjectKind::kWrapper, wrapper));
  return std::make_unique<GivenRows<Row>>(std::move(rows), columns, *getters);
}

std::unique_ptr<SystemRows> ExtensionRows(const std::vector<SystemColumn>& columns) {
  static const auto* getters = new Getters<Wrapper>{
      {"oid", [](const Wrapper& r) { return Oid(r.extension); }},
      {"extname", [](const Wrapper& r) { return Text(std::string(r.name)); }},
      {"extowner", [](const Wrapper&) { return Oid(kOwner); }},
      {"extnamespace", [](const Wrapper&) { return Oid(kPublicSchema); }},
      {"extrelocatable", [](const Wrapper&) { return Value::BOOLEAN(true); }},
      {"extversion", [](const Wrapper&) { return Text("1.0"); }},
  };
  return std::make_unique<GivenRows<Wrapper>>(std::vector<Wrapper>(std::begin(kWrappers), std::end(kWrappers)), columns,
                                              *getters);
}

std::unique_ptr<SystemRows> ServerRows(const SystemSources& sources, const std::vector<SystemColumn>& columns) {
  using Row = WithAcl<ForeignServer>;
  static const auto* getters = new Getters<Row>{
      {"oid", [](const Row& r) { return Oid(r.of.id); }},
      {"srvname", [](const Row& r) { return Text(r.of.name); }},
      {"srvowner", [](const Row& r) { return Oid(r.owner); }},
      {"srvfdw", [](const Row& r) { return Oid(WrapperOid(r.of.wrapper)); }},
      {"srvtype", [](const Row& r) { return TextOrNull(r.of.type); }},
      {"srvversion", [](const Row& r) { return TextOrNull(r.of.version); }},
      {"srvacl", [](const Row& r) { return r.acl; }},
      {"srvoptions", [](const Row& r) { return OptionsArray(r.of.options); }},
  };
  std::vector<Row> rows;
  for (ForeignServer& server : AllServers(sources)) {
    rows.push_back(AclRow(sources, access::ObjectKind::kServer, std::move(server)));
  }
  return std::make_unique<GivenRows<Row>>(std::move(rows), columns, *getters);
}

std::unique_ptr<SystemRows> TableRows(const SystemSources& sources, const std::vector<SystemColumn>& columns) {
  static const auto* getters = new Getters<ForeignRow>{
      {"ftrelid", [](const ForeignRow& r) { return Oid(r.table->id); }},
      {"ftserver", [](const ForeignRow& r) { return Oid(r.server); }},
      {"ftoptions", [](const ForeignRow& r) { return OptionsArray(r.table->foreign->options); }},
  };
  return std::make_unique<GivenRows<ForeignRow>>(ForeignTables(sources), columns, *getters);
}

// --- information_schema

Value CatalogOf(const ForeignRow& row) { return Text(row.database); }

std::unique_ptr<SystemRows> InformationTableRows(std::vector<ForeignRow> rows,
                                                 const std::vector<SystemColumn>& columns) {
  static const auto* getters = new Getters<ForeignRow>{
      {"foreign_table_catalog", CatalogOf},
      {"foreign_table_schema",
       [](const ForeignRow& r) { return Text(SchemaSeenFrom(r.database, r.table->path.database)); }},
      {"foreign_table_name", [](const ForeignRow& r) { return Text(r.table->path.table); }},
      {"foreign_server_catalog", CatalogOf},
      {"foreign_server_name", [](const ForeignRow& r) { return Text(r.table->foreign->server); }},
      {"option_name", [](const ForeignRow& r) { return Text(r.option); }},
      {"option_value", [](const ForeignRow& r) { return Text(r.value); }},
  };
  return std::make_unique<GivenRows<ForeignRow>>(std::move(rows), columns, *getters);
}

struct NamedServer {
  std::string database;
  std::string owner;
  ForeignServer server;
};

std::unique_ptr<SystemRows> InformationServerRows(const SystemSources& sources,
                                                  const std::vector<SystemColumn>& columns) {
  static const auto* getters = new Getters<NamedServer>{
      {"foreign_server_catalog", [](const NamedServer& r) { return Text(r.database); }},
      {"foreign_server_name", [](const NamedServer& r) { return Text(r.server.name); }},
      {"foreign_data_wrapper_catalog", [](const NamedServer& r) { return Text(r.database); }},
      {"foreign_data_wrapper_name", [](const NamedServer& r) { return Text(r.server.wrapper); }},
      {"foreign_server_type", [](const NamedServer& r) { return TextOrNull(r.server.type); }},
      {"foreign_server_version", [](const NamedServer& r) { return TextOrNull(r.server.version); }},
      {"authorization_identifier", [](const NamedServer& r) { return Text(r.owner); }},
  };
  std::vector<NamedServer> rows;
  for (ForeignServer& server : AllServers(sources)) {
    const auto key = access::ObjectKey::Named(access::ObjectKind::kServer, server.name);
    const std::string owner = sources.access->NameOf(sources.access->OwnerOf(key).value_or(kOwner));
    rows.push_back({sources.database, owner, std::move(server)});
  }
  return std::make_unique<GivenRows<NamedServer>>(std::move(rows), columns, *getters);
}

struct NamedWrapper {
  std::string database;
  std::string owner;
  std::string name;
};

std::unique_ptr<SystemRows> InformationWrapperRows(const SystemSources& sources,
                                                   const std::vector<SystemColumn>& columns) {
  static const auto* getters = new Getters<NamedWrapper>{
      {"foreign_data_wrapper_catalog", [](const NamedWrapper& r) { return Text(r.database); }},
      {"foreign_data_wrapper_name", [](const NamedWrapper& r) { return Text(r.name); }},
      {"authorization_identifier", [](const NamedWrapper& r) { return Text(r.owner); }},
      {"foreign_data_wrapper_language", [](const NamedWrapper&) { return Text("c"); }},
  };
  std::vector<NamedWrapper> rows;
  const std::string owner = sources.access->NameOf(kOwner);
  for (const Wrapper& wrapper : kWrappers) rows.push_back({sources.database, owner, std::string(wrapper.name)});
  return std::make_unique<GivenRows<NamedWrapper>>(std::move(rows), columns, *getters);
}

}  // namespace

std::vector<ExtensionMember> ExtensionMembers() {
  std::vector<ExtensionMember> members;
  for (const Wrapper& wrapper : kWrappers) {
    members.push_back({kWrappersOid, wrapper.oid, wrapper.extension});
    for (const ForeignServer& server : BuiltInServers()) {
      if (server.wrapper == wrapper.name) members.push_back({kServersOid, server.id, wrapper.extension});
    }
  }
  return members;
}

int64_t ServerOidOf(const SystemSources& sources, const Relation& table) {
  const auto server = ValueOrThrow(FindServer(sources.catalog, table.foreign->server));
  return server ? server->id : 0;
}

std::vector<int64_t> WrapperOids() {
  std::vector<int64_t> oids;
  for (const Wrapper& wrapper : kWrappers) oids.push_back(wrapper.oid);
  return oids;
}

std::string NameOfWrapper(int64_t oid) {
  const auto* found = std::ranges::find(kWrappers, oid, &Wrapper::oid);
  return found == std::end(kWrappers) ? std::string() : std::string(found->name);
}

std::vector<ForeignServer> AllServers(const SystemSources& sources) {
  std::vector<ForeignServer> servers = BuiltInServers();
  const ForeignServersPtr made = ValueOrThrow(sources.catalog.Servers());
  for (const auto& [name, server] : *made) servers.push_back(server);
  return servers;
}

std::unique_ptr<SystemRows> ForeignRows(const SystemSources& sources, std::string_view table,
                                        const std::vector<SystemColumn>& columns) {
  if (table == "pg_extension") return ExtensionRows(columns);
  if (table == "pg_foreign_data_wrapper") return WrapperRows(sources, columns);
  if (table == "pg_foreign_server") return ServerRows(sources, columns);
  if (table == "pg_foreign_table") return TableRows(sources, columns);
  if (table == "foreign_data_wrappers") return InformationWrapperRows(sources, columns);
  if (table == "foreign_servers") return InformationServerRows(sources, columns);
  if (table == "foreign_tables") return InformationTableRows(ForeignTables(sources), columns);
  if (table == "foreign_table_options") return InformationTableRows(ForeignTableOptions(sources), columns);
  return nullptr;
}

}  // namespace weir::sql
