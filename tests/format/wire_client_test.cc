// What a client of the protocol encodes and parses.
#include <gtest/gtest.h>

#include "format/wire/api.h"
#include "format/wire/fluss.pb.h"
#include "format/wire/frame.h"
#include "format/wire/records.h"

namespace weir::wire {
namespace {

std::shared_ptr<arrow::Buffer> FrameOf(const Frame& frame) {
  std::string bytes;
  for (const auto& piece : frame.pieces) bytes += std::string_view(*piece);
  return arrow::Buffer::FromString(bytes.substr(4));
}

std::shared_ptr<arrow::Buffer> Text(std::string text) { return arrow::Buffer::FromString(std::move(text)); }

TEST(WireClient, WritesAreWhatAServerParses) {
  const std::string large(100000, 'r');
  const std::vector<BucketRecords> buckets = {{std::nullopt, 3, Text("small")}, {int64_t{1} << 40, 0, Text(large)}};
  const Frame produce = EncodeProduceLogRequest({-1, 77, 30000, buckets}).ToRequest({1014, 0, 9});
  const auto request = ParseRequest(FrameOf(produce));
  ASSERT_TRUE(request.ok());
  EXPECT_EQ(request->header.request_id, 9);
  ProduceLogRequest message;
  ASSERT_TRUE(ParseMessage(*request->message, &message).ok());
  EXPECT_EQ(message.acks(), -1);
  EXPECT_EQ(message.table_id(), 77);
  ASSERT_EQ(message.buckets_req_size(), 2);
  EXPECT_EQ(message.buckets_req(0).records(), "small");
  EXPECT_EQ(message.buckets_req(1).partition_id(), int64_t{1} << 40);
  EXPECT_EQ(message.buckets_req(1).records(), large);

  const Frame put = EncodePutKvRequest({1, 77, 5, {0, 2}, 1, buckets}).ToRequest({1016, 2, 1});
  PutKvRequest upsert;
  ASSERT_TRUE(ParseMessage(*ParseRequest(FrameOf(put))->message, &upsert).ok());
  EXPECT_EQ(upsert.target_columns_size(), 2);
  EXPECT_EQ(upsert.target_columns(1), 2);
  EXPECT_EQ(upsert.agg_mode(), 1);
  EXPECT_EQ(upsert.buckets_req(1).records(), large);
}

FetchLogResponse SomeFetched() {
  FetchLogResponse response;
  FetchLogRespForTable* table = response.add_tables_resp();
  table->set_table_id(5);
  FetchLogRespForBucket* bucket = table->add_buckets_resp();
  bucket->set_partition_id(6);
  bucket->set_bucket_id(7);
  bucket->set_high_watermark(8);
  bucket->set_log_start_offset(9);
  bucket->set_records("records");
  bucket->set_filtered_end_offset(10);
  bucket = table->add_buckets_resp();
  bucket->set_bucket_id(1);
  bucket->set_error_code(12);
  bucket->set_error_message("elsewhere");
  bucket->mutable_remote_log_fetch_info()->set_remote_log_tablet_dir("there");
  return response;
}

TEST(WireClient, FetchedRecordsAreSlices) {
  const auto message = Text(SomeFetched().SerializeAsString());
  const auto tables = ParseFetchLogResponse(message);
  ASSERT_TRUE(tables.ok()) << tables.status().ToString();
  ASSERT_EQ(tables->size(), 1u);
  EXPECT_EQ((*tables)[0].table_id, 5);
  const auto& [bucket, records] = (*tables)[0].buckets[0];
  EXPECT_EQ(bucket.partition_id(), 6);
  EXPECT_EQ(bucket.bucket_id(), 7);
  EXPECT_EQ(bucket.high_watermark(), 8);
  EXPECT_EQ(bucket.log_start_offset(), 9);
  EXPECT_EQ(bucket.filtered_end_offset(), 10);
  EXPECT_EQ(records->ToString(), "records");
  EXPECT_TRUE(records->data() > message->data() && records->data() < message->data() + message->size());
  const auto& failed = (*tables)[0].buckets[1];
  EXPECT_EQ(failed.bucket.error_code(), 12);
  EXPECT_EQ(failed.bucket.error_message(), "elsewhere");
  EXPECT_TRUE(failed.bucket.has_remote_log_fetch_info());
  EXPECT_EQ(failed.records, nullptr);
}

TEST(WireClient, TornResponsesAreErrors) {
  const std::string whole = SomeFetched().SerializeAsString();
  for (size_t size = 1; size < whole.size(); ++size) {
    EXPECT_EQ(ParseFetchLogResponse(Text(whole.substr(0, size))).status().code(), ErrorCode::kCorruptMessage) << size;
  }
  EXPECT_TRUE(ParseFetchLogResponse(Text("")).ok());  // no tables
}

TEST(WireClient, ResponsesOfAllKinds) {
  ListTablesResponse names;
  names.add_table_name("t");
  const auto success = ParseResponse(FrameOf(EncodeResponse(4, names)));
  ASSERT_TRUE(success.ok());
  EXPECT_EQ(success->request_id, 4);
  EXPECT_TRUE(success->status.ok());
  EXPECT_EQ(success->message->ToString(), names.SerializeAsString());
  const auto error = ParseResponse(FrameOf(EncodeError(5, {ErrorCode::kTableNotExist, "no t\n\tat trace"})));
  ASSERT_TRUE(error.ok());
  EXPECT_EQ(error->request_id, 5);
  EXPECT_EQ(error->status.ToString(), Status(ErrorCode::kTableNotExist, "no t").ToString());

  EXPECT_EQ(ParseResponse(Text("")).status().code(), ErrorCode::kCorruptMessage);
  EXPECT_EQ(ParseResponse(Text(std::string(4, '\0'))).status().code(), ErrorCode::kCorruptMessage);
  EXPECT_EQ(ParseResponse(Text("\x03....more")).status().code(), ErrorCode::kCorruptMessage);
  EXPECT_EQ(ParseResponse(Text("\x02")).status().code(), ErrorCode::kNetworkException);
  const auto garbled = ParseResponse(Text(std::string("\x01\0\0\0\x07", 5) + "\xff\xff"));
  ASSERT_TRUE(garbled.ok());
  EXPECT_EQ(garbled->status.code(), ErrorCode::kCorruptMessage);
}

TEST(WireClient, CodesOnTheWire) {
  EXPECT_TRUE(FromWire(0, "whatever").ok());
  EXPECT_EQ(FromWire(7, "no table\r\nat").ToString(), Status(ErrorCode::kTableNotExist, "no table").ToString());
  EXPECT_EQ(FromWire(9999, "of a newer server").code(), static_cast<ErrorCode>(9999));
  for (const int32_t unknown : {-1, -2, -2000000000}) {
    EXPECT_EQ(FromWire(unknown, "").code(), ErrorCode::kUnknownServerError) << unknown;
  }
  // An ErrorResponse with code 0 is an error all the same.
  ErrorResponse none;
  none.set_error_code(0);
  const auto response = ParseResponse(Text(std::string("\x01\0\0\0\x07", 5) + none.SerializeAsString()));
  EXPECT_EQ(response->status.code(), ErrorCode::kUnknownServerError);
  EXPECT_EQ(ApiName(ApiKey::kGetTableStats), "GET_TABLE_STATS");
}

}  // namespace
}  // namespace weir::wire
