#include "sql/engine/file_folder.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "sql/error.h"
#include "tests/testing/temp_directory.h"

namespace weir::sql {
namespace {

namespace fs = std::filesystem;

std::string StateOf(const Status& status) { return status.ok() ? "" : FieldsOf(status).sqlstate; }

class FileFolderTest : public testing::Test {
 protected:
  void SetUp() override {
    fs::create_directories(root() / "sub");
    Write(root() / "a.csv");
    Write(root() / "sub" / "b.csv");
    Write(root() / "sub" / ".c.csv");
    Write(fs::path(directory_.path()) / "secret.csv");
    fs::create_symlink(fs::path(directory_.path()) / "secret.csv", root() / "link.csv");
    fs::create_directory_symlink(directory_.path(), root() / "out");
    auto opened = FileFolder::Open(root());
    ASSERT_TRUE(opened.ok()) << opened.status().message();
    folder_ = *opened;
  }

  fs::path root() const { return fs::path(directory_.path()) / "files"; }
  static void Write(const fs::path& path) { std::ofstream(path) << "1\n"; }

  TempDirectory directory_;
  FileFolderPtr folder_;
};

TEST_F(FileFolderTest, ReachesNothingOutside) {
  for (const char* name : {"a.csv", "./sub//b.csv", "sub/./b.csv"}) {
    EXPECT_TRUE(folder_->OpenToRead(name).ok()) << name;
  }
  EXPECT_TRUE(folder_->OpenToRead(folder_->path() + "/a.csv").ok());
  for (const std::string& name : {std::string("../secret.csv"), std::string("sub/../../secret.csv"),
                                  std::string("/etc/passwd"), folder_->path() + "x/a.csv", std::string("link.csv"),
                                  std::string("out/secret.csv")}) {
    EXPECT_EQ(StateOf(folder_->OpenToRead(name).status()), "42501") << name;
  }
  EXPECT_EQ(StateOf(folder_->Create("out/new.csv").status()), "42501");
  EXPECT_EQ(StateOf(folder_->Create("../new.csv").status()), "42501");
  EXPECT_EQ(StateOf(folder_->OpenToRead("nothing.csv").status()), "58P01");
  EXPECT_EQ(StateOf(folder_->OpenToRead("a.csv/b").status()), "58P01");
  EXPECT_EQ(StateOf(folder_->OpenToRead("sub").status()), "42809");
  EXPECT_EQ(StateOf(folder_->OpenToRead("").status()), "22023");
  EXPECT_EQ(StateOf(folder_->OpenToRead(".").status()), "22023");
}

TEST_F(FileFolderTest, FindsWhatPatternsMatch) {
  const auto found = [&](const char* pattern) { return *folder_->Find(pattern); };
  EXPECT_EQ(found("*.csv"), std::vector<std::string>{"a.csv"});
  EXPECT_EQ(found("*/*.csv"), std::vector<std::string>{"sub/b.csv"});
  EXPECT_EQ(found("s?b/b.csv"), std::vector<std::string>{"sub/b.csv"});
  EXPECT_EQ(found("nothing.csv"), std::vector<std::string>{"nothing.csv"});
  EXPECT_TRUE(found("out/*").empty());
  EXPECT_TRUE(found("x*").empty());
  EXPECT_EQ(StateOf(folder_->Find("../*").status()), "42501");
}

TEST_F(FileFolderTest, MakesFiles) {
  EXPECT_TRUE(folder_->Create("new/deep/.x.tmp").ok());
  EXPECT_TRUE(folder_->Rename("new/deep/.x.tmp", "new/deep/x").ok());
  EXPECT_TRUE(folder_->OpenToRead("new/deep/x").ok());
  EXPECT_FALSE(folder_->Create("new/deep/x").ok());
  EXPECT_TRUE(folder_->Remove("new/deep/x").ok());
  EXPECT_EQ(StateOf(folder_->OpenToRead("new/deep/x").status()), "58P01");
}

TEST(FileFolder, SaysHowToAllowOne) {
  EXPECT_FALSE(FileFolder::Open("/nowhere at all").ok());
  const ErrorFields refused = FieldsOf(FileFolder::Of(nullptr).status());
  EXPECT_EQ(refused.sqlstate, "42501");
  EXPECT_NE(refused.hint.find("--files"), std::string::npos);
}

}  // namespace
}  // namespace weir::sql
