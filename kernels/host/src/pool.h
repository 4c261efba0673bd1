#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

#include "function_ref.h"

namespace headroom::kernels::host {

/// A fixed number of threads, the caller's among them, that share the parts of one task at a time.
class Pool {
 public:
  /// What is done for a part; `thread` in [0, threads) names the scratch memory to use.
  using Body = FunctionRef<void(std::int64_t part, int thread)>;

  explicit Pool(int threads);
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;
  ~Pool();

  /// Calls body for every part in [0, parts) in no particular order and returns when all are done. The first exception
  /// of a part is thrown again here; parts that have not begun then are left out.
  void run(std::int64_t parts, Body body);

 private:
  struct Task;

  void work(int thread);
  static void take_parts(Task& task, int thread);

  std::mutex mutex_;
  std::condition_variable begun_;
  std::condition_variable done_;
  Task* task_ = nullptr;
  std::uint64_t tasks_ = 0;
  std::size_t busy_ = 0;
  bool stopping_ = false;
  std::vector<std::thread> workers_;
};

}  // namespace headroom::kernels::host
