#pragma once

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <functional>
#include <optional>
#include <string>

#include "tests/gateway/gateway_testing.h"

namespace weir {

inline constexpr const char* kDatabaseOfChild = "WEIR_TEST_DATABASE";
inline constexpr const char* kPipeOfChild = "WEIR_TEST_PIPE";

/// Runs the current test once more in a process of its own (a forked one could not open a
/// database); it finds the path of the database in its environment.
inline pid_t RunAgain(const std::string& database, int write_fd) {
  const auto* test = testing::UnitTest::GetInstance()->current_test_info();
  const std::string filter = std::string("--gtest_filter=") + test->test_suite_name() + "." + test->name();
  const std::string fd = std::to_string(write_fd);
  const pid_t pid = ::fork();
  if (pid != 0) return pid;
  ::setenv(kDatabaseOfChild, database.c_str(), 1);
  ::setenv(kPipeOfChild, fd.c_str(), 1);
  ::execl("/proc/self/exe", "gateway_test", filter.c_str(), static_cast<char*>(nullptr));
  ::_exit(127);
}

/// A process that writes until it is killed; tells how many writes were acknowledged.
class KilledWriter {
 public:
  using Write = std::function<void(const std::string& database, const std::function<void()>& acknowledged)>;

  explicit KilledWriter(const Write& write) {
    if (const char* database = ::getenv(kDatabaseOfChild)) {
      const int fd = std::atoi(::getenv(kPipeOfChild));
      write(database, [fd] { (void)!::write(fd, "a", 1); });
      ::_exit(1);
    }
    int fds[2];
    EXPECT_EQ(::pipe(fds), 0);
    directory_.emplace();
    pid_ = RunAgain(database(), fds[1]);
    ::close(fds[1]);
    read_fd_ = fds[0];
  }

  std::string database() const { return *directory_ / "db"; }

  /// Kills the process after at least `count` acknowledgements; gives how many there were in all.
  int KillAfter(int count) {
    int acknowledged = 0;
    char byte;
    while (acknowledged < count && ::read(read_fd_, &byte, 1) == 1) ++acknowledged;
    EXPECT_EQ(acknowledged, count) << "the writer ended early";
    ::kill(pid_, SIGKILL);
    while (::read(read_fd_, &byte, 1) == 1) ++acknowledged;
    ::close(read_fd_);
    int status = 0;
    ::waitpid(pid_, &status, 0);
    EXPECT_TRUE(WIFSIGNALED(status));
    return acknowledged;
  }

 private:
  std::optional<TempDirectory> directory_;
  pid_t pid_ = -1;
  int read_fd_ = -1;
};

}  // namespace weir
