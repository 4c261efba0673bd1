#include "live_records.h"

#include <fmt/format.h>

#include <headroom/models/presets.h>

#include "exit_code.h"
#include "measure_program.h"

namespace headroom::cli {
namespace {

/// Grouped heads, gated feed-forward, an untied head: every kind of tensor, in less than a second.
Transformer small_model() {
  Transformer model;
  model.name = "small";
  model.hidden = 64;
  model.vocab = 500;
  model.norm = Norm::rmsnorm;
  model.positions = Positions::rope;
  LayerKind kind;
  kind.heads = 4;
  kind.kv_heads = 2;
  kind.head_dim = 16;
  kind.ffn_hidden = 160;
  kind.activation = Activation::swiglu;
  model.kinds = {kind};
  model.layer_runs = {{3, {0}}};
  return model;
}

Job small_job(std::string_view method) {
  Job job;
  job.model = small_model();
  job.device = budget_device(Bytes(std::int64_t{1} << 30));
  job.method = method_preset(method).method;
  job.seq = Tokens(200);
  return job;
}

}  // namespace

LiveRecords::LiveRecords(Console& console) {
  for (const std::string_view method : methods_on({})) {
    console.err(fmt::format("headroom: measuring {}\n", method));
    MeasureRequest request;
    request.job = small_job(method);
    request.record = folder_.file(fmt::format("{}.json", method));
    request.progress = false;
    const int code = measure(request, console);
    if (code == kFits) {
      files_.paths.push_back(request.record);
    } else {
      files_.errors.push_back(fmt::format("{} could not be measured", method));
    }
  }
}

}  // namespace headroom::cli
