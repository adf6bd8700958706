#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "server/pgwire/channel.h"
#include "server/pgwire/row_sender.h"
#include "sql/session.h"

namespace weir::pgwire {

/// What is said between start-up and the end: the simple and the extended query protocol of one session.
class Conversation {
 public:
  Conversation(sql::Session& session, Channel& channel) : session_(session), channel_(channel) {}

  /// Tells that the session is ready, then answers until the client leaves. An error is one after which
  /// nothing that the client sends can be made sense of.
  Status Run();

 private:
  /// Null: an empty text.
  using PreparedPtr = std::shared_ptr<sql::PreparedStatement>;
  struct Portal {
    PreparedPtr prepared;
    std::vector<sql::ParameterValue> values;
    std::vector<int16_t> formats;
    std::unique_ptr<RowSender> rows;  // once it runs
    bool done = false;
  };

  Status AwaitMessage();

  // The simple protocol.
  void RunScript(std::string_view text);
  enum class Place { kAlone, kBefore, kLast };  // in a script of one statement, of several
  Status RunStatement(const sql::Statement& statement, Place place);
  /// Gives the command tag.
  Result<std::string> SendResult(std::unique_ptr<sql::QueryResult> result);

  // The extended protocol; an error makes it skip what comes before Sync.
  Status Handle(const FrontendMessage& message);
  Status Parse(const ParseMessage& message);
  Status Bind(const BindMessage& message);
  Status Describe(const DescribeMessage& message);
  Status Execute(const ExecuteMessage& message);
  Status StartPortal(Portal* portal);
  Status Close(const CloseMessage& message);
  void Sync();
  Result<PreparedPtr> FindStatement(std::string_view name) const;
  Result<Portal*> FindPortal(std::string_view name);
  void DescribeColumns(const PreparedPtr& prepared, const std::vector<int16_t>& formats);

  // Transactions that begin without BEGIN: a script's, or what comes before Sync.
  Status BeginImplicit();
  Status EndImplicit(bool succeeded);
  /// What transaction commands mean inside of one. True when nothing is left to be run.
  Result<bool> TakeControl(const sql::TransactionControl& control);
  Status RunControl(sql::TransactionControl::Kind kind);

  // What the session does not see. Each gives the command tag, or nothing when the statement is none of its own.
  Result<std::string> TakeOwn(const sql::Statement& statement);  // DEALLOCATE and DISCARD: of what is kept here
  Result<std::string> TakeCopy(const sql::Statement& statement);
  /// The session runs one statement at a time: what others have still to send is taken to memory.
  Status DetachPortals();
  Status PrepareToRun(const sql::Statement& statement, const Portal* running);

  void Ready();
  void SendNotices();
  void SendError(const Status& status, int offset = 0);
  void ReportParameters();

  sql::Session& session_;
  Channel& channel_;
  std::map<std::string, PreparedPtr, std::less<>> statements_;
  std::map<std::string, Portal, std::less<>> portals_;
  std::map<std::string, std::string> reported_;
  std::optional<uint64_t> reported_version_;  // of the session's parameters
  bool skip_to_sync_ = false;
  bool implicit_ = false;
};

}  // namespace weir::pgwire
