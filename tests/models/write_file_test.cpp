#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <sys/resource.h>

#include <headroom/models/atomic_file.h>
#include <headroom/models/read.h>

#include "catch.h"
#include "models_test.h"

using namespace headroom;
using headroom::test::contains;
using headroom::test::Folder;
using headroom::test::refusal;
namespace fs = std::filesystem;

namespace {

/// No file of this process may grow beyond `bytes` while the object lives: a disk that is full.
class FullDisk {
 public:
  explicit FullDisk(rlim_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{bytes, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  FullDisk(const FullDisk&) = delete;
  FullDisk& operator=(const FullDisk&) = delete;
  ~FullDisk() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    (void)std::signal(SIGXFSZ, handler_);
  }

 private:
  void (*handler_)(int);
  rlimit before_{};
};

std::string content(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

}  // namespace

TEST_CASE("a file is made, and replaced as a whole") {
  const Folder folder;
  const std::string path = folder.file("job.json");
  write_file_atomically(path, "first");
  CHECK(content(path) == "first");
  write_file_atomically(path, "");
  CHECK(content(path).empty());
  CHECK(folder.entries() == 1);
}

TEST_CASE("a replaced file keeps its permissions, and a link keeps pointing to it") {
  const Folder folder;
  const std::string path = folder.file("job.json");
  const std::string link = folder.file("link.json");
  write_file_atomically(path, "first");
  fs::permissions(path, fs::perms::owner_read | fs::perms::owner_write);
  fs::create_symlink(path, link);
  write_file_atomically(link, "second");
  CHECK(content(path) == "second");
  CHECK(fs::is_symlink(link));
  CHECK(fs::status(path).permissions() == (fs::perms::owner_read | fs::perms::owner_write));
}

TEST_CASE("on a full disk the old file stays, nothing else is left, and the system's reason is told") {
  const Folder folder;
  const std::string path = folder.file("job.json");
  write_file_atomically(path, "old content");
  std::string sentence;
  {
    const FullDisk full(1024);
    sentence = refusal([&path] { write_file_atomically(path, std::string(100000, 'x')); });
  }
  CHECK_THAT(sentence, contains("cannot write " + path + ": File too large"));
  CHECK(content(path) == "old content");
  CHECK(folder.entries() == 1);
}

TEST_CASE("a folder that does not exist, a path that is a folder and a full device are refused") {
  const Folder folder;
  CHECK_THAT(refusal([&] { write_file_atomically(folder.file("no/job.json"), "x"); }), contains("No such file"));
  CHECK_THAT(refusal([&] { write_file_atomically(folder.file(""), "x"); }), contains("Is a directory"));
  CHECK_THAT(refusal([&] { write_file_atomically(folder.file(std::string(300, 'n')), "x"); }), contains("too long"));
  CHECK_THAT(refusal([] { write_file_atomically("/dev/full", "x"); }),
             contains("cannot write /dev/full: No space left on device"));
  CHECK_THAT(refusal([] { write_file_atomically("", "x"); }), contains("cannot write"));
  CHECK(folder.entries() == 0);
}

TEST_CASE("a device is written to, not replaced") {
  write_file_atomically("/dev/null", "x");
  CHECK(fs::is_character_file("/dev/null"));
}

TEST_CASE("what is written piece by piece appears when it is kept, and not at all when it is not") {
  const Folder folder;
  const std::string path = folder.file("rows.csv");
  write_file_atomically(path, "old content");
  {
    AtomicFile dropped(path);
    dropped.write("new");
  }
  CHECK(content(path) == "old content");
  AtomicFile kept(path);
  kept.write("new ");
  kept.write("content");
  CHECK(content(path) == "old content");
  CHECK(kept.keep() == fs::canonical(path));
  CHECK(content(path) == "new content");
  CHECK(folder.entries() == 1);
}

TEST_CASE("what is kept under another name leaves the file of its own name alone") {
  const Folder folder;
  const std::string path = folder.file("rows.csv");
  write_file_atomically(path, "whole");
  AtomicFile file(path);
  file.write("half");
  CHECK_THAT(file.keep(".partial"), contains("rows.csv.partial"));
  CHECK(content(path) == "whole");
  CHECK(content(path + ".partial") == "half");
}
