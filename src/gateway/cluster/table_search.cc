#include "gateway/cluster/table_search.h"

#include <fmt/format.h>

#include <utility>

#include "format/wire/translate.h"
#include "gateway/cluster/requests.h"
#include "model/table_json.h"

namespace weir {
namespace {

using wire::ApiKey;
using Role = ClusterSession::Role;

Result<TableInfo> TableInfoOf(const ClusterSession& session, const TablePath& path, const Reply& reply) {
  if (!reply.status.ok()) return reply.status;
  wire::GetTableInfoResponse response;
  const Status parsed = wire::ParseMessage(*reply.message, &response);
  if (!parsed.ok()) return parsed.WithContext(session.target());
  Result<TableDescriptor> descriptor = TableDescriptorFromJson(response.table_json());
  if (!descriptor.ok()) {
    return descriptor.status().WithContext(fmt::format("{}: table '{}'", session.target(), path.ToString()));
  }
  return TableInfo{path, response.table_id(), response.schema_id(), descriptor.MoveValue(), response.created_time(),
                   response.modified_time()};
}

/// A search under way: `left` requests are not answered.
struct Search {
  SessionPtr session;
  int64_t table_id;
  TableFound found;
  size_t left = 1;
  Status failed;

  void Finish(const Result<TableInfo>& result) {
    if (const TableFound tell = std::exchange(found, nullptr)) tell(result);
  }
  /// One request is answered. What was dropped meanwhile is no failure.
  void Answered(const Status& status) {
    const bool dropped = status.code() == ErrorCode::kTableNotExist || status.code() == ErrorCode::kDatabaseNotExist;
    if (!status.ok() && !dropped && failed.ok()) failed = status;
    if (--left > 0) return;
    if (!failed.ok()) return Finish(failed);
    Finish(session->Error(ErrorCode::kUnknownTableOrBucket, fmt::format("there is no table with id {}", table_id)));
  }
};
using SearchPtr = std::shared_ptr<Search>;

void LookAtTable(const SearchPtr& search, const TablePath& path) {
  AskTableInfo(search->session, path, [search](const Result<TableInfo>& info) {
    if (info.ok() && info->table_id == search->table_id) search->Finish(info);
    search->Answered(info.status());
  });
}

void LookIntoDatabase(const SearchPtr& search, const std::string& database) {
  wire::ListTablesRequest request;
  request.set_database_name(database);
  search->session->Ask(Role::kAny, ApiKey::kListTables, request, [search, database](const Reply& reply) {
    wire::ListTablesResponse response;
    const Status status = reply.status.ok() ? wire::ParseMessage(*reply.message, &response) : reply.status;
    if (status.ok()) {
      search->left += static_cast<size_t>(response.table_name_size());
      for (const std::string& table : response.table_name()) LookAtTable(search, {database, table});
    }
    search->Answered(status);
  });
}

}  // namespace

void AskTableInfo(const SessionPtr& session, const TablePath& path, const TableFound& found) {
  wire::GetTableInfoRequest request;
  SetPath(path, request.mutable_table_path());
  session->Ask(Role::kAny, ApiKey::kGetTableInfo, request, [session, path, found](const Reply& reply) {
    const Result<TableInfo> info = TableInfoOf(*session, path, reply);
    if (info.ok()) session->metadata().AddTable(*info);
    found(info);
  });
}

void SearchTable(const SessionPtr& session, int64_t table_id, const TableFound& found) {
  const auto search = std::make_shared<Search>(Search{session, table_id, found, 1, Status::OK()});
  const auto look_everywhere = [search] {
    const wire::ListDatabasesRequest request;
    search->session->Ask(Role::kAny, ApiKey::kListDatabases, request, [search](const Reply& reply) {
      wire::ListDatabasesResponse response;
      const Status status = reply.status.ok() ? wire::ParseMessage(*reply.message, &response) : reply.status;
      if (status.ok()) {
        search->left += static_cast<size_t>(response.database_name_size());
        for (const std::string& name : response.database_name()) LookIntoDatabase(search, name);
      }
      search->Answered(status);
    });
  };
  const ClusterMetadata::Table* const met = session->metadata().FindTable(table_id);
  if (met == nullptr) return look_everywhere();
  AskTableInfo(session, met->path, [search, look_everywhere](const Result<TableInfo>& info) {
    const bool same = info.ok() && info->table_id == search->table_id;
    const bool replaced = info.ok() || info.status().code() == ErrorCode::kTableNotExist ||
                          info.status().code() == ErrorCode::kDatabaseNotExist;
    if (same || !replaced) return search->Finish(info);
    look_everywhere();
  });
}

}  // namespace weir
