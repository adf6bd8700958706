#pragma once

#include <memory>
#include <string>

#include "access/store.h"
#include "gateway/gateway.h"

namespace weir {

// Numbers of Fluss's access control lists.
inline constexpr int32_t kAnyOfAcl = 1;  // of resources, operations and permissions
inline constexpr int32_t kClusterOfAcl = 2;
inline constexpr int32_t kDatabaseOfAcl = 3;
inline constexpr int32_t kTableOfAcl = 4;
inline constexpr int32_t kAllowOfAcl = 2;
enum class FlussOperation : int32_t { kAll = 2, kRead, kWrite, kCreate, kDrop, kAlter, kDescribe };

/// Says what one user may do at the Fluss door: what its roles have been granted in SQL, what it owns, and what Fluss's
/// ACLs let it do. READ is SELECT; WRITE is INSERT, on a table with a primary key UPDATE and DELETE, too; CREATE in a
/// database is CREATE on it. Refusals are code 48.
class FlussAuthorizer {
 public:
  FlussAuthorizer(std::shared_ptr<access::Store> access, access::RoleId role, std::string host)
      : access_(std::move(access)), role_(role), host_(std::move(host)) {}

  Status CheckCluster(FlussOperation operation) const;
  Status CheckDatabase(FlussOperation operation, const std::string& database) const;
  Status CheckTable(FlussOperation operation, const TableInfo& table) const;

  /// What the user has just made is its own.
  void OwnDatabase(const std::string& database) const;
  void OwnTable(const TableInfo& table) const;
  void ForgetDatabase(const std::string& database) const;

 private:
  bool IsAdmin(const access::State& state) const;
  bool AclAllows(const access::State& state, FlussOperation operation, const std::string& database,
                 const std::string& table) const;
  Status Denied(const access::State& state, FlussOperation operation, const std::string& resource) const;

  const std::shared_ptr<access::Store> access_;
  const access::RoleId role_;
  const std::string host_;
};

/// A gateway that does what the user may do and refuses the rest; lists leave out what it may not see.
std::shared_ptr<Gateway> MakeAuthorizedGateway(std::shared_ptr<Gateway> gateway,
                                               std::shared_ptr<const FlussAuthorizer> user);

}  // namespace weir
