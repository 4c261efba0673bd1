#pragma once

#include <QFutureWatcher>
#include <QPromise>
#include <QtConcurrent/QtConcurrentRun>

#include <functional>
#include <optional>
#include <utility>

#include "model/progress.h"

namespace headroom::gui {

/// Work away from the user interface's thread, of which only the latest counts: starting again cancels what is under
/// way. Results are values; they arrive in the thread that made this object.
template <class Result>
class Background : public QObject {
 public:
  /// Given the progress to report to; nothing when it was told to stop.
  using Work = std::function<std::optional<Result>(const Progress&)>;

  Background(QObject* parent, std::function<void(Result)> deliver, std::function<void(double)> report)
      : QObject(parent), deliver_(std::move(deliver)), report_(std::move(report)) {
    connect(&watcher_, &QFutureWatcherBase::finished, this, [this] { finish(); });
    connect(&watcher_, &QFutureWatcherBase::progressValueChanged, this,
            [this](int value) { report_(static_cast<double>(value) / kSteps); });
  }
  ~Background() override {
    watcher_.disconnect();
    watcher_.cancel();
    watcher_.waitForFinished();
  }
  Background(const Background&) = delete;
  Background& operator=(const Background&) = delete;
  Background(Background&&) = delete;
  Background& operator=(Background&&) = delete;

  void start(Work work) {
    watcher_.cancel();
    is_busy_ = true;
    watcher_.setFuture(QtConcurrent::run([work = std::move(work)](QPromise<std::optional<Result>>& promise) {
      promise.setProgressRange(0, kSteps);
      const Progress progress = [&promise](double share) {
        promise.setProgressValue(static_cast<int>(share * kSteps));
        return !promise.isCanceled();
      };
      promise.addResult(work(progress));
    }));
  }

  /// Stops; nothing is delivered.
  void cancel() {
    watcher_.cancel();
    is_busy_ = false;
  }

  [[nodiscard]] bool is_busy() const { return is_busy_; }

 private:
  static constexpr int kSteps = 1000;

  void finish() {
    if (watcher_.isCanceled() || watcher_.future().resultCount() == 0) return;
    is_busy_ = false;
    std::optional<Result> result = watcher_.result();
    if (result) deliver_(std::move(*result));
  }

  QFutureWatcher<std::optional<Result>> watcher_;
  std::function<void(Result)> deliver_;
  std::function<void(double)> report_;
  bool is_busy_ = false;
};

}  // namespace headroom::gui
