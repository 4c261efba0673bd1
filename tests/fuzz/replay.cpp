// Asks a fuzz target about every file of the folders given; for compilers without libFuzzer.

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

/// Whether the target is content with the file; says what is wrong with it otherwise.
bool replay(const std::filesystem::path& path) try {
  std::ifstream file(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
  return true;
} catch (const std::exception& error) {
  std::fprintf(stderr, "%s: %s\n", path.c_str(), error.what());
  return false;
}

}  // namespace

int main(int argc, char* argv[]) {
  int files = 0;
  int faults = 0;
  for (int i = 1; i < argc; ++i) {
    for (const auto& entry : std::filesystem::directory_iterator(argv[i])) {
      ++files;
      faults += replay(entry.path()) ? 0 : 1;
    }
  }
  std::printf("%d files, %d faults\n", files, faults);
  return files > 0 && faults == 0 ? 0 : 1;
}
