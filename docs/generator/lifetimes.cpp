#include "lifetimes.h"

#include <algorithm>
#include <stdexcept>

#include <fmt/format.h>

namespace headroom::docs {
namespace {

/// Gathers the events of a step. Of equal tensors the last one born dies first.
class Gatherer {
 public:
  void listen(const sim::TimelineEvent& event) {
    Open& entry = entry_of(event);
    if (event.born) {
      entry.births.push_back(entry.all.size());
      entry.all.push_back({event.moment.instant, std::nullopt});
      return;
    }
    if (entry.births.empty())
      throw std::logic_error(fmt::format("the narration frees '{}', which is not alive", event.name));
    entry.all[entry.births.back()].dies = event.moment.instant;
    entry.births.pop_back();
  }

  [[nodiscard]] std::vector<TensorRow> rows() const {
    std::vector<TensorRow> result;
    for (const Open& entry : entries_) {
      result.push_back(entry.row);
      for (const Lifetime& life : entry.all) add_once(result.back().lifetimes, life);
    }
    return result;
  }

 private:
  struct Open {
    TensorRow row;
    std::vector<Lifetime> all;
    std::vector<std::size_t> births;  ///< of those alive
  };

  static void add_once(std::vector<Lifetime>& list, const Lifetime& life) {
    if (std::find(list.begin(), list.end(), life) == list.end()) list.push_back(life);
  }

  Open& entry_of(const sim::TimelineEvent& event) {
    const TensorRow row{std::string(event.name), sim::formula_of(event),    event.dtype,
                        event.category,          std::string(event.source), {}};
    const auto found =
        std::find_if(entries_.begin(), entries_.end(), [&](const Open& entry) { return entry.row == row; });
    return found != entries_.end() ? *found : entries_.emplace_back(Open{row, {}, {}});
  }

  std::vector<Open> entries_;
};

}  // namespace

std::string_view type_name(DType type) {
  switch (type) {
    case DType::fp32: return "fp32";
    case DType::bf16: return "bf16";
    case DType::int32: return "int32";
    case DType::uint8: return "uint8";
    case DType::fp8: return "fp8";
  }
  return "?";
}

std::vector<TensorRow> tensor_rows(const Job& job) {
  Gatherer gatherer;
  sim::Predictor(job).timeline(job.seq, [&](const sim::TimelineEvent& event) { gatherer.listen(event); });
  return gatherer.rows();
}

bool is_model_state(const TensorRow& row) {
  return row.category == Category::parameters || row.category == Category::gradients ||
         row.category == Category::optimizer_state;
}

bool belongs_to_layer(const TensorRow& row) {
  return !is_model_state(row) && std::all_of(row.lifetimes.begin(), row.lifetimes.end(),
                                             [](const Lifetime& life) { return sim::has_layer(life.born); });
}

std::vector<TensorRow> difference(const std::vector<TensorRow>& of, const std::vector<TensorRow>& other) {
  std::vector<TensorRow> result;
  std::copy_if(of.begin(), of.end(), std::back_inserter(result),
               [&](const TensorRow& row) { return std::find(other.begin(), other.end(), row) == other.end(); });
  return result;
}

}  // namespace headroom::docs
