#include "pool.h"

namespace headroom::kernels::host {

struct Pool::Task {
  std::int64_t parts;
  Body body;
  std::atomic<std::int64_t> next{0};
  std::atomic<bool> failed{false};
  std::exception_ptr error;
};

Pool::Pool(int threads) {
  for (int thread = 1; thread < threads; ++thread) workers_.emplace_back([this, thread] { work(thread); });
}

Pool::~Pool() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  begun_.notify_all();
  for (std::thread& worker : workers_) worker.join();
}

void Pool::take_parts(Task& task, int thread) {
  try {
    for (std::int64_t part = task.next++; part < task.parts && !task.failed; part = task.next++) {
      task.body(part, thread);
    }
  } catch (...) {
    if (!task.failed.exchange(true)) task.error = std::current_exception();
  }
}

void Pool::run(std::int64_t parts, Body body) {
  Task task{parts, body, {}, {}, {}};
  if (parts > 1 && !workers_.empty()) {
    {
      const std::lock_guard lock(mutex_);
      task_ = &task;
      ++tasks_;
      busy_ = workers_.size();
    }
    begun_.notify_all();
    take_parts(task, 0);
    std::unique_lock lock(mutex_);
    done_.wait(lock, [this] { return busy_ == 0; });
  } else {
    take_parts(task, 0);
  }
  if (task.error) std::rethrow_exception(task.error);
}

void Pool::work(int thread) {
  std::uint64_t seen = 0;
  std::unique_lock lock(mutex_);
  while (true) {
    begun_.wait(lock, [&] { return stopping_ || tasks_ != seen; });
    if (stopping_) return;
    seen = tasks_;
    Task& task = *task_;
    lock.unlock();
    take_parts(task, thread);
    lock.lock();
    if (--busy_ == 0) done_.notify_one();
  }
}

}  // namespace headroom::kernels::host
