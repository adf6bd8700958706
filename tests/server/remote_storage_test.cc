// What a cluster has moved to S3, read through Arrow's own client of it.
#include <filesystem>
#include <fstream>
#include <map>

#include "format/wire/fluss.pb.h"
#include "gateway/cluster/remote_log.h"
#include "tests/gateway/gateway_testing.h"
#include "tests/server/s3_double.h"

namespace weir {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

/// The environment names the storage, as it does for users; the process's client of S3 looks at it once a bucket.
class RemoteStorage : public testing::Test {
 protected:
  RemoteStorage() {
    for (const auto& [name, value] : std::map<std::string, std::string>{{"AWS_ENDPOINT_URL", storage_.endpoint()},
                                                                        {"AWS_ACCESS_KEY_ID", "reader"},
                                                                        {"AWS_SECRET_ACCESS_KEY", "secret"},
                                                                        {"AWS_REGION", "us-east-1"},
                                                                        {"AWS_EC2_METADATA_DISABLED", "true"}}) {
      ::setenv(name.c_str(), value.c_str(), 1);
    }
  }

  static std::string Stored(int64_t base_offset, int rows) {
    std::string batch = LogBatch(LogTable().schema, static_cast<int>(base_offset), rows)->ToString();
    StampLogBatch(batch.data(), base_offset, 1);
    return batch;
  }
  /// A file of a segment of the bucket that is called so.
  void Put(const std::string& bucket, const std::string& segment, const std::string& file, const std::string& bytes) {
    const std::string folder = files_ / (bucket + "/log/0/" + segment);
    std::filesystem::create_directories(folder);
    std::ofstream(folder + "/" + file, std::ios::binary) << bytes;
  }
  static wire::RemoteLogFetchInfo Info(const std::string& directory) {
    wire::RemoteLogFetchInfo info;
    info.set_remote_log_tablet_dir(directory);
    for (const auto& [id, begin, end] : {std::tuple("a", 0, 3), std::tuple("b", 3, 5)}) {
      wire::RemoteLogSegment* segment = info.add_remote_log_segments();
      segment->set_remote_log_segment_id(id);
      segment->set_remote_log_start_offset(begin);
      segment->set_remote_log_end_offset(end);
      segment->set_segment_size_in_bytes(1);
    }
    return info;
  }
  static void ExpectFailure(const wire::RemoteLogFetchInfo& info, int64_t offset, ErrorCode code, const char* text) {
    const auto read = ReadRemoteLog(info, offset, 1 << 20);
    EXPECT_EQ(read.status().code(), code);
    EXPECT_THAT(read.status().message(), HasSubstr(text));
  }

  const TempDirectory files_;
  S3Double storage_{files_.path(), "reader"};
};

TEST_F(RemoteStorage, BatchesAreReadFromS3) {
  const std::string batches[] = {Stored(0, 2), Stored(2, 1), Stored(3, 2)};
  Put("whole", "a", "00000000000000000000.log", batches[0] + batches[1]);
  Put("whole", "b", "00000000000000000003.log", batches[2]);
  for (const std::string scheme : {"s3://", "s3a://"}) {
    const wire::RemoteLogFetchInfo info = Info(scheme + "whole/log/0");
    EXPECT_EQ(Get(ReadRemoteLog(info, 1, 1 << 20))->ToString(), batches[0] + batches[1]);
    EXPECT_EQ(Get(ReadRemoteLog(info, 3, 1 << 20))->ToString(), batches[2]);
  }
  wire::RemoteLogFetchInfo later = Info("s3://whole/log/0");
  later.set_first_start_pos(static_cast<int32_t>(batches[0].size()));
  EXPECT_EQ(Get(ReadRemoteLog(later, 2, 1 << 20))->ToString(), batches[1]);
  const std::string path = "/whole/log/0/a/00000000000000000000.log";
  EXPECT_THAT(storage_.requests().back(), StartsWith("GET " + path + " bytes=" + std::to_string(batches[0].size())));
}

TEST_F(RemoteStorage, WhatIsMissingOrDamagedThereIsSaid) {
  const std::string batch = Stored(3, 2);
  Put("damaged", "b", "00000000000000000003.log", batch.substr(0, batch.size() - 1));
  const wire::RemoteLogFetchInfo info = Info("s3://damaged/log/0");
  ExpectFailure(info, 0, ErrorCode::kLogStorageException, "a/00000000000000000000.log");
  ExpectFailure(info, 4, ErrorCode::kCorruptMessage, "ends within a batch");
  ExpectFailure(info, 5, ErrorCode::kCorruptMessage, "do not hold offset 5");
}

TEST_F(RemoteStorage, WhoMayNotReadIsToldSo) {
  Put("closed", "a", "00000000000000000000.log", Stored(0, 3));
  ::setenv("AWS_ACCESS_KEY_ID", "somebody", 1);
  ExpectFailure(Info("s3://closed/log/0"), 0, ErrorCode::kLogStorageException, "ACCESS_DENIED");
}

}  // namespace
}  // namespace weir
