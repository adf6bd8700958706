#include "server/fluss/fluss_server.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <set>
#include <thread>

#include "tests/server/service_testing.h"

namespace weir {
namespace {

using ::testing::Contains;
using wire::ApiKey;

/// A socket that sends and receives bytes as told.
class RawClient {
 public:
  explicit RawClient(int port) : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
    const timeval limit{.tv_sec = 30, .tv_usec = 0};  // so that a test that fails does not hang
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(static_cast<uint16_t>(port));
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::connect(fd_, reinterpret_cast<const sockaddr*>(&to), sizeof(to)), 0);
  }
  ~RawClient() { Close(); }
  void Close() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
  }

  void Send(std::string_view bytes) {
    ASSERT_EQ(::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL), static_cast<ssize_t>(bytes.size()));
  }
  void SendRequest(ApiKey key, int32_t id, const google::protobuf::MessageLite& message) {
    Send(BytesOf(wire::EncodeRequest({static_cast<int16_t>(key), 0, id}, message)));
  }

  /// The next frame with its length; empty when the server closed the connection.
  std::string Receive() {
    std::string frame = ReceiveBytes(4);
    if (frame.size() < 4) return {};
    uint32_t length = 0;
    for (const char c : frame) length = length << 8 | static_cast<uint8_t>(c);
    return frame + ReceiveBytes(length);
  }
  int32_t ReceiveId() {
    const std::string frame = Receive();
    if (frame.size() < 9) return -1;
    int32_t id = 0;
    for (const char c : frame.substr(5, 4)) id = id << 8 | static_cast<uint8_t>(c);
    return id;
  }
  bool IsClosed() { return Receive().empty(); }

 private:
  std::string ReceiveBytes(size_t size) {
    std::string out(size, 0);
    size_t have = 0;
    while (have < size) {
      const ssize_t got = ::recv(fd_, out.data() + have, size - have, 0);
      if (got <= 0) break;
      have += static_cast<size_t>(got);
    }
    out.resize(have);
    return out;
  }

  int fd_;
};

std::string Length(uint32_t length) {
  std::string out;
  for (int shift = 24; shift >= 0; shift -= 8) out.push_back(static_cast<char>(length >> shift));
  return out;
}

class FlussServerTest : public ::testing::Test {
 protected:
  void Start(FlussServerOptions options = {}) {
    gateway_ = *OpenInMemory("", EmbeddedOptions{});
    options.listen = {"127.0.0.1", 0};
    options.threads = 2;
    auto server = FlussServer::Start(gateway_, options);
    ASSERT_TRUE(server.ok()) << server.status().ToString();
    server_ = server.MoveValue();
  }
  RawClient Connect() { return RawClient(server_->address().port); }

  /// Whether the server answers on a connection of its own.
  bool Serves() {
    RawClient client = Connect();
    client.SendRequest(ApiKey::kListDatabases, 5, wire::ListDatabasesRequest());
    return client.ReceiveId() == 5;
  }

  int64_t CreateTable() {
    const TableDescriptor descriptor{.schema = MakeSchema()};
    EXPECT_TRUE(gateway_->CreateTable({"fluss", "t"}, descriptor, false).Wait().ok());
    return gateway_->GetTableInfo({"fluss", "t"}).Wait()->table_id;
  }
  static wire::FetchLogRequest LongPoll(int64_t table_id, int32_t wait_ms) {
    wire::FetchLogRequest request;
    request.set_follower_server_id(-1);
    request.set_max_bytes(1 << 20);
    request.set_min_bytes(1);
    request.set_max_wait_ms(wait_ms);
    wire::FetchLogReqForTable* table = request.add_tables_req();
    table->set_table_id(table_id);
    table->set_projection_pushdown_enabled(false);
    wire::FetchLogReqForBucket* bucket = table->add_buckets_req();
    bucket->set_bucket_id(0);
    bucket->set_fetch_offset(0);
    bucket->set_max_fetch_bytes(1 << 20);
    return request;
  }

  std::shared_ptr<Gateway> gateway_;
  std::unique_ptr<FlussServer> server_;
};

TEST_F(FlussServerTest, AddressIsTheOneThatTheClientCameInOn) {
  Start();
  RawClient client = Connect();
  client.SendRequest(ApiKey::kGetMetadata, 1, wire::MetadataRequest());
  wire::MetadataResponse response;
  ASSERT_TRUE(response.ParseFromString(client.Receive().substr(9)));
  EXPECT_EQ(response.coordinator_server().host(), "127.0.0.1");
  EXPECT_EQ(response.tablet_servers(0).port(), server_->address().port);
}

TEST_F(FlussServerTest, AdvertisedAddress) {
  FlussServerOptions options;
  options.advertised = {"db.example", 1234};
  Start(options);
  RawClient client = Connect();
  client.SendRequest(ApiKey::kGetMetadata, 1, wire::MetadataRequest());
  wire::MetadataResponse response;
  ASSERT_TRUE(response.ParseFromString(client.Receive().substr(9)));
  EXPECT_EQ(response.coordinator_server().host(), "db.example");
  EXPECT_EQ(response.coordinator_server().port(), 1234);
}

TEST_F(FlussServerTest, ErrorsKeepTheConnection) {
  Start();
  RawClient client = Connect();
  client.SendRequest(static_cast<ApiKey>(4711), 1, wire::ListDatabasesRequest());
  EXPECT_EQ(ParseResponse(client.Receive()).status().code(), ErrorCode::kUnsupportedVersion);
  client.SendRequest(ApiKey::kTableExists, 2, wire::ListDatabasesRequest());  // lacks the table
  EXPECT_EQ(ParseResponse(client.Receive()).status().code(), ErrorCode::kCorruptMessage);
  client.SendRequest(ApiKey::kListDatabases, 3, wire::ListDatabasesRequest());
  EXPECT_EQ(client.ReceiveId(), 3);
}

TEST_F(FlussServerTest, MalformedFramesCloseTheirConnection) {
  FlussServerOptions options;
  options.max_frame_bytes = 1000;
  Start(options);
  for (const std::string& bytes : {Length(1001) + "x", Length(0xffffffff), Length(0), Length(7) + "1234567"}) {
    RawClient client = Connect();
    client.Send(bytes);
    EXPECT_TRUE(client.IsClosed());
    EXPECT_TRUE(Serves());
  }
  RawClient client = Connect();
  client.Send(Length(1000) + std::string(1000, '\xff'));  // large, but a request all the same
  EXPECT_EQ(ParseResponse(client.Receive()).status().code(), ErrorCode::kUnsupportedVersion);
}

TEST_F(FlussServerTest, HalfAFrameAndGone) {
  Start();
  const std::string request =
      BytesOf(wire::EncodeRequest({static_cast<int16_t>(ApiKey::kListDatabases), 0, 9}, wire::ListDatabasesRequest()));
  for (size_t size = 0; size < request.size(); ++size) {
    RawClient client = Connect();
    client.Send(request.substr(0, size));
  }
  EXPECT_TRUE(Serves());
  RawClient slow = Connect();
  for (const char byte : request) slow.Send(std::string(1, byte));
  EXPECT_EQ(slow.ReceiveId(), 9);
}

TEST_F(FlussServerTest, PipelinedRequestsAreAllAnswered) {
  FlussServerOptions options;
  options.max_requests_in_flight = 3;  // far fewer than are sent
  Start(options);
  constexpr int kRequests = 2000;
  std::string all;
  for (int32_t id = 0; id < kRequests; ++id) {
    all += BytesOf(wire::EncodeRequest({static_cast<int16_t>(ApiKey::kListDatabases), 0, id},
                                       wire::ListDatabasesRequest()));
  }
  RawClient client = Connect();
  client.Send(all);
  std::set<int32_t> answered;
  for (int i = 0; i < kRequests; ++i) answered.insert(client.ReceiveId());
  EXPECT_EQ(answered.size(), static_cast<size_t>(kRequests));
  EXPECT_EQ(*answered.begin(), 0);
  EXPECT_EQ(*answered.rbegin(), kRequests - 1);
}

TEST_F(FlussServerTest, LongPollsHoldUpNobodyAndWakeWithData) {
  Start();
  const int64_t table = CreateTable();
  RawClient client = Connect();
  client.SendRequest(ApiKey::kFetchLog, 1, LongPoll(table, 60000));
  client.SendRequest(ApiKey::kListDatabases, 2, wire::ListDatabasesRequest());
  EXPECT_EQ(client.ReceiveId(), 2);
  wire::ProduceLogRequest produce;
  produce.set_acks(-1);
  produce.set_table_id(table);
  produce.set_timeout_ms(1000);
  wire::ProduceLogReqForBucket* bucket = produce.add_buckets_req();
  bucket->set_bucket_id(0);
  bucket->set_records(LogBatch({1})->ToString());
  client.SendRequest(ApiKey::kProduceLog, 3, produce);
  std::set<int32_t> answered = {client.ReceiveId(), client.ReceiveId()};
  EXPECT_EQ(answered, (std::set<int32_t>{1, 3}));
}

TEST_F(FlussServerTest, ReadsNoMoreWhileTooMuchIsUnderWay) {
  FlussServerOptions options;
  options.max_requests_in_flight = 2;
  Start(options);
  const int64_t table = CreateTable();
  RawClient client = Connect();
  client.SendRequest(ApiKey::kFetchLog, 1, LongPoll(table, 300));
  client.SendRequest(ApiKey::kFetchLog, 2, LongPoll(table, 300));
  client.SendRequest(ApiKey::kListDatabases, 3, wire::ListDatabasesRequest());
  EXPECT_NE(client.ReceiveId(), 3);  // only read when one of the polls has ended
  const std::set<int32_t> rest = {client.ReceiveId(), client.ReceiveId()};
  EXPECT_THAT(rest, Contains(3));
}

TEST_F(FlussServerTest, StopAnswersWhatIsUnderWay) {
  FlussServerOptions options;
  options.drain_timeout = std::chrono::milliseconds(50);
  Start(options);
  const int64_t table = CreateTable();
  RawClient client = Connect();
  RawClient idle = Connect();
  client.SendRequest(ApiKey::kFetchLog, 1, LongPoll(table, 60000));
  client.SendRequest(ApiKey::kListDatabases, 2, wire::ListDatabasesRequest());
  EXPECT_EQ(client.ReceiveId(), 2);  // so the poll is under way
  EXPECT_TRUE(server_->Stop().ok());
  EXPECT_TRUE(client.IsClosed() || client.IsClosed());
  EXPECT_TRUE(idle.IsClosed());
  EXPECT_TRUE(server_->Stop().ok());
}

TEST_F(FlussServerTest, ConnectionsAreLimited) {
  FlussServerOptions options;
  options.max_connections = 2;
  Start(options);
  RawClient first = Connect();
  RawClient second = Connect();
  for (RawClient* client : {&first, &second}) {
    client->SendRequest(ApiKey::kListDatabases, 1, wire::ListDatabasesRequest());
    EXPECT_EQ(client->ReceiveId(), 1);
  }
  RawClient third = Connect();
  EXPECT_TRUE(third.IsClosed());
}

TEST_F(FlussServerTest, IdleConnectionsAreClosed) {
  FlussServerOptions options;
  options.idle_timeout = std::chrono::milliseconds(30);
  Start(options);
  RawClient client = Connect();
  EXPECT_TRUE(client.IsClosed());
}

TEST_F(FlussServerTest, AddressesThatCannotBeUsed) {
  Start();
  FlussServerOptions options;
  options.listen = server_->address();
  const auto gateway = *OpenInMemory("", EmbeddedOptions{});
  const auto taken = FlussServer::Start(gateway, options);
  ASSERT_FALSE(taken.ok());
  EXPECT_THAT(taken.status().message(), ::testing::HasSubstr(std::to_string(options.listen.port)));
  options.listen = {"no such host", 0};
  EXPECT_FALSE(FlussServer::Start(gateway, options).ok());
}

TEST_F(FlussServerTest, ManyClientsAtOnce) {
  Start();
  const int64_t table = CreateTable();
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([this, table] {
      RawClient client = Connect();
      for (int32_t id = 0; id < 50; ++id) {
        client.SendRequest(ApiKey::kFetchLog, 2 * id, LongPoll(table, 1));
        client.SendRequest(ApiKey::kGetMetadata, 2 * id + 1, wire::MetadataRequest());
      }
      std::set<int32_t> answered;
      for (int i = 0; i < 100; ++i) answered.insert(client.ReceiveId());
      EXPECT_EQ(answered.size(), 100u);
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace weir
