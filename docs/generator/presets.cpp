#include "presets.h"

#include "example.h"

#include <vector>

#include <fmt/format.h>

#include <headroom/models/format.h>
#include <headroom/models/presets.h>
#include <headroom/sim/max_context.h>

#include "tables.h"
#include "words.h"

namespace headroom::docs {
namespace {

std::string code(std::string_view name) { return fmt::format("`{}`", name); }

template <class Enum>
void add_choice(MarkdownTable& table, const char* axis, Enum value) {
  table.row({axis, code(name_of(value)), std::string(words_of(value))});
}

void add_chunk(MarkdownTable& table, const char* axis, const Chunk& chunk) {
  const bool is_number = chunk.rule == ChunkRule::tokens;
  table.row({axis, code(format_chunk(chunk)), is_number ? "tokens" : std::string(words_of(chunk.rule))});
}

Job reach_job(std::string_view method) {
  Job job;
  job.model = model_preset("llama-3-8b");
  job.device = device_preset("A100-80GB");
  job.method = method_preset(method).method;
  job.precision = Precision::bf16;
  job.optimizer.states = StateDType::bf16;
  job.degrees = degrees_of(job.method, 8);
  return job;
}

std::string when(sim::Moment moment) {
  return sim::has_layer(moment.instant) ? fmt::format("{}, layer {}", words_of(moment.instant), moment.layer)
                                        : std::string(words_of(moment.instant));
}

void add_reach(MarkdownTable& table, std::string_view method) {
  const Job job = reach_job(method);
  const std::int64_t ranks = rank_count(job.degrees);
  const sim::MaxContext reach = sim::max_context(sim::Predictor(job), {});
  const std::string devices = ranks == 1 ? "1" : format_degrees(job);
  table.row({std::string(method), devices, format_tokens(reach.tokens), std::string(words_of(reach.breakdown.binding)),
             when(reach.breakdown.moment), format_tokens(reach.next_wall.tokens),
             std::string(words_of(reach.next_wall.binding))});
}

MarkdownTable empty_reach_table() {
  return MarkdownTable({"method", "ranks", "longest context", "bound by", "at", "next wall", "then bound by"});
}

}  // namespace

std::string axes_table(std::string_view method) {
  const Method& m = method_preset(method).method;
  const bool is_fpdt = m.sequence == SequenceDistribution::fpdt;
  const bool blocks = m.attention == Attention::memory_efficient || m.feed_forward == FeedForward::blockwise;
  MarkdownTable table({"axis", "value", "meaning"});
  add_choice(table, "attention", m.attention);
  add_choice(table, "feed-forward", m.feed_forward);
  add_choice(table, "head", m.head);
  if (m.feed_forward == FeedForward::blockwise) add_choice(table, "key-values", m.key_values);
  if (m.sequence != SequenceDistribution::none) add_choice(table, "sequence", m.sequence);
  if (m.sharding != StateSharding::none) add_choice(table, "state sharding", m.sharding);
  if (m.offload_checkpoints) table.row({"offload-checkpoints", "`on`", "keep checkpoints on the host"});
  if (m.offload_optimizer)
    table.row({"offload-optimizer", "`on`", "keep optimizer states on the host and update there"});
  if (m.offload_parameters)
    table.row({"offload-parameters", "`on`", "keep parameters on the host and fetch them layer by layer"});
  if (m.prefetch > 0) table.row({"prefetch", format_count(m.prefetch), "layers whose parameters come ahead of use"});
  if (blocks || is_fpdt) add_chunk(table, "c_q, query chunk", m.query_chunk);
  if (blocks) add_chunk(table, "c_kv, key-value chunk", m.kv_chunk);
  if (m.feed_forward == FeedForward::chunked) add_chunk(table, "c_f, feed-forward chunk", m.ffn_chunk);
  if (m.head == Head::chunked || m.head == Head::fused) add_chunk(table, "c_v, head chunk", m.head_chunk);
  return table.text();
}

std::string reach_table() {
  MarkdownTable table = empty_reach_table();
  for (const std::string_view method : method_names()) add_reach(table, method);
  return table.text();
}

std::string reach_of(std::string_view method) {
  MarkdownTable table = empty_reach_table();
  add_reach(table, method);
  return table.text();
}

}  // namespace headroom::docs
