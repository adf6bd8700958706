// Snapshots of primary key tables, and leases on them, as Fluss clients ask for them.
#include <gmock/gmock.h>

#include <map>

#include "format/kv_batch.h"
#include "model/table_json.h"
#include "tests/server/service_testing.h"
#include "tests/testing/kv_snapshot_reader.h"

namespace weir {
namespace {

using ::testing::StartsWith;
using wire::ApiKey;

EmbeddedOptions SmallSegments() {
  EmbeddedOptions options;
  options.segment_bytes = 1024;
  options.maintenance_interval_ms = 0;
  return options;
}

/// A table of one bucket, whose changelog has many segments.
class KvSnapshotServiceTest : public ServiceTest {
 protected:
  static constexpr int kRows = 20;

  KvSnapshotServiceTest() : ServiceTest(SmallSegments()) {}

  void SetUp() override {
    wire::CreateTableRequest create;
    SetPath(create.mutable_table_path());
    create.set_table_json(TableDescriptorToJson({.schema = MakeSchema({"id"}), .bucket_count = 1}));
    create.set_ignore_if_exists(false);
    ASSERT_TRUE(Call<wire::CreateTableResponse>(ApiKey::kCreateTable, create).ok());
    wire::GetTableInfoRequest info;
    SetPath(info.mutable_table_path());
    table_id_ = Call<wire::GetTableInfoResponse>(ApiKey::kGetTableInfo, info)->table_id();
    for (int i = 0; i < kRows; ++i) Put(i);
  }

  static void SetPath(wire::TablePath* path) {
    path->set_database_name("fluss");
    path->set_table_name("users");
  }

  // A row as pyfluss sends it: (id, 100 times 'x').
  static std::string Row(int id) {
    return std::string{0, static_cast<char>(id), 100} + std::string(100, 'x');
  }
  void Put(int id) {
    KvBatchBuilder builder;
    const auto key = static_cast<char>(id);
    builder.Upsert(std::string_view(&key, 1), Row(id));
    wire::PutKvRequest request;
    request.set_acks(-1);
    request.set_table_id(table_id_);
    request.set_timeout_ms(30000);
    wire::PutKvReqForBucket* bucket = request.add_buckets_req();
    bucket->set_bucket_id(0);
    bucket->set_records(builder.Finish(1, -1, -1));
    const auto response = Call<wire::PutKvResponse>(ApiKey::kPutKv, request);
    ASSERT_TRUE(response.ok()) << response.status().ToString();
    ASSERT_EQ(response->buckets_resp(0).error_code(), 0) << response->buckets_resp(0).error_message();
  }

  wire::GetLatestKvSnapshotsResponse Latest() {
    wire::GetLatestKvSnapshotsRequest request;
    SetPath(request.mutable_table_path());
    const auto latest = Call<wire::GetLatestKvSnapshotsResponse>(ApiKey::kGetLatestKvSnapshots, request);
    EXPECT_TRUE(latest.ok()) << latest.status().ToString();
    return latest.ok() ? *latest : wire::GetLatestKvSnapshotsResponse();
  }
  Result<wire::GetKvSnapshotMetadataResponse> Metadata(int64_t snapshot_id) {
    wire::GetKvSnapshotMetadataRequest request;
    request.set_table_id(table_id_);
    request.set_bucket_id(0);
    request.set_snapshot_id(snapshot_id);
    return Call<wire::GetKvSnapshotMetadataResponse>(ApiKey::kGetKvSnapshotMetadata, request);
  }
  wire::AcquireKvSnapshotLeaseResponse Acquire(int64_t snapshot_id) {
    wire::AcquireKvSnapshotLeaseRequest request;
    request.set_lease_id("reader");
    request.set_lease_duration_ms(60000);
    wire::KvSnapshotLeaseForTable* table = request.add_snapshots_to_lease();
    table->set_table_id(table_id_);
    wire::KvSnapshotLeaseForBucket* bucket = table->add_bucket_snapshots();
    bucket->set_bucket_id(0);
    bucket->set_snapshot_id(snapshot_id);
    const auto response = Call<wire::AcquireKvSnapshotLeaseResponse>(ApiKey::kAcquireKvSnapshotLease, request);
    EXPECT_TRUE(response.ok()) << response.status().ToString();
    return response.ok() ? *response : wire::AcquireKvSnapshotLeaseResponse();
  }
  size_t Held() { return gateway_->ListLeasedKvSnapshots("reader").Wait()->size(); }

  int64_t table_id_ = -1;
};

TEST_F(KvSnapshotServiceTest, ABucketWhoseChangelogMayBeCutHasASnapshot) {
  const wire::GetLatestKvSnapshotsResponse latest = Latest();
  EXPECT_EQ(latest.table_id(), table_id_);
  EXPECT_FALSE(latest.has_partition_id());
  ASSERT_EQ(latest.latest_snapshots_size(), 1);
  EXPECT_EQ(latest.latest_snapshots(0).bucket_id(), 0);
  EXPECT_EQ(latest.latest_snapshots(0).snapshot_id(), 0);
  EXPECT_EQ(latest.latest_snapshots(0).log_offset(), kRows);

  wire::ListKvSnapshotsRequest request;
  request.set_table_id(table_id_);
  const auto listed = Call<wire::ListKvSnapshotsResponse>(ApiKey::kListKvSnapshots, request);
  ASSERT_TRUE(listed.ok()) << listed.status().ToString();
  EXPECT_EQ(listed->table_id(), table_id_);
  ASSERT_EQ(listed->active_snapshots_size(), 1);
  EXPECT_EQ(listed->active_snapshots(0).bucket_id(), 0);
  EXPECT_EQ(listed->active_snapshots(0).snapshot_id(), 0);
}

TEST_F(KvSnapshotServiceTest, ItsFilesHoldTheRowsAsLookupsGiveThem) {
  const int64_t id = Latest().latest_snapshots(0).snapshot_id();
  const auto metadata = Metadata(id);
  ASSERT_TRUE(metadata.ok()) << metadata.status().ToString();
  EXPECT_EQ(metadata->log_offset(), kRows);
  std::vector<std::pair<std::string, std::string>> files;
  for (const wire::RemotePathAndLocalFile& file : metadata->snapshot_files()) {
    ASSERT_THAT(file.remote_path(), StartsWith("file:///"));
    files.emplace_back(file.remote_path().substr(std::string("file://").size()), file.local_file_name());
  }
  std::map<std::string, std::string> expected;
  for (int i = 0; i < kRows; ++i) expected[std::string(1, static_cast<char>(i))] = std::string{1, 0} + Row(i);
  EXPECT_EQ(ReadKvSnapshot(files), expected);
  EXPECT_EQ(Metadata(id + 1).status().code(), ErrorCode::kKvSnapshotNotExist);
}

TEST_F(KvSnapshotServiceTest, LeasesAreTakenRenewedReleasedAndDropped) {
  const int64_t id = Latest().latest_snapshots(0).snapshot_id();
  EXPECT_EQ(Acquire(id).unavailable_snapshots_size(), 0);
  EXPECT_EQ(Held(), 1u);
  const wire::AcquireKvSnapshotLeaseResponse missing = Acquire(id + 1);
  ASSERT_EQ(missing.unavailable_snapshots_size(), 1);
  EXPECT_EQ(missing.unavailable_snapshots(0).table_id(), table_id_);
  ASSERT_EQ(missing.unavailable_snapshots(0).bucket_snapshots_size(), 1);
  EXPECT_EQ(missing.unavailable_snapshots(0).bucket_snapshots(0).bucket_id(), 0);
  EXPECT_EQ(missing.unavailable_snapshots(0).bucket_snapshots(0).snapshot_id(), id + 1);

  wire::ReleaseKvSnapshotLeaseRequest release;
  release.set_lease_id("reader");
  wire::KvSnapshotBucket* bucket = release.add_buckets_to_release();
  bucket->set_table_id(table_id_);
  bucket->set_bucket_id(0);
  EXPECT_TRUE(Call<wire::ReleaseKvSnapshotLeaseResponse>(ApiKey::kReleaseKvSnapshotLease, release).ok());
  EXPECT_EQ(Held(), 0u);

  Acquire(id);
  wire::DropKvSnapshotLeaseRequest drop;
  drop.set_lease_id("reader");
  EXPECT_TRUE(Call<wire::DropKvSnapshotLeaseResponse>(ApiKey::kDropKvSnapshotLease, drop).ok());
  EXPECT_EQ(Held(), 0u);
  EXPECT_TRUE(Call<wire::DropKvSnapshotLeaseResponse>(ApiKey::kDropKvSnapshotLease, drop).ok());
}

TEST_F(KvSnapshotServiceTest, LocalFilesNeedNoToken) {
  const auto token = Call<wire::GetFileSystemSecurityTokenResponse>(ApiKey::kGetFileSystemSecurityToken,
                                                                    wire::GetFileSystemSecurityTokenRequest());
  ASSERT_TRUE(token.ok());
  EXPECT_EQ(token->schema(), "file");
  EXPECT_EQ(token->token(), "");
}

}  // namespace
}  // namespace weir
