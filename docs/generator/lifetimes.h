#pragma once

#include <optional>
#include <string>
#include <vector>

#include <headroom/models/job.h>
#include <headroom/models/memory.h>
#include <headroom/sim/predictor.h>

namespace headroom::docs {

/// From one kind of instant to another; a tensor that outlives the step has no end.
struct Lifetime {
  sim::Instant born;
  std::optional<sim::Instant> dies;

  bool operator==(const Lifetime&) const = default;
};

/// Equal tensors of one step: a row of a table.
struct TensorRow {
  std::string name;
  std::string shape;  ///< symbols
  DType dtype;
  Category category;
  std::string source;
  std::vector<Lifetime> lifetimes;  ///< the distinct ones, in order of birth

  bool operator==(const TensorRow&) const = default;
};

/// "bf16"
[[nodiscard]] std::string_view type_name(DType type);

/// Every tensor of one step of `job`, in order of first birth.
[[nodiscard]] std::vector<TensorRow> tensor_rows(const Job& job);

[[nodiscard]] bool is_model_state(const TensorRow& row);
/// Whether the tensor is born within layers only.
[[nodiscard]] bool belongs_to_layer(const TensorRow& row);

/// The rows of `of` that are not in `other`.
[[nodiscard]] std::vector<TensorRow> difference(const std::vector<TensorRow>& of, const std::vector<TensorRow>& other);

}  // namespace headroom::docs
