// weir decommission: scale-in of an Apache Fluss cluster, whose servers it has move their replicas to the others.
#include <arrow/array/array_binary.h>
#include <arrow/record_batch.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <thread>

#include "cli/cluster_login.h"
#include "cli/command.h"
#include "cli/interrupt.h"
#include "cli/text.h"
#include "gateway/cluster_servers.h"
#include "sql/session.h"

namespace weir {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::milliseconds kBetweenLooks(500);

struct DecommissionOptions {
  std::string cluster;
  std::string user;
  int32_t server = -1;
  bool undo = false;
  bool force = false;
  int seconds = 600;
};

/// A table's bucket, or that of a partition.
struct PlacedBucket {
  std::string of;
  BucketPlace place;
};

Status AddPlaces(ClusterServers* cluster, const TablePath& path, std::optional<int64_t> partition, std::string of,
                 std::vector<PlacedBucket>* buckets) {
  const auto places = Await(cluster->GetBucketPlaces(path, partition));
  if (!places.ok()) return Status::OK();  // dropped meanwhile
  for (const BucketPlace& place : *places) buckets->push_back({of, place});
  return Status::OK();
}

/// The buckets of all tables.
Result<std::vector<PlacedBucket>> AllBuckets(Gateway* gateway, ClusterServers* cluster) {
  std::vector<PlacedBucket> buckets;
  WEIR_ASSIGN_OR_RETURN(const std::vector<std::string> databases, Await(gateway->ListDatabases()));
  for (const std::string& database : databases) {
    WEIR_ASSIGN_OR_RETURN(const std::vector<std::string> names, Await(gateway->ListTables(database)));
    for (const std::string& name : names) {
      const TablePath path{database, name};
      const auto info = Await(gateway->GetTableInfo(path));
      if (!info.ok()) continue;
      if (info->descriptor.partition_keys.empty()) {
        WEIR_RETURN_NOT_OK(AddPlaces(cluster, path, std::nullopt, path.ToString(), &buckets));
        continue;
      }
      WEIR_ASSIGN_OR_RETURN(const auto partitions, Await(gateway->ListPartitionInfos(path, {})));
      for (const PartitionInfo& partition : partitions) {
        const std::string of = fmt::format("{} (partition {})", path.ToString(), partition.partition_name);
        WEIR_RETURN_NOT_OK(AddPlaces(cluster, path, partition.partition_id, of, &buckets));
      }
    }
  }
  return buckets;
}

Result<TabletServer> FindServer(const std::vector<TabletServer>& servers, int32_t id) {
  const auto found = std::ranges::find(servers, id, &TabletServer::id);
  if (found != servers.end()) return *found;
  std::vector<int32_t> ids;
  for (const TabletServer& server : servers) ids.push_back(server.id);
  return Status::Invalid(
      fmt::format("there is no tablet server {}: those that answer are {}", id, fmt::join(ids, ", ")));
}

/// Whether a zone's constraints want a replica where the server is.
bool WantsReplicaIn(const std::string& zone, const std::string& tier) {
  constexpr std::string_view kConstraints = "constraints = '";
  const size_t begin = zone.find(kConstraints);
  if (begin == std::string::npos) return false;
  const std::string constraints = zone.substr(begin, zone.find('\n', begin) - begin);
  for (size_t at = constraints.find("+" + tier); at != std::string::npos; at = constraints.find("+" + tier, at + 1)) {
    if (std::string_view(",:]} ").find(constraints[at + 1 + tier.size()]) != std::string_view::npos) return true;
  }
  return false;
}

/// The zones of SQL servers on the cluster that a scale-in would violate; none on one without SQL.
Result<std::vector<std::string>> ZonesInTheWay(const std::shared_ptr<Gateway>& gateway, const TabletServer& server) {
  std::vector<std::string> targets;
  if (server.rack.empty()) return targets;
  const std::string tier = server.rack.find('=') == std::string::npos ? "region=" + server.rack : server.rack;
  WEIR_ASSIGN_OR_RETURN(const bool has_sql, Await(gateway->DatabaseExists("weir")));
  if (!has_sql) return targets;
  WEIR_ASSIGN_OR_RETURN(const auto database, sql::Database::Open(gateway));
  WEIR_ASSIGN_OR_RETURN(const auto session, database->Connect(sql::SessionOptions()));
  constexpr const char* kZones = "SELECT target, raw_config_sql FROM kwdb_internal.zones";
  WEIR_ASSIGN_OR_RETURN(const auto statements, session->Parse(kZones));
  WEIR_ASSIGN_OR_RETURN(const auto result, session->Run(statements.front()));
  while (true) {
    WEIR_ASSIGN_OR_RETURN(const auto rows, result->Next());
    if (rows == nullptr) return targets;
    const auto& target = static_cast<const arrow::StringArray&>(*rows->column(0));
    const auto& zone = static_cast<const arrow::StringArray&>(*rows->column(1));
    for (int64_t i = 0; i < rows->num_rows(); ++i) {
      if (WantsReplicaIn(zone.GetString(i), tier)) targets.push_back(target.GetString(i));
    }
  }
}

/// What would keep the server's replicas where they are.
Status CheckCanGo(const std::shared_ptr<Gateway>& gateway, const std::vector<PlacedBucket>& buckets,
                  const TabletServer& server, size_t left, bool force) {
  for (const PlacedBucket& bucket : buckets) {
    if (bucket.place.replicas.size() <= left) continue;
    return Status::Invalid(fmt::format("{} has {}, and {} would be left for them", bucket.of,
                                       Counted(static_cast<int64_t>(bucket.place.replicas.size()), "replica"),
                                       Counted(static_cast<int64_t>(left), "server")));
  }
  if (force) return Status::OK();
  WEIR_ASSIGN_OR_RETURN(const std::vector<std::string> zones, ZonesInTheWay(gateway, server));
  if (zones.empty()) return Status::OK();
  return Status::Invalid(fmt::format("zones want replicas on server {}, in {}: {}; configure them anew first, or say "
                                     "--force and they are violated",
                                     server.id, server.rack, fmt::join(zones, ", ")));
}

int64_t ReplicasOn(const std::vector<PlacedBucket>& buckets, int32_t server) {
  return std::ranges::count_if(buckets, [&](const PlacedBucket& bucket) {
    return std::ranges::find(bucket.place.replicas, server) != bucket.place.replicas.end();
  });
}

Status WaitUntilEmpty(Gateway* gateway, ClusterServers* cluster, const DecommissionOptions& options) {
  const auto end = Clock::now() + std::chrono::seconds(options.seconds);
  int64_t before = -1;
  while (true) {
    WEIR_ASSIGN_OR_RETURN(const std::vector<PlacedBucket> buckets, AllBuckets(gateway, cluster));
    const int64_t here = ReplicasOn(buckets, options.server);
    if (here == 0) break;
    if (std::exchange(before, here) != here) fmt::print("server {} has {}\n", options.server, Counted(here, "replica"));
    std::fflush(stdout);
    if (Clock::now() > end) {
      return Status(ErrorCode::kRequestTimeOut,
                    fmt::format("server {} still has {} after {} s; it stays out of service, and the cluster goes on",
                                options.server, Counted(here, "replica"), options.seconds));
    }
    WEIR_RETURN_NOT_OK(CheckInterrupted());
    std::this_thread::sleep_for(kBetweenLooks);
  }
  fmt::print("server {} has no replicas: it can be stopped\n", options.server);
  return Status::OK();
}

Status RunDecommission(const DecommissionOptions& options) {
  WEIR_ASSIGN_OR_RETURN(const std::shared_ptr<Gateway> gateway, OpenServers(options.cluster, options.user));
  ClusterServers* const cluster = ClusterServers::Of(gateway.get());
  if (cluster == nullptr) {
    return Status::Invalid(fmt::format("'{}' is a weir server, which is one node", options.cluster));
  }
  WEIR_ASSIGN_OR_RETURN(const std::vector<TabletServer> servers, Await(cluster->GetTabletServers()));
  WEIR_ASSIGN_OR_RETURN(const TabletServer server, FindServer(servers, options.server));
  if (options.undo) {
    WEIR_RETURN_NOT_OK(AwaitDone(cluster->SetOutOfService(server.id, false)));
    fmt::print("server {} gets replicas again\n", server.id);
    return gateway->Close();
  }
  WEIR_ASSIGN_OR_RETURN(const std::vector<PlacedBucket> buckets, AllBuckets(gateway.get(), cluster));
  WEIR_RETURN_NOT_OK(CheckCanGo(gateway, buckets, server, servers.size() - 1, options.force));
  const Status out = AwaitDone(cluster->SetOutOfService(server.id, true));
  if (!out.ok() && out.code() != ErrorCode::kServerTagAlreadyExist) return out;  // by an attempt that was interrupted
  CatchInterrupts();
  if (ReplicasOn(buckets, server.id) > 0) {
    WEIR_RETURN_NOT_OK(Await(cluster->Rebalance()).status());
  }
  WEIR_RETURN_NOT_OK(WaitUntilEmpty(gateway.get(), cluster, options));
  return gateway->Close();
}

}  // namespace

void AddDecommission(CLI::App& app, Action* action) {
  CLI::App* command = app.add_subcommand(
      "decommission",
      "Takes a tablet server of an Apache Fluss cluster out of service and waits until it has no replicas.");
  const auto options = std::make_shared<DecommissionOptions>();
  command->add_option("cluster", options->cluster, "The cluster")->required()->type_name("HOST:PORT");
  command->add_option("server", options->server, "The server's id in Fluss")->required()->type_name("ID");
  command->add_option("--connect-user", options->user,
                      "Whom to log in as, with the password in WEIR_CLUSTER_PASSWORD")
      ->type_name("NAME");
  command->add_flag("--undo", options->undo, "Has the server get replicas again");
  command->add_flag("--force", options->force, "Even where zones want replicas there");
  command->add_option("--wait", options->seconds, "How long to wait (default: 600)")->type_name("SECONDS");
  command->callback([options, action] { *action = [options] { return RunDecommission(*options); }; });
}

}  // namespace weir
