#pragma once

#include <vector>

#include "model/csv.h"
#include "model/prediction.h"
#include "model/scene.h"

/// Device memory against the sequence length, method by method.
namespace headroom::gui {

/// What one method needs at each of some lengths; nothing where it is refused.
struct MethodCurve {
  Prediction prediction;  ///< at the job's own length
  std::vector<Bytes> device;
};

/// From `tokens` on `more` needs more device memory than `less`; before it was the other way round, or the same.
struct Crossover {
  Tokens tokens;
  Bytes device;          ///< of `more` there
  std::size_t more = 0;  ///< indices of curves
  std::size_t less = 0;
};

struct Curves {
  Job job;
  std::vector<Tokens> lengths;
  std::vector<MethodCurve> methods;
  std::vector<Crossover> crossovers;  ///< by length
};

/// At lengths spread evenly over the octaves from 1K to beyond every method's longest context.
[[nodiscard]] Curves predict_curves(const Job& job);
/// The same of any jobs beside `job`.
[[nodiscard]] Curves predict_curves(const Job& job, const std::vector<Job>& methods);

[[nodiscard]] Scene curves_scene(const Curves& curves);
[[nodiscard]] CsvTable curves_csv(const Curves& curves);

}  // namespace headroom::gui
