#include "result_stream.h"

#include <cstddef>

namespace headroom::cli {
namespace {

constexpr std::size_t kFull = std::size_t{1} << 18;  ///< bytes that are written at once
constexpr const char* kPartial = ".partial";

}  // namespace

ResultStream::ResultStream(const std::string& path, Console& console) : console_(console) {
  if (!path.empty()) file_.emplace(path);
}

void ResultStream::add(std::string_view lines) {
  waiting_ += lines;
  if (waiting_.size() >= kFull) flush();
}

void ResultStream::finish() {
  flush();
  if (file_) file_->keep();
}

std::string ResultStream::finish_early() {
  flush();
  return file_ ? file_->keep(kPartial) : "standard output";
}

void ResultStream::flush() {
  if (file_) {
    file_->write(waiting_);
  } else {
    console_.out(waiting_);
  }
  waiting_.clear();
}

}  // namespace headroom::cli
