#include <random>

#include <headroom/models/format.h>
#include <headroom/models/presets.h>
#include <headroom/models/read.h>

#include "catch.h"
#include "models_test.h"

using namespace headroom;
using headroom::test::contains;
using headroom::test::refusal;

namespace {

const std::string kSmallest =
    R"({"headroom": "job/1", "model": "llama-3-8b", "device": "A100-80GB", "method": "flash"})";

/// kSmallest with further fields.
std::string with(const std::string& fields) { return kSmallest.substr(0, kSmallest.size() - 1) + ", " + fields + "}"; }

Job parse(const std::string& text) { return parse_job(text, "job.json").value; }
std::string refused(const std::string& text) {
  return refusal([&text] { (void)parse_job(text, "job.json"); });
}

class RandomJob {
  std::int64_t number(std::int64_t least, std::int64_t most) {
    return std::uniform_int_distribution<std::int64_t>(least, most)(random_);
  }
  bool flip() { return number(0, 1) == 1; }
  template <class Range>
  auto pick(const Range& range) {
    return range[static_cast<std::size_t>(number(0, static_cast<std::int64_t>(range.size()) - 1))];
  }
  template <class Enum>
  Enum value() {
    return pick(values_of<Enum>()).value;
  }
  Chunk chunk() {
    const auto rule = value<ChunkRule>();
    return {rule, Tokens(rule == ChunkRule::tokens ? number(1, 1LL << 40) : 0)};
  }
  Method method() {
    return {flip() ? std::string(pick(method_names())) : "",
            value<Attention>(),
            value<FeedForward>(),
            value<Head>(),
            value<KeyValues>(),
            chunk(),
            chunk(),
            chunk(),
            chunk()};
  }

  std::mt19937 random_;

 public:
  explicit RandomJob(unsigned seed) : random_(seed) {}

  Job next() {
    Job job;
    job.model = model_preset(pick(model_names()));
    job.device = flip() ? device_preset(pick(device_names())) : budget_device(Bytes(number(1, 1LL << 50)));
    job.method = method();
    job.recompute.kind = value<RecomputeKind>();
    if (job.recompute.kind == RecomputeKind::every) job.recompute.every = number(1, 100);
    job.precision = value<Precision>();
    job.optimizer = {value<OptimizerKind>(), value<StateDType>(), value<Momentum>(), flip(), flip()};
    job.batch = number(1, 1LL << 40);
    job.seq = Tokens(number(0, 1LL << 40));
    job.accumulate = flip();
    job.dropout = flip();
    return job;
  }
};

}  // namespace

TEST_CASE("a job that is written reads back equal") {
  RandomJob random(20240725);
  for (int i = 0; i < 2000; ++i) {
    const Job job = random.next();
    const std::string text = job_to_json(job);
    const Job again = parse(text);
    REQUIRE(again == job);
    REQUIRE(job_to_json(again) == text);
  }
}

TEST_CASE("a job keeps names with quotes, line ends and letters beyond ASCII") {
  Job job = parse(kSmallest);
  job.model.name = "l\"a\\m\nä 模型";
  CHECK(parse(job_to_json(job)) == job);
}

TEST_CASE("the smallest job names a model, a device and a method, and takes the defaults for the rest") {
  const Job job = parse(kSmallest);
  Job expected;
  expected.model = model_preset("llama-3-8b");
  expected.device = device_preset("A100-80GB");
  expected.method = method_preset("flash").method;
  CHECK(job == expected);
  CHECK(job.recompute == Recompute{RecomputeKind::full, 1});
  CHECK(job.precision == Precision::bf16_mixed);
  CHECK(job.seq == Tokens(0));
}

TEST_CASE("a method starts from the preset it names, and each axis overrides it") {
  const Job job = parse(R"({"headroom": "job/1", "model": "gpt2", "device": "H200",
    "method": {"name": "bpt", "head": "chunked", "head_chunk": "2K", "kv_chunk": 512}})");
  Method expected = method_preset("bpt").method;
  expected.head = Head::chunked;
  expected.head_chunk = {ChunkRule::tokens, Tokens(2048)};
  expected.kv_chunk = {ChunkRule::tokens, Tokens(512)};
  CHECK(job.method == expected);
}

TEST_CASE("a method without a name starts from vanilla") {
  const Job job =
      parse(R"({"headroom": "job/1", "model": "gpt2", "device": "H200", "method": {"attention": "flash"}})");
  Method expected = method_preset("vanilla").method;
  expected.name.clear();
  expected.attention = Attention::flash;
  CHECK(job.method == expected);
}

TEST_CASE("a length may be written as on the command line") {
  CHECK(parse(with(R"("seq": "128K")")).seq == Tokens(131072));
  CHECK(parse(with(R"("seq": 131072)")).seq == Tokens(131072));
}

TEST_CASE("an unknown key is refused with the nearest name, at any depth") {
  CHECK_THAT(refused(with(R"("precison": "fp32")")),
             Catch::Matchers::Equals("job.json: unknown key 'precison'; did you mean 'precision'?"));
  CHECK_THAT(refused(with(R"("colour": "red")")), contains("unknown key 'colour'; known are headroom, model"));
  CHECK_THAT(refused(R"({"headroom": "job/1", "model": "gpt2", "device": "H200", "method": {"atention": "flash"}})"),
             contains("job.json: method: unknown key 'atention'; did you mean 'attention'?"));
  std::string deep = job_to_json(parse(kSmallest));
  deep.replace(deep.find("kv_heads"), 8, "kv_hedas");
  CHECK_THAT(refused(deep), contains("job.json: model.kinds[0]: "));
}

TEST_CASE("another version, another file and no tag at all are refused in a sentence") {
  CHECK_THAT(
      refused(R"({"headroom": "job/2"})"),
      Catch::Matchers::Equals("job.json says \"headroom\": 'job/2'; expected is \"headroom\": \"job/1\"; another "
                              "version of headroom wrote it"));
  CHECK_THAT(refused(R"({"headroom": "transformer/1"})"), contains("expected is \"headroom\": \"job/1\""));
  CHECK_THAT(refused(R"({"model": "gpt2"})"), contains("does not say what it is"));
  CHECK_THAT(refused("[]"), contains("job.json must be a JSON object, not a list"));
}

TEST_CASE("a key that is missing or holds the wrong thing is refused by its path") {
  const std::pair<std::string, const char*> rows[] = {
      {R"({"headroom": "job/1"})", "job.json: the key 'model' is missing"},
      {R"({"headroom": "job/1", "model": null})", "the key 'model' is missing"},
      {R"({"headroom": "job/1", "model": 3})", "model must be a JSON object, not the number 3"},
      {R"({"headroom": "job/1", "model": "gtp2"})", "job.json: model: there is no model 'gtp2'; did you mean 'gpt2'?"},
      {with(R"("batch": 0)"), "batch must be between 1 and 2^40, not 0"},
      {with(R"("batch": -1)"), "batch must be between 1 and 2^40, not -1"},
      {with(R"("batch": 1.5)"), "batch must be a whole number below 2^63, not the number 1.5"},
      {with(R"("batch": 18446744073709551615)"), "batch must be a whole number below 2^63"},
      {with(R"("seq": -1)"), "seq must be a whole number of tokens between 1 and 2^40"},
      {with(R"("seq": [1])"), "seq must be a whole number of tokens"},
      {with(R"("recompute": "every:0")"), "recompute must be none, selective, full or every:K"},
      {with(R"("recompute": 7)"), "recompute must be none"},
      {with(R"("precision": "fp16")"), "precision must be one of fp32, bf16-mixed, bf16, not 'fp16'"},
      {with(R"("dropout": "yes")"), "dropout must be true or false, not the text 'yes'"},
      {R"({"headroom": "job/1", "model": "gpt2", "device": "H200", "method": {"head_chunk": 0}})",
       "method.head_chunk must be a number of tokens"},
      {R"({"headroom": "job/1", "model": "gpt2", "device": "H200", "method": {"name": "flush"}})",
       "method: there is no method 'flush'; did you mean 'flash'?"},
      {R"({"headroom": "job/1", "model": {"headroom": "transformer/2"}})", "job.json: model says \"headroom\""},
  };
  for (const auto& [text, fault] : rows) CHECK_THAT(refused(text), contains(fault));
}

TEST_CASE("an embedded model that does not hold together is refused with its path") {
  Job job = parse(kSmallest);
  job.model.kinds[0].kv_heads = 5;
  CHECK_THAT(refused(job_to_json(job)), contains("job.json: model: model 'llama-3-8b': kinds[0].kv_heads (5) must "
                                                 "divide heads (32)"));
}

TEST_CASE("a node may have terabytes of host memory; none at all is refused in a sentence") {
  const auto job = [](const std::string& bytes) {
    return R"({"headroom": "job/1", "model": "gpt2", "device": "A100-80GB", "method": "flash", "host_memory": )" +
           bytes + "}";
  };
  CHECK(parse_job(job("1900000000000"), "job").value.host_memory == Bytes(1'900'000'000'000));
  CHECK_FALSE(parse_job(job("null"), "job").value.host_memory);
  CHECK_THROWS_WITH(parse_job(job("0"), "job"), contains("host_memory must be a positive number of bytes, not 0"));
}
