#include <algorithm>
#include <type_traits>
#include <utility>

#include <fmt/format.h>

#include <headroom/models/error.h>
#include <headroom/models/format.h>
#include <headroom/models/job_field.h>

namespace headroom {
namespace {

bool always(const Job& /*job*/) { return true; }

bool is_blockwise(const Job& job) { return job.method.feed_forward == FeedForward::blockwise; }

/// Where the layer is no longer blockwise, as well: to take the choice back.
bool chooses_key_values(const Job& job) { return is_blockwise(job) || job.method.key_values != KeyValues::kept; }

bool has_score_blocks(const Job& job) {
  return is_blockwise(job) || job.method.attention == Attention::memory_efficient;
}

bool has_query_chunks(const Job& job) {
  return has_score_blocks(job) || job.method.sequence == SequenceDistribution::fpdt;
}

bool is_training(const Job& job) { return job.mode == Mode::training; }
bool is_inference(const Job& job) { return job.mode == Mode::inference; }

bool has_stages(const Job& job) { return job.degrees.pipeline > 1; }

/// Where the method shares no sequence, as well: to take them back.
bool has_sequence_ranks(const Job& job) {
  if (job.degrees.sequence > 1) return true;
  return job.method.sequence != SequenceDistribution::none && job.method.sequence != SequenceDistribution::megatron_sp;
}

bool fetches(const Job& job) { return job.method.sharding == StateSharding::zero3 || job.method.offload_parameters; }

bool has_head_chunks(const Job& job) {
  return is_training(job) && (job.method.head == Head::chunked || job.method.head == Head::fused);
}

template <class Enum>
std::vector<FieldValue> field_values() {
  std::vector<FieldValue> values;
  for (const auto& named : values_of<Enum>()) values.push_back({named.name, named.description});
  return values;
}

/// The rules that a chunk may follow; a number of tokens is none.
std::vector<FieldValue> chunk_rules() {
  std::vector<FieldValue> values = field_values<ChunkRule>();
  values.erase(values.begin());
  return values;
}

bool parse_toggle(std::string_view text, std::string_view what) {
  if (text != "true" && text != "false") {
    throw InputError(fmt::format("{} must be 'true' or 'false', not '{}'", what, text));
  }
  return text == "true";
}

/// A field with a closed set of values. access(job) is the value.
template <class Access>
JobField choice(std::string name, std::string title, std::string description, FieldGroup group, Access access) {
  using Enum = std::remove_reference_t<decltype(access(std::declval<Job&>()))>;
  JobField field{
      std::move(name), std::move(title), std::move(description), group, FieldKind::choice, field_values<Enum>(), {}, {},
      always};
  field.set = [access](Job& job, std::string_view text, std::string_view what) {
    access(job) = value_of<Enum>(text, what);
  };
  field.show = [access](const Job& job) { return std::string(name_of(access(job))); };
  return field;
}

template <class Access>
JobField chunk(std::string name, std::string title, std::string description, FieldGroup group,
               std::vector<FieldValue> rules, Access access) {
  JobField field{
      std::move(name), std::move(title), std::move(description), group, FieldKind::chunk, std::move(rules), {}, {},
      always};
  field.set = [access](Job& job, std::string_view text, std::string_view what) {
    access(job) = parse_chunk(text, what);
  };
  field.show = [access](const Job& job) { return format_chunk(access(job)); };
  return field;
}

template <class Access>
JobField toggle(std::string name, std::string title, std::string description, FieldGroup group, Access access) {
  JobField field{std::move(name), std::move(title), std::move(description), group, FieldKind::toggle, {}, {}, {},
                 always};
  field.set = [access](Job& job, std::string_view text, std::string_view what) {
    access(job) = parse_toggle(text, what);
  };
  field.show = [access](const Job& job) { return std::string(access(job) ? "true" : "false"); };
  return field;
}

JobField host_memory() {
  JobField field{"host-memory",
                 "Host memory",
                 "of a node, for what is offloaded: bytes such as 1.9TB, or none for no limit",
                 FieldGroup::training,
                 FieldKind::bytes,
                 {},
                 {},
                 {},
                 always};
  field.set = [](Job& job, std::string_view text, std::string_view what) {
    job.host_memory = text == "none" ? std::nullopt : std::optional(parse_bytes(text, what));
  };
  field.show = [](const Job& job) { return job.host_memory ? format_count(job.host_memory->count()) : "none"; };
  return field;
}

JobField recompute() {
  return {"recompute",
          "Recompute",
          "what backward computes again",
          FieldGroup::training,
          FieldKind::recompute,
          field_values<RecomputeKind>(),
          [](Job& job, std::string_view text, std::string_view what) { job.recompute = parse_recompute(text, what); },
          [](const Job& job) { return format_recompute(job.recompute); },
          always};
}

template <class Access>
JobField count(std::string name, std::string title, std::string description, FieldGroup group, Access access,
               std::int64_t least = 1) {
  JobField field{std::move(name), std::move(title), std::move(description), group, FieldKind::count, {}, {}, {},
                 always};
  field.set = [access, least](Job& job, std::string_view text, std::string_view what) {
    access(job) = parse_count(text, what, least);
  };
  field.show = [access](const Job& job) { return format_count(access(job)); };
  return field;
}

JobField only_where(bool (*applies)(const Job&), JobField field) {
  field.applies = applies;
  return field;
}

void add_method_fields(std::vector<JobField>& fields) {
  const FieldGroup group = FieldGroup::method;
  fields.push_back(choice(
      "attention", "Attention", "attention", group, [](auto& j) -> auto& { return j.method.attention; }));
  fields.push_back(choice(
      "feed-forward", "Feed-forward", "feed-forward", group, [](auto& j) -> auto& { return j.method.feed_forward; }));
  fields.push_back(choice(
      "head", "Head", "head and loss", group, [](auto& j) -> auto& { return j.method.head; }));
  fields.push_back(only_where(chooses_key_values, choice(
                                                      "key-values", "Keys and values", "K and V of blockwise layers",
                                                      group, [](auto& j) -> auto& { return j.method.key_values; })));
}

void add_chunk_fields(std::vector<JobField>& fields) {
  fields.push_back(
      only_where(has_query_chunks, chunk(
                                       "query-chunk", "Query chunk", "tokens of a query chunk", FieldGroup::method, {},
                                       [](auto& j) -> auto& { return j.method.query_chunk; })));
  fields.push_back(
      only_where(has_score_blocks, chunk(
                                       "kv-chunk", "Key-value chunk", "tokens of a key-value chunk", FieldGroup::method,
                                       {}, [](auto& j) -> auto& { return j.method.kv_chunk; })));
  fields.push_back(only_where([](const Job& job) { return job.method.feed_forward == FeedForward::chunked; },
                              chunk(
                                  "ffn-chunk", "Feed-forward chunk", "feed-forward chunk", FieldGroup::method,
                                  chunk_rules(), [](auto& j) -> auto& { return j.method.ffn_chunk; })));
  fields.push_back(
      only_where(has_head_chunks, chunk(
                                      "head-chunk", "Head chunk", "head chunk", FieldGroup::method, chunk_rules(),
                                      [](auto& j) -> auto& { return j.method.head_chunk; })));
}

void add_distribution_fields(std::vector<JobField>& fields) {
  fields.push_back(choice(
      "sequence", "Sequence", "how ranks share each sequence", FieldGroup::method,
      [](auto& j) -> auto& { return j.method.sequence; }));
  fields.push_back(choice(
      "sharding", "State sharding", "which states the ranks share out", FieldGroup::method,
      [](auto& j) -> auto& { return j.method.sharding; }));
  fields.push_back(toggle(
      "offload-checkpoints", "Offload checkpoints", "keep checkpoints on the host", FieldGroup::method,
      [](auto& j) -> auto& { return j.method.offload_checkpoints; }));
  fields.push_back(toggle(
      "offload-optimizer", "Offload optimizer", "keep optimizer states on the host and update there",
      FieldGroup::method, [](auto& j) -> auto& { return j.method.offload_optimizer; }));
  fields.push_back(toggle(
      "offload-parameters", "Offload parameters", "keep parameters on the host and fetch them layer by layer",
      FieldGroup::method, [](auto& j) -> auto& { return j.method.offload_parameters; }));
  fields.push_back(only_where(fetches, count(
                                           "prefetch", "Prefetch depth", "layers whose parameters come ahead of use",
                                           FieldGroup::method, [](auto& j) -> auto& { return j.method.prefetch; }, 0)));
  fields.push_back(count(
      "data-parallel", "Data ranks", "groups of ranks with sequences of their own", FieldGroup::training,
      [](auto& j) -> auto& { return j.degrees.data; }));
  fields.push_back(
      only_where(has_sequence_ranks, count(
                                         "sequence-parallel", "Sequence ranks", "ranks that share each sequence",
                                         FieldGroup::training, [](auto& j) -> auto& { return j.degrees.sequence; })));
  fields.push_back(count(
      "tensor-parallel", "Tensor ranks", "ranks that share each parameter matrix", FieldGroup::training,
      [](auto& j) -> auto& { return j.degrees.tensor; }));
  fields.push_back(count(
      "pipeline-parallel", "Pipeline stages", "stages that share the layers", FieldGroup::training,
      [](auto& j) -> auto& { return j.degrees.pipeline; }));
  fields.push_back(
      only_where(has_stages, count(
                                 "model-chunks", "Model chunks", "runs of layers of each stage, interleaved",
                                 FieldGroup::training, [](auto& j) -> auto& { return j.model_chunks; })));
  fields.push_back(only_where(has_stages, count(
                                              "micro-batches", "Micro-batches", "of a step, through the pipeline",
                                              FieldGroup::training, [](auto& j) -> auto& { return j.micro_batches; })));
  fields.push_back(
      only_where([](const Job& job) { return job.method.sequence == SequenceDistribution::ring_ulysses; },
                 count(
                     "ulysses-parallel", "Ulysses ranks", "sequence ranks that exchange heads, within the ring",
                     FieldGroup::training, [](auto& j) -> auto& { return j.degrees.ulysses; })));
}

bool has_host(const Job& job) { return uses_host(job.method); }

void add_host_fields(std::vector<JobField>& fields) {
  fields.push_back(only_where(has_host, count(
                                            "nodes", "Nodes", "machines that the ranks are spread over",
                                            FieldGroup::training, [](auto& j) -> auto& { return j.nodes; })));
  fields.push_back(only_where(has_host, host_memory()));
}

void add_common_fields(std::vector<JobField>& fields) {
  const FieldGroup group = FieldGroup::training;
  fields.push_back(choice(
      "mode", "Mode", "a training step, or inference", group, [](auto& j) -> auto& { return j.mode; }));
  fields.push_back(choice(
      "precision", "Precision", "precision", group, [](auto& j) -> auto& { return j.precision; }));
  fields.push_back(count(
      "batch", "Batch", "sequences per micro-batch, or all of inference", group,
      [](auto& j) -> auto& { return j.batch; }));
}

/// Read in training alone.
std::vector<JobField> training_fields() {
  std::vector<JobField> fields;
  const FieldGroup group = FieldGroup::training;
  fields.push_back(recompute());
  fields.push_back(choice(
      "optimizer", "Optimizer", "optimizer", group, [](auto& j) -> auto& { return j.optimizer.kind; }));
  fields.push_back(only_where([](const Job& job) { return job.optimizer.kind == OptimizerKind::adamw; },
                              choice(
                                  "optimizer-states", "Optimizer states", "type of AdamW's two moments", group,
                                  [](auto& j) -> auto& { return j.optimizer.states; })));
  fields.push_back(only_where([](const Job& job) { return job.optimizer.kind != OptimizerKind::adamw; },
                              choice(
                                  "momentum", "Momentum", "of Adafactor and SGD", group,
                                  [](auto& j) -> auto& { return j.optimizer.momentum; })));
  fields.push_back(only_where([](const Job& job) { return job.optimizer.kind == OptimizerKind::adafactor; },
                              toggle(
                                  "factored", "Factored", "keep row and column averages of second moments", group,
                                  [](auto& j) -> auto& { return j.optimizer.factored; })));
  fields.push_back(toggle(
      "update-in-backward", "Update in backward", "update a layer's parameters behind its backward", group,
      [](auto& j) -> auto& { return j.optimizer.in_backward; }));
  fields.push_back(toggle(
      "accumulate", "Accumulate gradients", "keep gradients across micro-batches", group,
      [](auto& j) -> auto& { return j.accumulate; }));
  fields.push_back(toggle(
      "dropout", "Dropout", "dropout with one-byte masks", group, [](auto& j) -> auto& { return j.dropout; }));
  for (JobField& field : fields) {
    field.applies = [applies = field.applies](const Job& job) { return is_training(job) && applies(job); };
  }
  return fields;
}

void add_inference_fields(std::vector<JobField>& fields) {
  const FieldGroup group = FieldGroup::inference;
  fields.push_back(only_where(is_inference, choice(
                                                "cache-type", "Cache type", "type of keys and values in the cache",
                                                group, [](auto& j) -> auto& { return j.inference.cache; })));
  fields.push_back(only_where(is_inference, count(
                                                "prefill-batch", "Prefill batch", "prompts that are read together",
                                                group, [](auto& j) -> auto& { return j.inference.prefill_batch; })));
  fields.push_back(
      only_where(is_inference, chunk(
                                   "prefill-chunk", "Prefill chunk", "tokens of a prompt that are read at a time",
                                   group, {{name_of(ChunkRule::whole), "the prompt at once"}},
                                   [](auto& j) -> auto& { return j.inference.prefill_chunk; })));
}

std::vector<JobField> make_fields() {
  std::vector<JobField> fields;
  add_method_fields(fields);
  add_chunk_fields(fields);
  add_distribution_fields(fields);
  add_host_fields(fields);
  add_common_fields(fields);
  for (JobField& field : training_fields()) fields.push_back(std::move(field));
  add_inference_fields(fields);
  return fields;
}

}  // namespace

std::span<const JobField> job_fields() {
  static const std::vector<JobField> kFields = make_fields();
  return kFields;
}

const JobField& job_field(std::string_view name) {
  const auto fields = job_fields();
  return *std::find_if(fields.begin(), fields.end(), [name](const JobField& field) { return field.name == name; });
}

}  // namespace headroom
