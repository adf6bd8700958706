#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>

#include "format/wire/fluss.pb.h"
#include "format/wire/frame.h"
#include "format/wire/records.h"

namespace weir::wire {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

std::string FromHex(std::string_view hex) {
  std::string out;
  std::string digits;
  std::ranges::copy_if(hex, std::back_inserter(digits), [](char c) { return c != ' '; });
  for (size_t i = 0; i < digits.size(); i += 2) {
    out.push_back(static_cast<char>(std::stoi(digits.substr(i, 2), nullptr, 16)));
  }
  return out;
}

std::shared_ptr<arrow::Buffer> Buffer(std::string bytes) { return arrow::Buffer::FromString(std::move(bytes)); }

std::string Bytes(const Frame& frame) {
  std::string out;
  for (const auto& piece : frame.pieces) out += std::string_view(*piece);
  return out;
}

std::string Framed(std::string_view payload) {
  std::string out;
  for (int shift = 24; shift >= 0; shift -= 8) out.push_back(static_cast<char>(payload.size() >> shift));
  return out.append(payload);
}

/// Everything that the reader makes of `stream`, given in pieces of at most `step` bytes.
std::vector<std::string> ReadAll(FrameReader* reader, std::string_view stream, size_t step) {
  std::vector<std::string> frames;
  while (true) {
    auto frame = reader->Next();
    EXPECT_TRUE(frame.ok()) << frame.status().ToString();
    if (!frame.ok()) return frames;
    if (*frame != nullptr) {
      frames.emplace_back((*frame)->ToString());
      continue;
    }
    if (stream.empty()) return frames;
    const std::span<uint8_t> space = reader->Space();
    EXPECT_FALSE(space.empty());
    const size_t size = std::min({step, space.size(), stream.size()});
    std::memcpy(space.data(), stream.data(), size);
    reader->Commit(size);
    stream.remove_prefix(size);
  }
}

TEST(WireFrame, CutsAStreamHoweverItArrives) {
  const std::string large(300'000, 'x');
  const std::string stream = Framed("one") + Framed("") + Framed(large) + Framed("four") + Framed("five");
  for (const size_t step : {1ul, 3ul, 7ul, 1000ul, 65536ul, 1000000ul}) {
    FrameReader reader(1 << 20);
    EXPECT_THAT(ReadAll(&reader, stream, step), ElementsAre("one", "", large, "four", "five")) << step;
  }
}

TEST(WireFrame, MemoryIsTakenAsAFrameArrives) {
  const std::string large(5'000'000, 'x');
  const std::string stream = Framed(large) + Framed("next");
  for (const size_t step : {65536ul, 1'000'000ul, 10'000'000ul}) {
    FrameReader reader(100 << 20);
    EXPECT_THAT(ReadAll(&reader, stream.substr(0, 4), step), SizeIs(0));
    EXPECT_LE(reader.frame_bytes(), 64 << 10);
    EXPECT_LE(reader.Space().size(), size_t{64} << 10);
    EXPECT_THAT(ReadAll(&reader, stream.substr(4), step), ElementsAre(large, "next")) << step;
  }
}

TEST(WireFrame, HalfAFrameIsNoFrame) {
  FrameReader reader(1 << 20);
  EXPECT_THAT(ReadAll(&reader, Framed("whole") + Framed("half").substr(0, 6), 100), ElementsAre("whole"));
  EXPECT_THAT(ReadAll(&reader, "lf", 100), ElementsAre("half"));
}

TEST(WireFrame, LengthsThatMakeNoSense) {
  for (const std::string_view length : {"ffffffff", "80000000", "00000401", "7fffffff"}) {
    FrameReader reader(1024);
    const std::string bytes = FromHex(length);
    std::memcpy(reader.Space().data(), bytes.data(), bytes.size());
    reader.Commit(bytes.size());
    const auto frame = reader.Next();
    ASSERT_FALSE(frame.ok()) << length;
    EXPECT_EQ(frame.status().code(), ErrorCode::kCorruptMessage);
    EXPECT_THAT(frame.status().message(), HasSubstr("1024"));
  }
  FrameReader reader(1024);
  EXPECT_THAT(ReadAll(&reader, Framed(std::string(1024, 'y')), 5000), SizeIs(1));
}

TEST(WireFrame, RequestHeader) {
  const auto request = ParseRequest(Buffer(FromHex("03f9 0001 00000028 0801 1205 1000 1a01 01")));
  ASSERT_TRUE(request.ok());
  EXPECT_EQ(request->header.api_key, 1017);
  EXPECT_EQ(request->header.api_version, 1);
  EXPECT_EQ(request->header.request_id, 0x28);
  EXPECT_EQ(request->message->size(), 9);
  EXPECT_FALSE(ParseRequest(Buffer("1234567")).ok());
  const auto empty = ParseRequest(Buffer("12345678"));
  ASSERT_TRUE(empty.ok());
  EXPECT_EQ(empty->message->size(), 0);
}

// A lookup as a client sent it.
TEST(WireFrame, RecordedLookup) {
  LookupRequest request;
  ASSERT_TRUE(ParseMessage(*Buffer(FromHex("0801 1205 1000 1a01 01")), &request).ok());
  EXPECT_EQ(request.table_id(), 1);
  ASSERT_EQ(request.buckets_req_size(), 1);
  EXPECT_EQ(request.buckets_req(0).bucket_id(), 0);
  EXPECT_EQ(request.buckets_req(0).keys(0), "\x01");
  EXPECT_EQ(Bytes(EncodeRequest({1017, 1, 0x28}, request)),
            Framed(FromHex("03f9 0001 00000028 0801 1205 1000 1a01 01")));

  LookupResponse response;
  LookupRespForBucket* bucket = response.add_buckets_resp();
  bucket->set_bucket_id(0);
  bucket->add_values()->set_values(FromHex("0100 00 01 02426f 09"));
  EXPECT_EQ(Bytes(EncodeResponse(0x28, response)),
            Framed(FromHex("00 00000028 0a0e 1000 2a0a 0a08 0100 0001 0242 6f09")));
}

TEST(WireFrame, Errors) {
  const Frame frame = EncodeError(7, {ErrorCode::kTableNotExist, "gone"});
  EXPECT_EQ(Bytes(frame), Framed(FromHex("01 00000007 0807 1204 676f6e65")));
  EXPECT_EQ(WireErrorCode(Status::Invalid("x")), -1);
  EXPECT_EQ(WireErrorCode(Status::OK()), 0);
}

TEST(WireFrame, MessagesThatAreNone) {
  TableExistsRequest message;
  const auto code = [&](std::string_view hex) { return ParseMessage(*Buffer(FromHex(hex)), &message).code(); };
  EXPECT_EQ(code("0a06 0a0161 120162"), ErrorCode::kNone);
  EXPECT_EQ(code(""), ErrorCode::kCorruptMessage);                      // no table path
  EXPECT_EQ(code("0a03 0a0161"), ErrorCode::kCorruptMessage);           // no table name
  EXPECT_EQ(code("0a07 0a0161 120162"), ErrorCode::kCorruptMessage);    // longer than what is there
  EXPECT_EQ(code("0a06 0a0161 120162 ff"), ErrorCode::kCorruptMessage); // goes on after its end
  EXPECT_EQ(code("0a06 0a0161 120162 a006 01"), ErrorCode::kNone);      // a field of a later version
}

// --- messages with records ---

TEST(WireRecords, ProduceLog) {
  const auto message = Buffer(FromHex("08 ffffffffffffffffff01 10 05 18 b0ea01"
                                      "22 0b 08 09 10 02 1a 03 616263 2801"
                                      "22 06 10 00 1a 02 6465"));
  const auto request = ParseProduceLogRequest(message);
  ASSERT_TRUE(request.ok()) << request.status().ToString();
  EXPECT_EQ(request->acks, -1);
  EXPECT_EQ(request->table_id, 5);
  EXPECT_EQ(request->timeout_ms, 30000);
  ASSERT_THAT(request->buckets, SizeIs(2));
  EXPECT_EQ(request->buckets[0].partition_id, 9);
  EXPECT_EQ(request->buckets[0].bucket_id, 2);
  EXPECT_EQ(request->buckets[0].records->ToString(), "abc");
  EXPECT_FALSE(request->buckets[1].partition_id.has_value());
  EXPECT_EQ(request->buckets[1].records->ToString(), "de");
  // The records are where they were received.
  EXPECT_GE(request->buckets[1].records->data(), message->data());
  EXPECT_EQ(request->buckets[1].records->data() + 2, message->data() + message->size());
}

TEST(WireRecords, PutKvTakesPackedAndPlainColumns) {
  for (const std::string_view columns : {"22 02 00 02", "20 00 20 02"}) {
    const auto request = ParsePutKvRequest(
        Buffer(FromHex("0801 1001 1801" + std::string(columns) + "2a 07 10 00 1a 03 616263 3001")));
    ASSERT_TRUE(request.ok()) << request.status().ToString();
    EXPECT_THAT(request->target_columns, ElementsAre(0, 2));
    EXPECT_EQ(request->agg_mode, 1);
    ASSERT_THAT(request->buckets, SizeIs(1));
    EXPECT_EQ(request->buckets[0].records->ToString(), "abc");
  }
}

TEST(WireRecords, MalformedWrites) {
  const std::string good = FromHex("0801 1001 1801 22 07 10 00 1a 03 616263");
  ASSERT_TRUE(ParseProduceLogRequest(Buffer(good)).ok());
  for (size_t size = 0; size < good.size(); ++size) {
    if (size == 6) continue;  // a request for no bucket
    EXPECT_FALSE(ParseProduceLogRequest(Buffer(good.substr(0, size))).ok()) << size;
  }
  const auto fails = [](std::string_view hex) {
    const auto request = ParseProduceLogRequest(Buffer(FromHex(hex)));
    return !request.ok() && request.status().code() == ErrorCode::kCorruptMessage;
  };
  EXPECT_TRUE(fails("1001 1801"));                               // no acks
  EXPECT_TRUE(fails("0801 1001 1801 22 05 1a 03 616263"));       // no bucket id
  EXPECT_TRUE(fails("0801 1001 1801 22 02 10 00"));              // no records
  EXPECT_TRUE(fails("0801 1001 1801 22 07 10 00 1a 04 616263")); // records longer than their bucket
  EXPECT_TRUE(fails("0801 1001 1801 22 07 10 00 1a ffffffff0f 616263"));
  EXPECT_TRUE(fails("0801 1001 1801 00"));                       // field number 0
  EXPECT_TRUE(fails("0801 1001 1801 0c"));                       // a group's end
  EXPECT_FALSE(ParsePutKvRequest(Buffer(FromHex("0801 1001 1801 22 05 00"))).ok());
}

TEST(WireRecords, AgreeWithProtocolBuffers) {
  PutKvRequest request;
  request.set_acks(-1);
  request.set_table_id(int64_t{1} << 40);
  request.set_timeout_ms(1);
  request.set_agg_mode(1);
  request.add_target_columns(0);
  request.add_target_columns(200);
  for (int i = 0; i < 3; ++i) {
    PutKvReqForBucket* bucket = request.add_buckets_req();
    bucket->set_bucket_id(i);
    if (i == 1) bucket->set_partition_id(77);
    bucket->set_records(std::string(static_cast<size_t>(i) * 200, static_cast<char>('a' + i)));
  }
  const auto view = ParsePutKvRequest(Buffer(request.SerializeAsString()));
  ASSERT_TRUE(view.ok()) << view.status().ToString();
  EXPECT_EQ(view->acks, -1);
  EXPECT_EQ(view->table_id, int64_t{1} << 40);
  EXPECT_EQ(view->agg_mode, 1);
  EXPECT_THAT(view->target_columns, ElementsAre(0, 200));
  ASSERT_THAT(view->buckets, SizeIs(3));
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(view->buckets[i].bucket_id, i);
    EXPECT_EQ(view->buckets[i].partition_id.has_value(), i == 1);
    EXPECT_EQ(view->buckets[i].records->ToString(), request.buckets_req(i).records());
  }
}

FetchedBucketRecords Fetched(int32_t bucket_id, std::shared_ptr<arrow::Buffer> records) {
  FetchedBucketRecords out;
  out.bucket.set_bucket_id(bucket_id);
  out.bucket.set_high_watermark(300);
  out.records = std::move(records);
  return out;
}

TEST(WireRecords, FetchResponse) {
  const std::vector<FetchedTable> tables = {
      {.table_id = 1, .buckets = {Fetched(0, Buffer("abc")), Fetched(1, nullptr)}},
      {.table_id = 300, .buckets = {}},
  };
  EXPECT_EQ(Bytes(EncodeFetchLogResponse(9, tables)), Framed(FromHex("00 00000009"
                                                                     "0a 17 08 01"
                                                                     "12 0a 10 00 28 ac02 42 03 616263"
                                                                     "12 07 10 01 28 ac02 42 00"
                                                                     "0a 03 08 ac02")));
}

TEST(WireRecords, LargeRecordsAreSentFromWhereTheyLie) {
  const auto records = Buffer(std::string(100'000, 'r'));
  const FetchedTable table{.table_id = 1, .buckets = {Fetched(0, records), Fetched(1, records)}};
  const Frame frame = EncodeFetchLogResponse(1, {table});
  EXPECT_EQ(std::ranges::count(frame.pieces, records), 2);
  const std::string bytes = Bytes(frame);
  EXPECT_EQ(static_cast<int64_t>(bytes.size()), frame.size());
  EXPECT_EQ(bytes, Framed(std::string_view(bytes).substr(4)));  // the length at its front is right
  FetchLogResponse response;
  ASSERT_TRUE(response.ParseFromString(bytes.substr(9)));
  ASSERT_EQ(response.tables_resp(0).buckets_resp_size(), 2);
  EXPECT_EQ(response.tables_resp(0).buckets_resp(1).records(), records->ToString());
  EXPECT_EQ(response.tables_resp(0).buckets_resp(1).high_watermark(), 300);
}

}  // namespace
}  // namespace weir::wire
