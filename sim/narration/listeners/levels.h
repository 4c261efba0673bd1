#pragma once

#include <algorithm>
#include <array>
#include <vector>

#include <headroom/models/memory.h>

#include "narration/tensor.h"

namespace headroom::sim {

/// Levels measure what is alive. Each can be added to, subtracted from another and multiplied, which is all that the
/// peak over equal iterations needs (peaks_of.h).

/// No tensor of a narration is a context, so a level without it is a level of everything.
inline constexpr Category kNothingVanished = Category::context;

/// Live bytes, as if the category `vanished` cost nothing.
class TotalLevel {
 public:
  TotalLevel() = default;
  explicit TotalLevel(Category vanished) : vanished_(vanished) {}

  [[nodiscard]] Bytes total() const { return total_; }
  void born(const Tensor& t) {
    if (t.category != vanished_) total_ += t.bytes;
  }
  void dies(const Tensor& t) {
    if (t.category != vanished_) total_ -= t.bytes;
  }
  void born(const TensorGroup& group) { total_ += group.total - group.categories[vanished_]; }
  void dies(const TensorGroup& group) { total_ -= group.total - group.categories[vanished_]; }
  void add_times(std::int64_t n, const TotalLevel& difference) { total_ += n * difference.total_; }
  [[nodiscard]] TotalLevel minus(const TotalLevel& other) const {
    TotalLevel result = *this;
    result.total_ -= other.total_;
    return result;
  }

 private:
  Bytes total_;
  Category vanished_ = kNothingVanished;
};

/// Live bytes by category, as if the category `vanished` cost nothing.
class CategoryLevel {
 public:
  CategoryLevel() = default;
  explicit CategoryLevel(Category vanished) : total_(vanished), vanished_(vanished) {}

  [[nodiscard]] Bytes total() const { return total_.total(); }
  [[nodiscard]] const BytesByCategory& categories() const { return categories_; }
  void born(const Tensor& t) {
    total_.born(t);
    if (t.category != vanished_) categories_[t.category] += t.bytes;
  }
  void dies(const Tensor& t) {
    total_.dies(t);
    if (t.category != vanished_) categories_[t.category] -= t.bytes;
  }
  void born(const TensorGroup& group) {
    total_.born(group);
    add_categories(1, group.categories);
  }
  void dies(const TensorGroup& group) {
    total_.dies(group);
    add_categories(-1, group.categories);
  }
  void add_times(std::int64_t n, const CategoryLevel& difference) {
    total_.add_times(n, difference.total_);
    add_categories(n, difference.categories_);
  }
  [[nodiscard]] CategoryLevel minus(const CategoryLevel& other) const {
    CategoryLevel result = *this;
    result.add_times(-1, other);
    return result;
  }

 private:
  void add_categories(std::int64_t n, const BytesByCategory& more) {
    for (std::size_t i = 0; i < kCategoryCount; ++i) {
      if (i != static_cast<std::size_t>(vanished_)) categories_.bytes[i] += n * more.bytes[i];
    }
  }

  TotalLevel total_;
  Category vanished_ = kNothingVanished;
  BytesByCategory categories_;
};

/// Every live tensor, equal ones counted together. Counts may be negative in a difference.
class TensorLevel {
 public:
  struct Entry {
    Tensor tensor;
    std::int64_t count;
  };

  [[nodiscard]] Bytes total() const { return total_.total(); }
  [[nodiscard]] const std::vector<Entry>& entries() const { return entries_; }
  void born(const Tensor& t) {
    total_.born(t);
    count(t, 1);
  }
  void dies(const Tensor& t) {
    total_.dies(t);
    count(t, -1);
  }
  void born(const TensorGroup& group) {
    for (const Tensor& t : group.tensors) born(t);
  }
  void dies(const TensorGroup& group) {
    for (const Tensor& t : group.tensors) dies(t);
  }
  void add_times(std::int64_t n, const TensorLevel& difference) {
    total_.add_times(n, difference.total_);
    for (const Entry& entry : difference.entries_) count(entry.tensor, checked_mul(n, entry.count));
  }
  [[nodiscard]] TensorLevel minus(const TensorLevel& other) const {
    TensorLevel result = *this;
    result.add_times(-1, other);
    return result;
  }

 private:
  static bool same(const Tensor& a, const Tensor& b) {
    return a.role == b.role && a.shape.dims == b.shape.dims && a.dtype == b.dtype && a.category == b.category;
  }
  void count(const Tensor& t, std::int64_t n) {
    const auto found =
        std::find_if(entries_.begin(), entries_.end(), [&](const Entry& e) { return same(e.tensor, t); });
    if (found == entries_.end()) {
      entries_.push_back({t, n});
      return;
    }
    found->count += n;
    if (found->count == 0) entries_.erase(found);
  }

  TotalLevel total_;
  std::vector<Entry> entries_;
};

}  // namespace headroom::sim
