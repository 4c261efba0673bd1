#include <cstdio>
#include <exception>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include <headroom/models/error.h>
#include <headroom/models/presets.h>
#include <headroom/models/read.h>

#include "page.h"
#include "picture.h"

namespace headroom::docs {
namespace {

/// A file of docs/ and what it should hold.
struct File {
  std::string path;
  std::string now;
  std::string wanted;
};

std::string content(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

File page(const std::string& path) {
  if (!std::ifstream(path))
    throw InputError(fmt::format("{}: no such page; docs/adding-a-method.md says what it holds", path));
  const std::string now = content(path);
  return {path, now, refreshed(now, path)};
}

std::vector<File> files(const std::string& folder) {
  std::vector<File> all{page(folder + "/model.md")};
  for (const std::string_view method : method_names()) {
    const std::string stem = fmt::format("{}/methods/{}", folder, method);
    all.push_back(page(stem + ".md"));
    all.push_back({stem + ".svg", content(stem + ".svg"), picture(method)});
  }
  return all;
}

int write(const std::string& folder) {
  for (const File& file : files(folder)) {
    if (file.now != file.wanted) write_file_atomically(file.path, file.wanted);
  }
  return 0;
}

int check(const std::string& folder) {
  int different = 0;
  for (const File& file : files(folder)) {
    if (file.now == file.wanted) continue;
    fmt::print(stderr, "{} is not what headroom_docs --write {} makes of it\n", file.path, folder);
    different = 1;
  }
  return different;
}

int run(const std::vector<std::string_view>& arguments) {
  if (arguments.size() == 2 && arguments[0] == "--write") return write(std::string(arguments[1]));
  if (arguments.size() == 2 && arguments[0] == "--check") return check(std::string(arguments[1]));
  fmt::print(stderr, "usage: headroom_docs --write FOLDER | --check FOLDER\n");
  return 2;
}

}  // namespace
}  // namespace headroom::docs

int main(int argc, char** argv) {
  try {
    return headroom::docs::run({argv + 1, argv + argc});
  } catch (const std::exception& error) {
    std::fprintf(stderr, "headroom_docs: %s\n", error.what());
    return 2;
  }
}
