#include <string_view>

#include <fmt/format.h>

#include <headroom/models/device.h>
#include <headroom/models/error.h>
#include <headroom/models/transformer.h>

#include "text.h"

namespace headroom {
namespace {

[[noreturn]] void refuse(const std::string& what, std::int64_t value, std::string_view rule) {
  throw InputError(fmt::format("{} must be {}, not {}", what, rule, value));
}

void require_size(const std::string& what, std::int64_t value) {
  if (value < 1 || value > kMaxSize) refuse(what, value, "between 1 and 2^40");
}

void require_name(std::string_view owner, const std::string& name) {
  if (name.empty()) throw InputError(fmt::format("the name of a {} must not be empty", owner));
}

void require_entries(const std::string& what, std::size_t count) {
  if (count == 0) throw InputError(fmt::format("{} must have at least one entry", what));
}

void validate_kind(const std::string& where, const LayerKind& kind) {
  require_size(where + "heads", kind.heads);
  require_size(where + "kv_heads", kind.kv_heads);
  require_size(where + "head_dim", kind.head_dim);
  require_size(where + "ffn_hidden", kind.ffn_hidden);
  if (kind.window) require_size(where + "window", *kind.window);
  if (kind.heads % kind.kv_heads != 0) {
    throw InputError(fmt::format("{}kv_heads ({}) must divide heads ({})", where, kind.kv_heads, kind.heads));
  }
}

void validate_run(const std::string& where, const LayerRun& run, std::size_t kinds) {
  require_size(where + "repeat", run.repeat);
  require_entries(where + "period", run.period.size());
  for (const std::int64_t index : run.period) {
    if (index < 0 || static_cast<std::size_t>(index) >= kinds) {
      refuse(where + "period", index, fmt::format("indices of kinds, 0 to {}", kinds - 1));
    }
  }
}

void require_at_least(const std::string& what, std::int64_t value, std::int64_t least) {
  if (value < least) refuse(what, value, fmt::format("at least {}", least));
}

}  // namespace

void validate(const Transformer& model) {
  require_name("model", model.name);
  const std::string owner = "model " + in_quotes(model.name) + ": ";
  require_size(owner + "hidden", model.hidden);
  require_size(owner + "vocab", model.vocab);
  if (model.positions == Positions::learned || model.max_positions != 0) {
    require_size(owner + "max_positions", model.max_positions);
  }
  if (model.published_parameters) require_at_least(owner + "published_parameters", *model.published_parameters, 1);
  require_entries(owner + "kinds", model.kinds.size());
  for (std::size_t i = 0; i < model.kinds.size(); ++i) {
    validate_kind(fmt::format("{}kinds[{}].", owner, i), model.kinds[i]);
  }
  require_entries(owner + "layers", model.layer_runs.size());
  for (std::size_t i = 0; i < model.layer_runs.size(); ++i) {
    validate_run(fmt::format("{}layers[{}].", owner, i), model.layer_runs[i], model.kinds.size());
  }
  require_size(owner + "number of layers", layer_count(model));
}

void validate(const Device& device) {
  require_name("device", device.name);
  const std::string owner = "device " + in_quotes(device.name) + ": ";
  require_at_least(owner + "capacity", device.capacity.bytes.count(), 1);
  require_at_least(owner + "context", device.context.bytes.count(), 0);
  require_at_least(owner + "workspace", device.workspace.bytes.count(), 0);
  require_at_least(owner + "allocator_slack", device.allocator_slack.bytes.count(), 0);
  const auto require_rate = [&owner](const char* what, const std::optional<std::int64_t>& rate) {
    if (rate) require_at_least(owner + what, *rate, 1);
  };
  require_rate("memory_bandwidth", device.memory_bandwidth);
  require_rate("bf16_flops", device.bf16_flops);
  require_rate("fp32_flops", device.fp32_flops);
  require_rate("link_bandwidth", device.link_bandwidth);
  require_rate("host_link_bandwidth", device.host_link_bandwidth);
}

Device budget_device(Bytes budget) {
  const Figure nothing{Bytes(0), Certainty::assumed, "a budget counts allocated bytes alone"};
  Device device;
  device.name = "budget";
  device.capacity = {budget, Certainty::assumed, "the budget given"};
  device.context = device.workspace = device.allocator_slack = nothing;
  return device;
}

bool is_budget(const Device& device) { return device == budget_device(device.capacity.bytes); }

}  // namespace headroom
