#include "sections.h"

#include <algorithm>

#include <fmt/format.h>

#include <headroom/models/error.h>
#include <headroom/models/presets.h>

#include "example.h"
#include "kept.h"
#include "lifetimes.h"
#include "presets.h"
#include "ring.h"
#include "tables.h"

namespace headroom::docs {
namespace {

std::vector<TensorRow> layer_rows(const Job& job) {
  std::vector<TensorRow> rows = tensor_rows(job);
  rows.erase(std::remove_if(rows.begin(), rows.end(), [](const TensorRow& row) { return !belongs_to_layer(row); }),
             rows.end());
  return rows;
}

std::vector<TensorRow> rows_outside_layers(Head head) {
  Job job = llama_example("flash");
  job.method.head = head;
  std::vector<TensorRow> rows = tensor_rows(job);
  rows.erase(std::remove_if(rows.begin(), rows.end(),
                            [](const TensorRow& row) { return is_model_state(row) || belongs_to_layer(row); }),
             rows.end());
  return rows;
}

/// The rows that are the same whatever the head.
std::vector<TensorRow> rows_of_every_head() {
  std::vector<TensorRow> common = rows_outside_layers(Head{});
  for (const auto& named : values_of<Head>()) {
    const std::vector<TensorRow> different = difference(common, rows_outside_layers(named.value));
    common = difference(common, different);
  }
  return common;
}

std::string weights_section() { return weight_table(tensor_rows(llama_example("flash"))); }

std::string gpt_weights_section() {
  return weight_table(difference(tensor_rows(gpt_example("flash")), tensor_rows(llama_example("flash"))));
}

std::string head_section(std::string_view name) {
  return tensor_table(difference(rows_outside_layers(value_of<Head>(name, "head")), rows_of_every_head()));
}

std::string layer_section(std::string_view method) { return tensor_table(layer_rows(llama_example(method))); }

/// "Not there: `gate`." of the names that `plain` has and `rows` has not; nothing where there is none.
std::string absent_names(const std::vector<TensorRow>& rows, const std::vector<TensorRow>& plain) {
  std::vector<std::string> absent;
  for (const TensorRow& row : plain) {
    const bool there = std::any_of(rows.begin(), rows.end(), [&](const TensorRow& r) { return r.name == row.name; });
    const std::string name = "`" + row.name + "`";
    if (!there && std::find(absent.begin(), absent.end(), name) == absent.end()) absent.push_back(name);
  }
  return absent.empty() ? "" : fmt::format("\nNot there: {}.\n", fmt::join(absent, ", "));
}

/// What a GPT-style layer with dropout holds that a Llama-style one does not, and the other way round.
std::string gpt_section(std::string_view method) {
  Job job = gpt_example(method);
  job.dropout = true;
  const std::vector<TensorRow> gpt = layer_rows(job);
  const std::vector<TensorRow> llama = layer_rows(llama_example(method));
  return tensor_table(difference(gpt, llama)) + absent_names(gpt, llama);
}

/// What a layer may be made of beside a plain Llama-style one.
struct Structure {
  std::string_view name;
  void (*apply)(LayerKind& kind);
};
constexpr Structure kStructures[] = {
    {"post-norms", [](LayerKind& kind) { kind.post_norms = true; }},
    {"head norms", [](LayerKind& kind) { kind.qk_norm = true; }},
    {"parallel", [](LayerKind& kind) { kind.residual = Residual::parallel; }},
    {"one norm", [](LayerKind& kind) { kind.residual = Residual::parallel_shared_norm; }},
    {"latent attention",
     [](LayerKind& kind) {
       kind.kv_heads = kind.heads;
       kind.head_dim = 192;
       kind.latent = LatentAttention{1536, 512, 64, 128};
     }},
    {"window", [](LayerKind& kind) { kind.window = 4096; }},
    {"experts", [](LayerKind& kind) { kind.experts = Experts{8, 2, 2816, true, false, {}}; }},
};

Job structured_example(std::string_view name) {
  for (const Structure& structure : kStructures) {
    if (structure.name != name) continue;
    Job job = llama_example("flash");
    structure.apply(job.model.kinds.front());
    return job;
  }
  throw InputError(fmt::format("no structure of layers is called '{}'", name));
}

std::string structure_section(std::string_view name) {
  const std::vector<TensorRow> rows = layer_rows(structured_example(name));
  const std::vector<TensorRow> plain = layer_rows(llama_example("flash"));
  return tensor_table(difference(rows, plain)) + absent_names(rows, plain);
}

std::string structure_weights_section(std::string_view name) {
  return weight_table(difference(tensor_rows(structured_example(name)), tensor_rows(llama_example("flash"))));
}

/// Prompts in chunks; "plain", or what a structure of layers changes.
std::string inference_section(std::string_view name) {
  const auto rows = [](Job job) {
    job.mode = Mode::inference;
    job.inference.prefill_chunk = {ChunkRule::tokens, Tokens(2048)};
    std::vector<TensorRow> all = tensor_rows(job);
    all.erase(std::remove_if(all.begin(), all.end(), is_model_state), all.end());
    return all;
  };
  const std::vector<TensorRow> plain = rows(llama_example("flash"));
  if (name == "plain") return tensor_table(plain);
  return tensor_table(difference(rows(structured_example(name)), plain));
}

struct Kind {
  std::string_view name;
  std::string (*text)();
};
struct NamedKind {
  std::string_view prefix;
  std::string (*text)(std::string_view);
};

constexpr Kind kKinds[] = {
    {"weights", weights_section},
    {"gpt weights", gpt_weights_section},
    {"outside", [] { return tensor_table(rows_of_every_head()); }},
    {"korthikanti", korthikanti_table},
    {"flash elements", flash_elements_table},
    {"ring", ring_table},
    {"reach", reach_table},
};
constexpr NamedKind kNamedKinds[] = {
    {"axes ", axes_table},
    {"reach ", reach_of},
    {"head ", head_section},
    {"layer ", layer_section},
    {"gpt ", gpt_section},
    {"inference ", inference_section},
    {"structure weights ", structure_weights_section},
    {"structure ", structure_section},
};

}  // namespace

std::string section(std::string_view name) {
  for (const Kind& kind : kKinds) {
    if (kind.name == name) return kind.text();
  }
  for (const NamedKind& kind : kNamedKinds) {
    if (name.substr(0, kind.prefix.size()) == kind.prefix) return kind.text(name.substr(kind.prefix.size()));
  }
  throw InputError(fmt::format("no generated section is called '{}'", name));
}

}  // namespace headroom::docs
