#include <algorithm>
#include <memory>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <headroom/models/format.h>
#include <headroom/models/presets.h>
#include <headroom/models/read.h>

#include "commands/commands.h"
#include "csv.h"
#include "data_parts.h"
#include "deliver.h"
#include "exit_code.h"
#include "labelled.h"
#include "output_options.h"
#include "table.h"
#include "text.h"
#include "wording.h"

namespace headroom::cli {
namespace {

constexpr std::string_view kExpertsNote = "ffn k/ExF: a token passes k of E experts, each F wide";

struct Options {
  std::string name;
  OutputOptions output;
};

struct ModelsResult {
  bool is_list = true;
  std::vector<Transformer> models;
  std::vector<std::string> notes;
};

ModelsResult answer(const Options& options) {
  ModelsResult result;
  result.is_list = options.name.empty();
  if (result.is_list) {
    for (const std::string_view name : model_names()) result.models.push_back(model_preset(name));
  } else {
    Read<Transformer> read = read_model(options.name);
    result.models.push_back(std::move(read.value));
    result.notes = std::move(read.notes);
  }
  return result;
}

/// The different values of `get` over the layer kinds, with '+' between them.
template <class Get>
std::string over_kinds(const Transformer& model, Get get) {
  std::vector<std::string> values;
  for (const LayerKind& kind : model.kinds) {
    const std::string value = get(kind);
    if (std::find(values.begin(), values.end(), value) == values.end()) values.push_back(value);
  }
  return fmt::format("{}", fmt::join(values, "+"));
}

std::string heads_text(const Transformer& model) {
  return over_kinds(model, [](const LayerKind& kind) { return fmt::format("{}/{}", kind.heads, kind.kv_heads); });
}

/// "14,336", and "8/128x768" where a token passes 8 of 128 experts.
std::string ffn_text(const Transformer& model) {
  return over_kinds(model, [](const LayerKind& kind) {
    const std::string width = format_grouped(kind.ffn_hidden);
    return kind.experts ? fmt::format("{}/{}x{}", kind.experts->per_token, kind.experts->count, width) : width;
  });
}

std::string list_text(const ModelsResult& result, const Style& style) {
  constexpr Align kRight = Align::right;
  Table table({{"model"},
               {"params", kRight},
               {"layers", kRight},
               {"hidden", kRight},
               {"heads/kv", kRight},
               {"ffn", kRight},
               {"vocab", kRight}});
  for (const Transformer& model : result.models) {
    table.add({{model.name, Tone::bold},
               format_parameters(parameter_count(model)),
               format_grouped(layer_count(model)),
               format_grouped(model.hidden),
               heads_text(model),
               ffn_text(model),
               format_grouped(model.vocab)});
  }
  return table.text(style) + '\n' + style.paint(wrap(kExpertsNote), Tone::dim) + '\n';
}

std::string experts_text(const LayerKind& kind, const Experts& experts) {
  std::string text =
      fmt::format("{} of {} experts of {}", experts.per_token, experts.count, format_grouped(kind.ffn_hidden));
  if (experts.shared_hidden) text += fmt::format(" and shared ones of {}", format_grouped(*experts.shared_hidden));
  if (experts.capacity_factor) {
    text += fmt::format(" with capacity factor {:g}", experts.capacity_factor->approximate());
  }
  return text;
}

std::string latent_text(const LatentAttention& latent) {
  const std::string queries = latent.query_rank ? fmt::format("latent of {} for queries and ", *latent.query_rank) : "";
  return fmt::format(", {}latent of {} for keys and values, {} rotated, values of {}", queries, latent.kv_rank,
                     latent.rope_head_dim, latent.value_head_dim);
}

std::string attention_text(const LayerKind& kind) {
  std::string text =
      fmt::format("{} heads of {}, ", kind.heads, kind.head_dim) + fmt::format("{} key-value heads", kind.kv_heads);
  if (kind.latent) text += latent_text(*kind.latent);
  if (kind.rotary_dim) text += fmt::format(", {} rotated", *kind.rotary_dim);
  if (kind.qk_norm) text += ", norms of q and k";
  return text;
}

std::string kind_text(const LayerKind& kind) {
  const std::string feed_forward =
      kind.experts ? experts_text(kind, *kind.experts) : "feed-forward " + format_grouped(kind.ffn_hidden);
  std::string text = fmt::format("{}, {} {}", attention_text(kind), feed_forward, name_of(kind.activation));
  if (kind.qkv_bias) text += ", biases on q, k, v";
  if (kind.out_bias) text += ", bias on the output projection";
  if (kind.ffn_bias) text += ", biases in the feed-forward";
  if (kind.post_norms) text += ", norms behind both blocks";
  if (kind.residual != Residual::pre_norm) text += fmt::format(", {}", description_of(kind.residual));
  if (kind.window) text += fmt::format(", window of {}", tokens_text(Tokens(*kind.window)));
  return text;
}

std::string parameters_text(const Transformer& model) {
  const std::int64_t count = parameter_count(model);
  std::string text = fmt::format("{} ({})", format_grouped(count), format_parameters(count));
  if (model.published_parameters) {
    text += *model.published_parameters == count
                ? ", as published"
                : fmt::format(", published: {}", format_grouped(*model.published_parameters));
  }
  const std::int64_t active = active_parameter_count(model);
  if (active != count)
    text += fmt::format("; a token passes {} ({})", format_grouped(active), format_parameters(active));
  return text;
}

std::string head_text(const Transformer& model) {
  std::string text = model.tied_embeddings ? "shares the embedding's weight" : "weight of its own";
  if (model.head_bias) text += ", bias";
  if (!model.final_norm) text += ", no norm in front";
  if (model.embedding_width) text += fmt::format(", {} wide, as the embedding", format_grouped(*model.embedding_width));
  return text;
}

std::string detail_text(const Transformer& model, const Style& style) {
  const std::string positions =
      model.max_positions > 0 ? fmt::format(", {}", format_tokens(Tokens(model.max_positions))) : "";
  std::string text = style.paint(name_text(model.name), Tone::bold) + "\n\n" +
                     labelled("parameters", parameters_text(model), style) +
                     labelled("layers", format_grouped(layer_count(model)), style) +
                     labelled("hidden", format_grouped(model.hidden), style) +
                     labelled("vocabulary", format_grouped(model.vocab), style) +
                     labelled("positions", fmt::format("{}{}", name_of(model.positions), positions), style) +
                     labelled("norm", name_of(model.norm), style);
  for (const LayerKind& kind : model.kinds) text += labelled("layer", kind_text(kind), style);
  return text + labelled("head", head_text(model), style) +
         labelled("source", model.provenance.source, style, Tone::dim) +
         labelled("certainty", model.provenance.certainty, style, Tone::dim);
}

std::string to_text(const ModelsResult& result, const Style& style) {
  return result.is_list ? list_text(result, style) : detail_text(result.models.front(), style);
}

nlohmann::ordered_json to_json(const ModelsResult& result) {
  nlohmann::ordered_json json{{"schema", "headroom/models/1"}, {"models", nlohmann::ordered_json::array()}};
  for (const Transformer& model : result.models) {
    Job job;
    job.model = model;
    json["models"].push_back({{"parameters", parameter_count(model)},
                              {"active_parameters", active_parameter_count(model)},
                              {"layers", layer_count(model)},
                              {"model", job_json(job)["model"]}});
  }
  json["notes"] = result.notes;
  return json;
}

std::string to_csv(const ModelsResult& result) {
  std::string text = csv_record({"model", "parameters", "layers", "hidden", "heads", "kv_heads", "head_dim",
                                 "ffn_hidden", "vocab", "active_parameters"});
  for (const Transformer& model : result.models) {
    const auto each = [&model](auto member) {
      return over_kinds(model, [member](const LayerKind& kind) { return format_count(kind.*member); });
    };
    text += csv_record({model.name, format_count(parameter_count(model)), format_count(layer_count(model)),
                        format_count(model.hidden), each(&LayerKind::heads), each(&LayerKind::kv_heads),
                        each(&LayerKind::head_dim), each(&LayerKind::ffn_hidden), format_count(model.vocab),
                        format_count(active_parameter_count(model))});
  }
  return text;
}

int exit_code(const ModelsResult& /*result*/) { return kFits; }

}  // namespace

Action add_models(CLI::App& app) {
  const auto options = std::make_shared<Options>();
  app.add_option("NAME", options->name, "one model in detail: a name, or the path of a config.json");
  options->output.add_to(app);
  return [options](Console& console) { return deliver(answer(*options), options->output, console); };
}

}  // namespace headroom::cli
