// Where tables and partitions are: one server that leads every bucket.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <map>

#include "format/wire/translate.h"
#include "gateway/futures.h"
#include "model/table_json.h"
#include "server/fluss/handlers.h"

namespace weir {
namespace {

// Node ids of coordinators and of tablet servers are number spaces of their own.
constexpr int32_t kNodeId = 0;

// Some clients ask for what is missing again at once and without end.
constexpr std::chrono::milliseconds kErrorDelay(50);

/// A metadata request under way.
struct Inquiry {
  explicit Inquiry(const Answer<wire::MetadataResponse>& answer_to) : answer(answer_to) {}

  wire::MetadataRequest request;
  std::map<TablePath, Future<TableInfo>> tables;  // also those that only partitions are asked of

  struct Partition {
    int64_t table_id;
    int32_t buckets;
    Future<PartitionInfo> info;
  };
  std::vector<Partition> by_name;
  struct Candidates {
    int64_t partition_id;
    std::vector<Partition> tables;  // one of them has it
  };
  std::vector<Candidates> by_id;

  const Answer<wire::MetadataResponse> answer;

  void Fail(const Status& error) const {
    answer.call()->context()->PostAfter(kErrorDelay, [to = answer, error] { to(error); });
  }
  const TableInfo& Table(const TablePath& path) const { return *tables.at(path).Wait(); }
};
using InquiryPtr = std::shared_ptr<Inquiry>;

void SetNode(const HostPort& address, wire::ServerNode* node) {
  node->set_node_id(kNodeId);
  node->set_host(address.host);
  node->set_port(address.port);
}

template <typename Message>
void AddBuckets(int32_t count, Message* message) {
  for (int32_t i = 0; i < count; ++i) {
    wire::BucketMetadata* bucket = message->add_bucket_metadata();
    bucket->set_bucket_id(i);
    bucket->set_leader_id(kNodeId);
    bucket->add_replica_id(kNodeId);
    bucket->set_leader_epoch(0);
  }
}

void AddTable(const TableInfo& info, wire::TableMetadata* table) {
  SetPath(info.path, table->mutable_table_path());
  table->set_table_id(info.table_id);
  table->set_schema_id(info.schema_id);
  table->set_table_json(TableDescriptorToJson(info.descriptor));
  table->set_created_time(info.created_time);
  table->set_modified_time(info.modified_time);
  if (!info.descriptor.is_partitioned()) AddBuckets(info.num_buckets(), table);
}

void AddPartition(const Inquiry::Partition& partition, wire::PartitionMetadata* message) {
  const PartitionInfo& info = *partition.info.Wait();
  message->set_table_id(partition.table_id);
  message->set_partition_id(info.partition_id);
  message->set_partition_name(info.partition_name);
  AddBuckets(partition.buckets, message);
}

void AnswerInquiry(const Inquiry& inquiry) {
  wire::MetadataResponse response;
  const HostPort& address = inquiry.answer.call()->context()->address();
  SetNode(address, response.mutable_coordinator_server());
  SetNode(address, response.add_tablet_servers());
  for (const wire::TablePath& path : inquiry.request.table_path()) {
    AddTable(inquiry.Table(ToPath(path)), response.add_table_metadata());
  }
  for (const Inquiry::Partition& partition : inquiry.by_name) {
    const Result<PartitionInfo>& info = partition.info.Wait();
    if (!info.ok()) return inquiry.Fail(info.status());
    AddPartition(partition, response.add_partition_metadata());
  }
  for (const Inquiry::Candidates& wanted : inquiry.by_id) {
    const auto found =
        std::ranges::find_if(wanted.tables, [](const auto& candidate) { return candidate.info.Wait().ok(); });
    if (found == wanted.tables.end()) {
      return inquiry.Fail({ErrorCode::kPartitionNotExists,
                           fmt::format("none of the requested tables has a partition with id {}",
                                       wanted.partition_id)});
    }
    AddPartition(*found, response.add_partition_metadata());
  }
  inquiry.answer(std::move(response));
}

/// Of a table that is missing, where only a partition of it was asked for, the partition is what is missing.
Status ErrorOfMissing(const Inquiry& inquiry, const TablePath& path, const Status& status) {
  const auto& asked = inquiry.request.table_path();
  const bool by_itself = std::ranges::any_of(asked, [&](const wire::TablePath& one) { return ToPath(one) == path; });
  if (by_itself || status.code() != ErrorCode::kTableNotExist) return status;
  return {ErrorCode::kPartitionNotExists, status.message()};
}

void AskForPartitions(const State& state, const InquiryPtr& inquiry) {
  for (const auto& [path, table] : inquiry->tables) {
    if (!table.Wait().ok()) return inquiry->Fail(ErrorOfMissing(*inquiry, path, table.Wait().status()));
  }
  std::vector<Future<PartitionInfo>> asked;
  const auto ask = [&](const TableInfo& table, Future<PartitionInfo> info) {
    asked.push_back(info);
    return Inquiry::Partition{table.table_id, table.num_buckets(), std::move(info)};
  };
  for (const wire::PhysicalTablePath& path : inquiry->request.partitions_path()) {
    const TableInfo& table = inquiry->Table({path.database_name(), path.table_name()});
    inquiry->by_name.push_back(ask(table, state->gateway->GetPartition(table.path, path.partition_name())));
  }
  for (const int64_t id : inquiry->request.partitions_id()) {
    Inquiry::Candidates& wanted = inquiry->by_id.emplace_back(Inquiry::Candidates{id, {}});
    for (const auto& [path, asked_table] : inquiry->tables) {
      const TableInfo& table = *asked_table.Wait();
      if (!table.descriptor.is_partitioned()) continue;
      wanted.tables.push_back(ask(table, state->gateway->GetPartitionById(table.path, id)));
    }
  }
  WhenDone(inquiry->answer.call(), AllDone(asked), [inquiry](const Result<Unit>&) { AnswerInquiry(*inquiry); });
}

}  // namespace

void GetMetadata(const State& state, const wire::MetadataRequest& request,
                 const Answer<wire::MetadataResponse>& answer) {
  const auto inquiry = std::make_shared<Inquiry>(answer);
  inquiry->request = request;
  std::vector<Future<TableInfo>> asked;
  const auto ask = [&](const TablePath& path) {
    if (inquiry->tables.contains(path)) return;
    asked.push_back(state->gateway->GetTableInfo(path));
    inquiry->tables.emplace(path, asked.back());
  };
  for (const wire::TablePath& path : request.table_path()) ask(ToPath(path));
  for (const wire::PhysicalTablePath& path : request.partitions_path()) {
    ask({path.database_name(), path.table_name()});
  }
  WhenDone(answer.call(), AllDone(asked),
           [state, inquiry](const Result<Unit>&) { AskForPartitions(state, inquiry); });
}

}  // namespace weir
