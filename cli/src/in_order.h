#pragma once

#include <algorithm>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <map>
#include <mutex>
#include <system_error>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

namespace headroom::cli {

/// Computes the blocks 0 to blocks-1 on all cores and hands the results over in their order.
template <class Compute>
class InOrder {
 public:
  using Result = std::invoke_result_t<Compute, std::int64_t>;

  InOrder(std::int64_t blocks, Compute compute) : blocks_(blocks), compute_(std::move(compute)) {
    const std::int64_t cores = std::max<std::int64_t>(std::thread::hardware_concurrency(), 1);
    const std::int64_t threads = std::min(cores, blocks);
    ahead_ = threads * kBlocksAhead;
    for (std::int64_t i = 0; i < threads; ++i) start_thread();
  }
  /// Blocks that were not handed over are given up.
  ~InOrder() {
    {
      const std::lock_guard lock(mutex_);
      next_ = blocks_;
    }
    room_.notify_all();
    for (std::thread& thread : threads_) thread.join();
  }
  InOrder(const InOrder&) = delete;
  InOrder& operator=(const InOrder&) = delete;

  /// The result of the next block, of which there are `blocks`. Throws what computing it threw.
  [[nodiscard]] Result take() {
    std::unique_lock lock(mutex_);
    ready_.wait(lock, [this] { return results_.contains(taken_); });
    Computed computed = std::move(results_.extract(taken_++).mapped());
    lock.unlock();
    room_.notify_one();
    if (computed.error) std::rethrow_exception(computed.error);
    return std::move(computed.result);
  }

 private:
  static constexpr std::int64_t kBlocksAhead = 4;  ///< of each thread, that wait to be taken

  struct Computed {
    Result result{};
    std::exception_ptr error;
  };

  /// Where the system gives no more threads, those that there are do the work.
  void start_thread() {
    try {
      threads_.emplace_back([this] { work(); });
    } catch (const std::system_error&) {
      if (threads_.empty()) throw;
    }
  }

  void work() {
    for (;;) {
      std::unique_lock lock(mutex_);
      room_.wait(lock, [this] { return next_ >= blocks_ || next_ < taken_ + ahead_; });
      if (next_ >= blocks_) return;
      const std::int64_t block = next_++;
      lock.unlock();
      Computed computed = compute(block);
      lock.lock();
      results_.emplace(block, std::move(computed));
      ready_.notify_one();
    }
  }

  [[nodiscard]] Computed compute(std::int64_t block) const {
    try {
      return {compute_(block), nullptr};
    } catch (...) {
      return {{}, std::current_exception()};
    }
  }

  std::int64_t blocks_;
  Compute compute_;
  std::int64_t ahead_ = 0;
  std::mutex mutex_;
  std::condition_variable ready_;  ///< a block is computed
  std::condition_variable room_;   ///< a block was taken
  std::int64_t next_ = 0;          ///< block to compute
  std::int64_t taken_ = 0;         ///< blocks handed over
  std::map<std::int64_t, Computed> results_;
  std::vector<std::thread> threads_;
};

}  // namespace headroom::cli
