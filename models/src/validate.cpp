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

void require_even(const std::string& what, std::int64_t value) {
  if (value % 2 != 0) refuse(what, value, "even: it is rotated in pairs");
}

void validate_experts(const std::string& where, const Experts& experts) {
  require_size(where + "count", experts.count);
  require_size(where + "per_token", experts.per_token);
  if (experts.per_token > experts.count) {
    throw InputError(
        fmt::format("{}per_token ({}) must be at most count ({})", where, experts.per_token, experts.count));
  }
  if (experts.shared_hidden) require_size(where + "shared_hidden", *experts.shared_hidden);
  if (experts.shared_gate && !experts.shared_hidden) {
    throw InputError(fmt::format("{}shared_gate needs a shared expert: give shared_hidden", where));
  }
  if (experts.capacity_factor && *experts.capacity_factor <= Rational(0)) {
    throw InputError(fmt::format("{}capacity_factor must be positive", where));
  }
}

void validate_latent(const std::string& where, const LayerKind& kind, const LatentAttention& latent) {
  if (latent.query_rank) require_size(where + "latent.query_rank", *latent.query_rank);
  require_size(where + "latent.kv_rank", latent.kv_rank);
  require_size(where + "latent.rope_head_dim", latent.rope_head_dim);
  require_even(where + "latent.rope_head_dim", latent.rope_head_dim);
  require_size(where + "latent.value_head_dim", latent.value_head_dim);
  if (latent.rope_head_dim >= kind.head_dim) {
    throw InputError(fmt::format("{}latent.rope_head_dim ({}) must be below head_dim ({}), of which it is a part",
                                 where, latent.rope_head_dim, kind.head_dim));
  }
  if (kind.kv_heads != kind.heads) {
    throw InputError(fmt::format("{}kv_heads ({}) must be heads ({}): latent attention has keys for every head", where,
                                 kind.kv_heads, kind.heads));
  }
  if (kind.qkv_bias || kind.qk_norm || kind.rotary_dim) {
    throw InputError(fmt::format("{}latent goes without qkv_bias, qk_norm and rotary_dim", where));
  }
}

void validate_rotary(const std::string& where, const Transformer& model, const LayerKind& kind) {
  if (!kind.rotary_dim) return;
  require_size(where + "rotary_dim", *kind.rotary_dim);
  require_even(where + "rotary_dim", *kind.rotary_dim);
  if (*kind.rotary_dim > kind.head_dim) {
    throw InputError(
        fmt::format("{}rotary_dim ({}) must be at most head_dim ({})", where, *kind.rotary_dim, kind.head_dim));
  }
  if (model.positions != Positions::rope) {
    throw InputError(fmt::format("{}rotary_dim needs positions 'rope', not '{}'", where, name_of(model.positions)));
  }
}

void validate_kind(const std::string& where, const Transformer& model, const LayerKind& kind) {
  require_size(where + "heads", kind.heads);
  require_size(where + "kv_heads", kind.kv_heads);
  require_size(where + "head_dim", kind.head_dim);
  require_size(where + "ffn_hidden", kind.ffn_hidden);
  if (kind.window) require_size(where + "window", *kind.window);
  if (kind.heads % kind.kv_heads != 0) {
    throw InputError(fmt::format("{}kv_heads ({}) must divide heads ({})", where, kind.kv_heads, kind.heads));
  }
  if (kind.post_norms && kind.residual != Residual::pre_norm) {
    throw InputError(fmt::format("{}post_norms needs residual 'pre-norm', not '{}'", where, name_of(kind.residual)));
  }
  validate_rotary(where, model, kind);
  if (kind.latent) validate_latent(where, kind, *kind.latent);
  if (kind.experts) validate_experts(where + "experts.", *kind.experts);
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
  if (model.embedding_width) require_size(owner + "embedding_width", *model.embedding_width);
  if (model.published_parameters) require_at_least(owner + "published_parameters", *model.published_parameters, 1);
  require_entries(owner + "kinds", model.kinds.size());
  for (std::size_t i = 0; i < model.kinds.size(); ++i) {
    validate_kind(fmt::format("{}kinds[{}].", owner, i), model, model.kinds[i]);
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
