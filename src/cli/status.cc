#include <fmt/format.h>
#include <sys/stat.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>

#include "cli/cluster_login.h"
#include "cli/command.h"
#include "cli/database.h"
#include "cli/text.h"
#include "gateway/embedded/catalog_keys.h"
#include "storage/catalog_log.h"
#include "storage/file.h"
#include "types/whole_file.h"

namespace weir {
namespace {

using Json = nlohmann::ordered_json;

struct StatusOptions {
  std::string target;
  std::string user;
  bool json = false;
};

/// A process, as /proc has it.
struct ProcessView {
  int64_t pid = 0;
  std::string command;
  int64_t resident_bytes = 0;
  int64_t most_resident_bytes = 0;
  int64_t threads = 0;
  int64_t open_files = 0;
};

int64_t NumberIn(const std::string& text, const std::string& name) {
  const size_t at = text.find("\n" + name + ":");
  return at == std::string::npos ? 0 : std::strtoll(text.c_str() + at + name.size() + 2, nullptr, 10);
}

ProcessView LookAt(int64_t pid) {
  const std::filesystem::path place = std::filesystem::path("/proc") / std::to_string(pid);
  ProcessView view;
  view.pid = pid;
  view.command = ReadWholeFile(place / "cmdline").value_or("");
  std::ranges::replace(view.command, '\0', ' ');
  while (view.command.ends_with(' ')) view.command.pop_back();
  const std::string status = ReadWholeFile(place / "status").value_or("");
  view.resident_bytes = NumberIn(status, "VmRSS") << 10;
  view.most_resident_bytes = NumberIn(status, "VmHWM") << 10;
  view.threads = NumberIn(status, "Threads");
  std::error_code error;
  for (std::filesystem::directory_iterator it(place / "fd", error), end; !error && it != end; it.increment(error)) {
    ++view.open_files;
  }
  return view;
}

/// The process that has the database open for writing; nothing when none has. By the system's list of locks: to try the
/// lock would be in the way of who opens the database just then. A line is
/// "7: FLOCK  ADVISORY  WRITE 1234 fe:00:5310694 0 EOF".
std::optional<int64_t> OwnerOf(const std::filesystem::path& directory) {
  struct stat lock {};
  if (::stat((directory / "LOCK").c_str(), &lock) != 0) return {};
  std::istringstream lines(ReadWholeFile("/proc/locks").value_or(""));
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string number, kind, advisory, access, place;
    int64_t pid = 0;
    words >> number >> kind >> advisory >> access >> pid >> place;
    if (kind != "FLOCK" || access != "WRITE" || !place.ends_with(":" + std::to_string(lock.st_ino))) continue;
    if (const auto owner = ReadWholeFile(directory / "LOCK"); owner == std::to_string(pid) + "\n") return pid;
  }
  return {};
}

struct DirectoryView {
  int format = 0;
  std::optional<ProcessView> owner;
  int64_t databases = 0;
  int64_t tables = 0;
  int64_t partitions = 0;
  int64_t log_bytes = 0;
  int64_t row_store_bytes = 0;
  int64_t other_bytes = 0;
};

void AddSizes(const std::filesystem::path& directory, DirectoryView* view) {
  std::error_code error;
  using Iterator = std::filesystem::recursive_directory_iterator;
  for (Iterator it(directory, std::filesystem::directory_options::skip_permission_denied, error), end;
       !error && it != end; it.increment(error)) {
    std::error_code gone;
    if (!it->is_regular_file(gone) || gone) continue;
    const uintmax_t size = it->file_size(gone);
    if (gone) continue;
    const std::string part = it->path().lexically_relative(directory).begin()->string();
    (part == "log"  ? view->log_bytes
     : part == "kv" ? view->row_store_bytes
                    : view->other_bytes) += static_cast<int64_t>(size);
  }
}

/// By the copy of the catalog, which can be read beside its owner: it may lack what is being changed just now.
Status CountTables(const std::filesystem::path& directory, DirectoryView* view) {
  std::map<std::string, bool> there;
  const auto count = [&](int64_t, const std::vector<KvChange>& changes) {
    for (const KvChange& change : changes) there[change.key] = change.value.has_value();
  };
  WEIR_RETURN_NOT_OK(CatalogLog::Read((directory / "catalog").string(), /*read_base=*/true, count).status());
  for (const auto& [key, exists] : there) {
    if (!exists) continue;
    view->databases += key.starts_with(DatabaseKey("")) ? 1 : 0;
    view->tables += key.starts_with(kPathPrefix) ? 1 : 0;
    view->partitions += key.starts_with(kPartitionIdPrefix) ? 1 : 0;
  }
  return Status::OK();
}

Result<DirectoryView> LookAtDirectory(const std::filesystem::path& directory) {
  DirectoryView view;
  WEIR_ASSIGN_OR_RETURN(const auto format, ReadFileIfExists((directory / "FORMAT").string()));
  if (format) std::from_chars(format->data(), format->data() + format->size(), view.format);
  const std::optional<int64_t> owner = OwnerOf(directory);
  if (owner) view.owner = LookAt(*owner);
  WEIR_RETURN_NOT_OK(CountTables(directory, &view));
  AddSizes(directory, &view);
  return view;
}

Json JsonOf(const DirectoryView& view, const std::string& directory) {
  Json json{{"version", WEIR_VERSION}, {"directory", directory}, {"format", view.format}, {"process", nullptr}};
  if (view.owner) {
    json["process"] = {{"pid", view.owner->pid},
                       {"command", view.owner->command},
                       {"resident_bytes", view.owner->resident_bytes},
                       {"most_resident_bytes", view.owner->most_resident_bytes},
                       {"threads", view.owner->threads},
                       {"open_files", view.owner->open_files}};
  }
  json.update({{"databases", view.databases},
               {"tables", view.tables},
               {"partitions", view.partitions},
               {"log_bytes", view.log_bytes},
               {"row_store_bytes", view.row_store_bytes},
               {"other_bytes", view.other_bytes}});
  return json;
}

void Print(const DirectoryView& view, const std::string& directory) {
  fmt::print("weir        {}\ndatabase    {}, storage format {}\n", WEIR_VERSION, directory, view.format);
  if (view.owner) {
    fmt::print("open in     process {}: {}\n", view.owner->pid, view.owner->command);
    fmt::print("memory      {} resident, {} at most\n", ByteText(view.owner->resident_bytes),
               ByteText(view.owner->most_resident_bytes));
    fmt::print("            {}, {}\n", Counted(view.owner->threads, "thread"),
               Counted(view.owner->open_files, "open file"));
  } else {
    fmt::print("open in     no process\n");
  }
  fmt::print("holds       {}, {}, {}\n", Counted(view.databases, "database"), Counted(view.tables, "table"),
             Counted(view.partitions, "partition"));
  fmt::print("on disk     {} of logs, {} of rows and catalog, {} beside\n", ByteText(view.log_bytes),
             ByteText(view.row_store_bytes), ByteText(view.other_bytes));
}

/// Of a server, or a cluster, what its clients may know.
Status PrintServers(const StatusOptions& options) {
  WEIR_ASSIGN_OR_RETURN(const std::shared_ptr<Gateway> gateway, OpenServers(options.target, options.user));
  WEIR_ASSIGN_OR_RETURN(const std::vector<std::string> databases, Await(gateway->ListDatabases()));
  int64_t tables = 0;
  for (const std::string& database : databases) {
    WEIR_ASSIGN_OR_RETURN(const std::vector<std::string> names, Await(gateway->ListTables(database)));
    tables += static_cast<int64_t>(names.size());
  }
  const char* const kind = gateway->is_weir_server() ? "weir server" : "Apache Fluss";
  if (options.json) {
    const Json json{{"version", WEIR_VERSION}, {"server", options.target}, {"kind", kind},
                    {"databases", databases.size()}, {"tables", tables}};
    fmt::print("{}\n", json.dump(2));
  } else {
    fmt::print("weir        {}\nserver      {}, {}\nholds       {}, {}\n", WEIR_VERSION, options.target, kind,
               Counted(static_cast<int64_t>(databases.size()), "database"), Counted(tables, "table"));
  }
  return gateway->Close();
}

Status RunStatus(const StatusOptions& options) {
  std::error_code error;
  const bool is_there = std::filesystem::exists(options.target, error);
  const bool is_address = !is_there && options.target.find(':') != std::string::npos;
  if (is_address) return PrintServers(options);
  WEIR_RETURN_NOT_OK(RequireDatabase(options.target));
  WEIR_ASSIGN_OR_RETURN(const DirectoryView view, LookAtDirectory(options.target));
  if (options.json) {
    fmt::print("{}\n", JsonOf(view, options.target).dump(2, ' ', false, Json::error_handler_t::replace));
  } else {
    Print(view, options.target);
  }
  return Status::OK();
}

}  // namespace

void AddStatus(CLI::App& app, Action* action) {
  CLI::App* command = app.add_subcommand(
      "status", "Tells of a database which process has it open, and what it holds; of a server what it serves.");
  const auto options = std::make_shared<StatusOptions>();
  command->add_option("target", options->target, "Database directory, or HOST:PORT of a server of the Fluss protocol")
      ->required()
      ->type_name("DIR|HOST:PORT");
  command->add_option("--connect-user", options->user,
                      "Whom to log in as at a server, with the password in WEIR_CLUSTER_PASSWORD")
      ->type_name("NAME");
  command->add_flag("--json", options->json, "Prints JSON");
  command->callback([options, action] { *action = [options] { return RunStatus(*options); }; });
}

}  // namespace weir
