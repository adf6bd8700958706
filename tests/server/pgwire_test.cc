#include "tests/server/pgwire_testing.h"

#include <random>
#include <thread>

namespace weir::pgwire {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class PgWireTest : public ::testing::Test {
 protected:
  void Serve(PgServerOptions options = {}) {
    options.listen = {"127.0.0.1", 0};
    auto server = PgServer::Start(database_, options);
    ASSERT_TRUE(server.ok()) << server.status().ToString();
    server_ = server.MoveValue();
  }
  void SetUp() override { Serve(); }

  int port() const { return server_->address().port; }
  std::unique_ptr<PgClient> Connect() {
    auto client = std::make_unique<PgClient>(port());
    client->Login();
    database_->journal.Take();
    return client;
  }
  Journal& journal() { return database_->journal; }
  void WaitFor(const std::string& line) {
    for (int i = 0; i < 6000; ++i) {
      if (std::ranges::count(journal().Take(), line) > 0) return;
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    FAIL() << "no '" << line << "'";
  }

  std::shared_ptr<FakeDatabase> database_ = std::make_shared<FakeDatabase>();
  std::unique_ptr<PgServer> server_;
};

// --- start-up ---

TEST_F(PgWireTest, StartUpTellsWhatClientsNeed) {
  PgClient client(port());
  client.SendStartup(
      {{"user", "ada"}, {"database", "fluss"}, {"options", "-c a=1 --b=x\\ y"}, {"application_name", "test"}});
  const auto all = client.ReceiveAll();
  EXPECT_EQ(all.front(), "R 0");
  EXPECT_EQ(all.back(), "Z I");
  for (const char* status :
       {"S server_version=14.0", "S client_encoding=UTF8", "S DateStyle=ISO, MDY", "S TimeZone=UTC",
        "S integer_datetimes=on", "S standard_conforming_strings=on", "S is_superuser=on"}) {
    EXPECT_THAT(all, Contains(status));
  }
  EXPECT_NE(client.process_id, 0);
  EXPECT_THAT(journal().Take(), ElementsAre("ada@fluss a=1 b=x y application_name=test", "connect"));
}

TEST_F(PgWireTest, EncryptionIsDeclined) {
  PgClient client(port());
  client.SendPacket(Int32(1234 << 16 | 5680));
  EXPECT_EQ(client.ReceiveByte(), 'N');
  client.SendPacket(Int32(1234 << 16 | 5679));
  EXPECT_EQ(client.ReceiveByte(), 'N');
  client.Login();
}

TEST_F(PgWireTest, NewerMinorVersionsAndOptionsAreNegotiated) {
  PgClient client(port());
  client.SendStartup({{"user", "ada"}, {"_pq_.shiny", "1"}}, 3 << 16 | 2);
  EXPECT_EQ(client.Receive(), "v \\00\\03\\00\\00\\00\\00\\00\\01_pq_.shiny\\00");
  EXPECT_EQ(client.ReceiveAll().back(), "Z I");
}

TEST_F(PgWireTest, StartUpErrorsAreFatal) {
  const auto answer = [&](const std::vector<std::pair<std::string, std::string>>& parameters,
                          int32_t version = 3 << 16) {
    PgClient client(port());
    client.SendStartup(parameters, version);
    return client.ReceiveAll();
  };
  EXPECT_THAT(answer({{"user", "a"}, {"database", "missing"}}),
              ElementsAre("E FATAL 3D000 database \"missing\" does not exist", "closed"));
  EXPECT_THAT(answer({{"database", "fluss"}}),
              ElementsAre(StartsWith("E FATAL 28000 no PostgreSQL user name"), "closed"));
  EXPECT_THAT(answer({{"user", "a"}}, 2 << 16),
              ElementsAre(StartsWith("E FATAL 0A000 unsupported frontend protocol 2.0"), "closed"));
  EXPECT_THAT(answer({{"user", "a"}, {"replication", "database"}}), ElementsAre(StartsWith("E FATAL 0A000"), "closed"));
  EXPECT_THAT(answer({{"user", "a"}, {"options", "what"}}), ElementsAre(StartsWith("E FATAL 42601"), "closed"));
}

TEST_F(PgWireTest, SessionsAreLimited) {
  Serve({.max_sessions = 2});
  auto first = Connect();
  {
    auto second = Connect();
    PgClient third(port());
    third.SendStartup({{"user", "a"}});
    EXPECT_THAT(third.ReceiveAll(), ElementsAre("E FATAL 53300 sorry, too many clients already", "closed"));
    second->Send('X');
    EXPECT_EQ(second->Receive(), "closed");
  }
  WaitFor("disconnect");
  // The place is free a moment after the session is gone.
  for (int i = 0; i < 12000; ++i) {
    PgClient again(port());
    again.SendStartup({{"user", "a"}});
    if (again.ReceiveAll().back() == "Z I") return;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  FAIL() << "no place became free";
}

TEST_F(PgWireTest, WhoSaysNothingIsClosed) {
  Serve({.startup_timeout = std::chrono::milliseconds(50)});
  PgClient client(port());
  client.SendRaw("\0");
  EXPECT_EQ(client.Receive(), "closed");
}

// --- the simple protocol ---

TEST_F(PgWireTest, SimpleQuery) {
  auto client = Connect();
  EXPECT_THAT(client->Ask(PgClient::Query("rows 4")),
              ElementsAre("T i:23", "D 0", "D 1", "D 2", "D 3", "C SELECT 4", "Z I"));
  EXPECT_THAT(client->Ask(PgClient::Query("rows 0")), ElementsAre("T i:23", "C SELECT 0", "Z I"));
  EXPECT_THAT(client->Ask(PgClient::Query(" ")), ElementsAre("I", "Z I"));
  EXPECT_THAT(client->Ask(PgClient::Query("insert")), ElementsAre("C INSERT 0 1", "Z I"));
  EXPECT_THAT(journal().Take(), ElementsAre("rows 4", "rows 0", "insert"));
}

TEST_F(PgWireTest, ErrorsHaveAllFields) {
  auto client = Connect();
  EXPECT_THAT(client->Ask(PgClient::Query("fail 23505")),
              ElementsAre("E ERROR 23505 it failed D=a detail H=a hint P=6 s=s t=t c=c n=n", "Z I"));
  EXPECT_THAT(client->Ask(PgClient::Query("break 1")),
              ElementsAre("T i:23", "D 0", "E ERROR 22012 division by zero", "Z I"));
  EXPECT_THAT(client->Ask(PgClient::Query("unparsable")), ElementsAre("E ERROR 42601 syntax error P=1", "Z I"));
  EXPECT_THAT(client->Ask(PgClient::Query("rows 1 \xff")), ElementsAre(StartsWith("E ERROR 22021"), "Z I"));
}

TEST_F(PgWireTest, NoticesComeBeforeTheTag) {
  auto client = Connect();
  EXPECT_THAT(client->Ask(PgClient::Query("notice hello")), ElementsAre("N NOTICE 00000 hello", "C DO", "Z I"));
}

TEST_F(PgWireTest, ChangedParametersAreReported) {
  auto client = Connect();
  EXPECT_THAT(client->Ask(PgClient::Query("set TimeZone Europe/Berlin")),
              ElementsAre("C SET", "S TimeZone=Europe/Berlin", "Z I"));
  EXPECT_THAT(client->Ask(PgClient::Query("set work_mem 1")), ElementsAre("C SET", "Z I"));
}

TEST_F(PgWireTest, AScriptIsOneTransaction) {
  auto client = Connect();
  EXPECT_THAT(client->Ask(PgClient::Query("insert a; insert b")), ElementsAre("C INSERT 0 1", "C INSERT 0 1", "Z I"));
  EXPECT_THAT(journal().Take(), ElementsAre("BEGIN", "insert a", "insert b", "COMMIT"));
  EXPECT_THAT(client->Ask(PgClient::Query("insert a; fail 42P01; insert b")),
              ElementsAre("C INSERT 0 1", HasSubstr("P=16"), "Z I"));  // in characters of the whole script
  EXPECT_THAT(journal().Take(), ElementsAre("BEGIN", "insert a", "fail 42P01", "ROLLBACK"));
}

TEST_F(PgWireTest, AScriptWhoseCommitFailsHasNoTag) {
  auto client = Connect();
  EXPECT_THAT(client->Ask(PgClient::Query("insert a; fail-commit")),
              ElementsAre("C INSERT 0 1", "E ERROR 40001 could not serialize access", "Z I"));
}

TEST_F(PgWireTest, TransactionCommandsInsideOfScripts) {
  auto client = Connect();
  EXPECT_THAT(client->Ask(PgClient::Query("begin; insert a")), ElementsAre("C BEGIN", "C INSERT 0 1", "Z T"));
  EXPECT_THAT(client->Ask(PgClient::Query("insert b; commit; insert c; insert d")),
              ElementsAre("C INSERT 0 1", "C COMMIT", "C INSERT 0 1", "C INSERT 0 1", "Z I"));
  EXPECT_THAT(journal().Take(),
              ElementsAre("begin", "insert a", "insert b", "commit", "BEGIN", "insert c", "insert d", "COMMIT"));
  EXPECT_THAT(client->Ask(PgClient::Query("insert a; begin; insert b")),
              ElementsAre("C INSERT 0 1", "C BEGIN", "C INSERT 0 1", "Z T"));
  EXPECT_THAT(journal().Take(), ElementsAre("BEGIN", "insert a", "insert b"));
  EXPECT_THAT(client->Ask(PgClient::Query("rollback")), ElementsAre("C ROLLBACK", "Z I"));
  EXPECT_THAT(client->Ask(PgClient::Query("insert a; commit")),
              ElementsAre("C INSERT 0 1", "N WARNING 25P01 there is no transaction in progress", "C COMMIT", "Z I"));
  EXPECT_THAT(client->Ask(PgClient::Query("insert a; savepoint s")),
              ElementsAre("C INSERT 0 1", "E ERROR 25P01 SAVEPOINT can only be used in transaction blocks", "Z I"));
}

TEST_F(PgWireTest, AnErrorFailsTheTransaction) {
  auto client = Connect();
  EXPECT_THAT(client->Ask(PgClient::Query("begin")), ElementsAre("C BEGIN", "Z T"));
  EXPECT_THAT(client->Ask(PgClient::Query("fail 22012")), ElementsAre(StartsWith("E ERROR 22012"), "Z E"));
  EXPECT_THAT(client->Ask(PgClient::Query("rows 1")), ElementsAre(StartsWith("E ERROR 25P02"), "Z E"));
  EXPECT_THAT(client->Ask(PgClient::Query("commit")), ElementsAre("C ROLLBACK", "Z I"));
}

TEST_F(PgWireTest, ManyRows) {
  auto client = Connect();
  const auto all = client->Ask(PgClient::Query("rows 50000"));
  ASSERT_EQ(all.size(), 50003U);
  EXPECT_EQ(all[50000], "D 49999");
}

// --- the extended protocol ---

TEST_F(PgWireTest, ParseBindDescribeExecute) {
  auto client = Connect();
  const auto all = client->Ask(PgClient::Parse("", "echo a b", {23, 0}) + PgClient::Describe('S', "") +
                               PgClient::Bind("", "", {"7", std::nullopt}) + PgClient::Describe('P', "") +
                               PgClient::Execute("") + PgClient::Sync());
  EXPECT_THAT(all, ElementsAre("1", "t 23 0", "T a:25 b:25", "2", "T a:25 b:25", "D 7|NULL", "C SELECT 1", "Z I"));
  EXPECT_THAT(journal().Take(), ElementsAre("echo a b <7> <NULL>"));
}

TEST_F(PgWireTest, BinaryParametersAndResults) {
  auto client = Connect();
  EXPECT_THAT(
      client->Ask(PgClient::Parse("", "echo a b", {23, 25}) + PgClient::Bind("", "", {Int32(-7), "x"}, {1, 0}, {0, 1}) +
                  PgClient::Describe('P', "") + PgClient::Execute("") + PgClient::Sync()),
      ElementsAre("1", "2", "T a:25 b:25b", "D -7|x", "C SELECT 1", "Z I"));
  EXPECT_THAT(client->Ask(PgClient::Parse("", "rows 2") + PgClient::Bind("", "", {}, {}, {1}) + PgClient::Execute("") +
                          PgClient::Sync()),
              ElementsAre("1", "2", "D \\00\\00\\00\\00", "D \\00\\00\\00\\01", "C SELECT 2", "Z I"));
}

TEST_F(PgWireTest, CursorsAreDescribedAsPortals) {
  auto client = Connect();
  EXPECT_THAT(client->Ask(PgClient::Describe('P', "cursor") + PgClient::Sync()), ElementsAre("T i:23", "Z I"));
  EXPECT_THAT(client->Ask(PgClient::Describe('P', "none") + PgClient::Sync()),
              ElementsAre("E ERROR 34000 portal \"none\" does not exist", "Z I"));
}

TEST_F(PgWireTest, NamedStatementsStayAndPortalsEnd) {
  auto client = Connect();
  EXPECT_THAT(client->Ask(PgClient::Parse("s", "echo a") + PgClient::Sync()), ElementsAre("1", "Z I"));
  EXPECT_THAT(client->Ask(PgClient::Bind("p", "s", {"1"}) + PgClient::Execute("p") + PgClient::Sync()),
              ElementsAre("2", "D 1", "C SELECT 1", "Z I"));
  EXPECT_THAT(client->Ask(PgClient::Execute("p") + PgClient::Sync()),
              ElementsAre("E ERROR 34000 portal \"p\" does not exist", "Z I"));
  EXPECT_THAT(client->Ask(PgClient::Parse("s", "echo b") + PgClient::Sync()),
              ElementsAre("E ERROR 42P05 prepared statement \"s\" already exists", "Z I"));
  EXPECT_THAT(client->Ask(PgClient::Close('S', "s") + PgClient::Close('S', "s") + PgClient::Parse("s", "insert") +
                          PgClient::Describe('S', "s") + PgClient::Sync()),
              ElementsAre("3", "3", "1", "t", "n", "Z I"));
  EXPECT_THAT(client->Ask(PgClient::Query("deallocate s")), ElementsAre("C DEALLOCATE", "Z I"));
  EXPECT_THAT(client->Ask(PgClient::Query("deallocate s")), ElementsAre(StartsWith("E ERROR 26000"), "Z I"));
  EXPECT_THAT(client->Ask(PgClient::Query("discard")), ElementsAre("C DISCARD ALL", "Z I"));
  EXPECT_THAT(client->Ask(PgClient::Parse("s", "echo a") + PgClient::Sync()), ElementsAre("1", "Z I"));
}

TEST_F(PgWireTest, ErrorsSkipToSync) {
  auto client = Connect();
  EXPECT_THAT(
      client->Ask(PgClient::Parse("", "fail 22012") + PgClient::Bind("", "") + PgClient::Execute("") +
                  PgClient::Parse("", "rows 1") + PgClient::Bind("", "") + PgClient::Execute("") + PgClient::Sync()),
      ElementsAre("1", "2", StartsWith("E ERROR 22012"), "Z I"));
  EXPECT_THAT(client->Ask(PgClient::Query("rows 1")), ElementsAre("T i:23", "D 0", "C SELECT 1", "Z I"));
}

TEST_F(PgWireTest, WrongBinds) {
  auto client = Connect();
  const auto bind = [&](const std::string& message) {
    return client->Ask(PgClient::Parse("", "echo a", {23}) + message + PgClient::Sync())[1];
  };
  EXPECT_EQ(bind(PgClient::Bind("", "", {"1", "2"})),
            "E ERROR 08P01 bind message supplies 2 parameters, but prepared statement \"\" requires 1");
  EXPECT_EQ(bind(PgClient::Bind("", "", {"1"}, {0, 0})),
            "E ERROR 08P01 bind message has 2 parameter formats but 1 parameters");
  EXPECT_EQ(bind(PgClient::Bind("", "", {"1"}, {}, {0, 0})),
            "E ERROR 08P01 bind message has 2 result formats but query has 1 columns");
  EXPECT_EQ(bind(PgClient::Bind("", "", {"1"}, {2})), "E ERROR 22023 unsupported format code: 2");
  EXPECT_THAT(bind(PgClient::Bind("", "", {"123"}, {1})), StartsWith("E ERROR 08P01"));
  EXPECT_THAT(bind(PgClient::Bind("", "", {"\xff"})), StartsWith("E ERROR 22021"));
  EXPECT_THAT(bind(PgClient::Bind("", "nobody")), StartsWith("E ERROR 26000 prepared statement \"nobody\""));
}

TEST_F(PgWireTest, RowLimitsSuspendPortals) {
  auto client = Connect();
  EXPECT_THAT(client->Ask(PgClient::Query("begin")), ElementsAre("C BEGIN", "Z T"));
  EXPECT_THAT(client->Ask(PgClient::Parse("", "rows 5") + PgClient::Bind("p", "") + PgClient::Execute("p", 2) +
                          PgClient::Sync()),
              ElementsAre("1", "2", "D 0", "D 1", "s", "Z T"));
  // Another statement runs meanwhile.
  EXPECT_THAT(client->Ask(PgClient::Query("rows 1")), ElementsAre("T i:23", "D 0", "C SELECT 1", "Z T"));
  EXPECT_THAT(client->Ask(PgClient::Execute("p", 2) + PgClient::Sync()), ElementsAre("D 2", "D 3", "s", "Z T"));
  EXPECT_THAT(client->Ask(PgClient::Execute("p", 2) + PgClient::Sync()), ElementsAre("D 4", "C SELECT 1", "Z T"));
  EXPECT_THAT(client->Ask(PgClient::Execute("p", 2) + PgClient::Sync()), ElementsAre("C SELECT 0", "Z T"));
  EXPECT_THAT(client->Ask(PgClient::Bind("p", "") + PgClient::Sync()), ElementsAre(StartsWith("E ERROR 26000"), "Z E"));
  EXPECT_THAT(client->Ask(PgClient::Query("rollback")), ElementsAre("C ROLLBACK", "Z I"));
  EXPECT_THAT(client->Ask(PgClient::Execute("p") + PgClient::Sync()), ElementsAre(StartsWith("E ERROR 34000"), "Z I"));
}

TEST_F(PgWireTest, WhatIsSentBeforeSyncIsOneTransaction) {
  auto client = Connect();
  const std::string run = PgClient::Bind("", "s") + PgClient::Execute("");
  EXPECT_THAT(client->Ask(PgClient::Parse("s", "insert") + run + run + PgClient::Sync()),
              ElementsAre("1", "2", "C INSERT 0 1", "2", "C INSERT 0 1", "Z I"));
  EXPECT_THAT(journal().Take(), ElementsAre("BEGIN", "insert", "insert", "COMMIT"));
  EXPECT_THAT(client->Ask(run + PgClient::Bind("", "s", {"1"}) + PgClient::Sync()),
              ElementsAre("2", "C INSERT 0 1", StartsWith("E ERROR 08P01"), "Z I"));
  EXPECT_THAT(journal().Take(), ElementsAre("BEGIN", "insert", "ROLLBACK"));
  EXPECT_THAT(client->Ask(run + PgClient::Sync()), ElementsAre("2", "C INSERT 0 1", "Z I"));
  EXPECT_THAT(journal().Take(), ElementsAre("insert"));
}

TEST_F(PgWireTest, EmptyStatementsAndFlush) {
  auto client = Connect();
  client->SendRaw(PgClient::Parse("", " ; ") + PgClient::Describe('S', "") + PgClient::Bind("", "") +
                  PgClient::Execute("") + PgClient::Message('H', ""));
  for (const char* expected : {"1", "t", "n", "2", "I"}) EXPECT_EQ(client->Receive(), expected);
  EXPECT_THAT(client->Ask(PgClient::Sync()), ElementsAre("Z I"));
}

TEST_F(PgWireTest, FunctionCallsAreRefused) {
  auto client = Connect();
  EXPECT_THAT(client->Ask(PgClient::Message('F', "whatever")), ElementsAre(StartsWith("E ERROR 0A000"), "Z I"));
}

// --- COPY ---

TEST_F(PgWireTest, CopyToTheClient) {
  auto client = Connect();
  EXPECT_THAT(client->Ask(PgClient::Query("copyout")),
              ElementsAre("H \\00\\00\\01\\00\\00", "d 0\\0a", "d 1\\0a", "c", "C COPY 2", "Z I"));
  EXPECT_THAT(client->Ask(PgClient::Query("copyout binary")),
              ElementsAre("H \\01\\00\\01\\00\\01", "d 0\\0a", "d 1\\0a", "c", "C COPY 2", "Z I"));
  EXPECT_THAT(client->Ask(PgClient::Query("copyout fails")),
              ElementsAre("H \\00\\00\\01\\00\\00", "d 0\\0a", "d 1\\0a", "E ERROR 22012 division by zero", "Z I"));
}

TEST_F(PgWireTest, CopyFromTheClient) {
  auto client = Connect();
  client->SendRaw(PgClient::Query("copyin binary"));
  EXPECT_EQ(client->Receive(), "G \\01\\00\\02\\00\\01\\00\\01");
  client->SendRaw(PgClient::Message('d', "1") + PgClient::Message('H', "") + PgClient::Sync() +
                  PgClient::Message('d', "2") + PgClient::Message('c', ""));
  EXPECT_THAT(client->ReceiveAll(), ElementsAre("C COPY 2", "Z I"));
  EXPECT_THAT(journal().Take(), ElementsAre("copyin binary", "data 1", "data 2", "finish", "copy ends"));
}

TEST_F(PgWireTest, CopyThatFailsEndsBeforeItIsTold) {
  auto client = Connect();
  const auto copy = [&](const std::string& messages) {
    client->SendRaw(PgClient::Query("copyin"));
    EXPECT_EQ(client->Receive()[0], 'G');
    auto all = client->Ask(messages);
    EXPECT_EQ(journal().Take().back(), "copy ends");
    return all;
  };
  EXPECT_THAT(copy(PgClient::Message('d', "bad")), ElementsAre("E ERROR 22P04 it is bad W=COPY t, line 1", "Z I"));
  EXPECT_THAT(copy(PgClient::Message('f', CString("no more"))),
              ElementsAre("E ERROR 57014 COPY from stdin failed: no more", "Z I"));
  EXPECT_THAT(copy(PgClient::Query("rows 1")),
              ElementsAre("E ERROR 08P01 unexpected message type 0x51 during COPY from stdin", "Z I"));
  // What the client had sent already is dropped.
  EXPECT_THAT(client->Ask(PgClient::Message('d', "4,5\n") + PgClient::Message('c', "") + PgClient::Query("rows 0")),
              ElementsAre("T i:23", "C SELECT 0", "Z I"));
}

TEST_F(PgWireTest, CopyOfALostClientEnds) {
  auto client = Connect();
  client->SendRaw(PgClient::Query("copyin"));
  EXPECT_EQ(client->Receive()[0], 'G');
  client->SendRaw(PgClient::Message('d', "1"));
  client.reset();
  WaitFor("copy ends");
}

TEST_F(PgWireTest, CopyInTheExtendedProtocol) {
  auto client = Connect();
  client->SendRaw(PgClient::Parse("", "copyin") + PgClient::Bind("", "") + PgClient::Describe('P', "") +
                  PgClient::Execute("") + PgClient::Message('H', ""));
  EXPECT_EQ(client->Receive(), "1");
  EXPECT_EQ(client->Receive(), "2");
  EXPECT_EQ(client->Receive(), "n");
  EXPECT_EQ(client->Receive()[0], 'G');
  EXPECT_THAT(client->Ask(PgClient::Message('d', "1") + PgClient::Message('c', "") + PgClient::Sync()),
              ElementsAre("C COPY 2", "Z I"));
  // An error drops everything up to Sync.
  EXPECT_THAT(client->Ask(PgClient::Parse("", "copyin") + PgClient::Bind("", "") + PgClient::Execute("") +
                          PgClient::Message('d', "bad") + PgClient::Message('c', "") + PgClient::Sync()),
              ElementsAre("1", "2", StartsWith("G "), StartsWith("E ERROR 22P04"), "Z I"));
}

// --- cancelling and ending ---

TEST_F(PgWireTest, CancelEndsTheStatement) {
  auto client = Connect();
  client->SendRaw(PgClient::Query("wait"));
  WaitFor("waiting");
  PgClient wrong(port());
  wrong.SendPacket(Int32(1234 << 16 | 5678) + Int32(client->process_id) + Int32(client->secret + 1));
  EXPECT_EQ(wrong.Receive(), "closed");
  PgClient right(port());
  right.SendPacket(Int32(1234 << 16 | 5678) + Int32(client->process_id) + Int32(client->secret));
  EXPECT_EQ(right.Receive(), "closed");
  EXPECT_THAT(client->ReceiveAll(), ElementsAre("E ERROR 57014 canceling statement due to user request", "Z I"));
  EXPECT_THAT(client->Ask(PgClient::Query("rows 0")), ElementsAre("T i:23", "C SELECT 0", "Z I"));
}

TEST_F(PgWireTest, StopTellsClients) {
  auto idle = Connect();
  auto busy = Connect();
  busy->SendRaw(PgClient::Query("wait"));
  WaitFor("waiting");
  server_->Stop();
  EXPECT_THAT(idle->ReceiveAll(),
              ElementsAre("E FATAL 57P01 terminating connection due to administrator command", "closed"));
  EXPECT_THAT(busy->ReceiveAll(),
              ElementsAre("E FATAL 57P01 terminating connection due to administrator command", "closed"));
  EXPECT_THAT(journal().Take(), Contains("disconnect").Times(2));
}

TEST_F(PgWireTest, AStatementWhoseClientIsGoneEnds) {
  auto gone = Connect();
  gone->SendRaw(PgClient::Query("wait"));
  WaitFor("waiting");
  gone.reset();
  WaitFor("disconnect");
}

TEST_F(PgWireTest, TerminateAndHangingUpEndTheSession) {
  Connect()->Send('X');
  WaitFor("disconnect");
  Connect();
  WaitFor("disconnect");
}

// --- malformed input ---

TEST_F(PgWireTest, MalformedMessagesAreFatal) {
  const auto answer = [&](std::string_view bytes) {
    auto client = Connect();
    client->SendRaw(bytes);
    return client->ReceiveAll();
  };
  const auto is_fatal = ElementsAre(StartsWith("E FATAL 08P01"), "closed");
  EXPECT_THAT(answer(PgClient::Message('?', "")), is_fatal);
  EXPECT_THAT(answer(PgClient::Message('Q', "no end")), is_fatal);
  EXPECT_THAT(answer(PgClient::Message('Q', CString("a") + "more")), is_fatal);
  EXPECT_THAT(answer(PgClient::Message('B', CString("") + CString("") + Int16(0) + Int16(1) + Int32(100))), is_fatal);
  EXPECT_THAT(answer(PgClient::Message('B', CString("") + CString("") + Int16(0) + Int16(1) + Int32(-2))), is_fatal);
  EXPECT_THAT(answer(PgClient::Message('P', CString("") + CString("") + Int16(-1))), is_fatal);
  EXPECT_THAT(answer(PgClient::Message('D', "X" + CString(""))), is_fatal);
  EXPECT_THAT(answer("Q" + Int32(3)), is_fatal);
  EXPECT_THAT(answer("Q" + Int32(-1)), is_fatal);
  EXPECT_THAT(answer("Q" + Int32(1 << 30)), is_fatal);
  auto client = Connect();
  EXPECT_THAT(client->Ask(PgClient::Query("rows 0")), ElementsAre("T i:23", "C SELECT 0", "Z I"));
}

TEST_F(PgWireTest, MalformedStartUpIsFatal) {
  const auto answer = [&](std::string_view bytes) {
    PgClient client(port());
    client.SendRaw(bytes);
    return client.ReceiveAll();
  };
  const auto is_fatal = ElementsAre(StartsWith("E FATAL 08P01"), "closed");
  EXPECT_THAT(answer("GET / HTTP/1.1\r\n\r\n"), is_fatal);
  EXPECT_THAT(answer(Int32(4)), is_fatal);
  EXPECT_THAT(answer(Int32(-5)), is_fatal);
  EXPECT_THAT(answer(Int32(14) + Int32(3 << 16) + "userxx"), is_fatal);
  EXPECT_THAT(answer(Int32(12) + Int32(1234 << 16 | 5678) + Int32(1)), is_fatal);
}

TEST_F(PgWireTest, RandomBytesBringNothingDown) {
  std::mt19937 random(42);
  for (int round = 0; round < 50; ++round) {
    PgClient client(port());
    if (round % 2 == 0) client.Login();
    std::string bytes;
    for (int i = 0; i < 400; ++i) bytes.push_back(static_cast<char>(random()));
    if (round % 2 == 0) bytes = std::string(1, "QPBDEC"[round % 6]) + Int32(404) + bytes;
    client.SendRaw(bytes + PgClient::Message('X', ""));
  }
  auto client = Connect();
  EXPECT_THAT(client->Ask(PgClient::Query("rows 0")), ElementsAre("T i:23", "C SELECT 0", "Z I"));
}

}  // namespace
}  // namespace weir::pgwire
