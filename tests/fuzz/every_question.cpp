#include "every_question.h"

#include <optional>
#include <stdexcept>
#include <vector>

#include <nlohmann/json.hpp>

#include <headroom/models/error.h>
#include <headroom/sim/max_context.h>

namespace headroom::test {
namespace {

/// Bytes: the keys of a job, which is the longest list a refusal names, behind a place and a quoted word.
constexpr std::size_t kLongestRefusal = 512;

using sim::Grid;
using sim::MaxContext;
using sim::Predictor;

void check_breakdown(const sim::Breakdown& breakdown) {
  require(breakdown.allocated > Bytes() && breakdown.device >= breakdown.allocated, "a peak is not positive");
  require(breakdown.categories.total() == breakdown.device, "the categories do not sum to the device's bytes");
  for (const Bytes bytes : breakdown.categories.bytes) require(bytes >= Bytes(), "a category is negative");
}

void check_at(const Predictor& predictor, Tokens seq) {
  const sim::Breakdown breakdown = predictor.breakdown(seq);
  check_breakdown(breakdown);
  require(predictor.peak(seq).allocated == breakdown.allocated, "peak and breakdown differ");
  Bytes sum;
  for (const sim::LiveTensor& tensor : predictor.explain(seq).tensors) {
    require(tensor.count > 0 && tensor.total > Bytes(), "a tensor is not positive");
    sum += tensor.total;
  }
  require(sum == breakdown.allocated, "the tensors do not sum to the peak");
}

void check_max_context(const Predictor& predictor, const Grid& grid) {
  const MaxContext answer = max_context(predictor, grid);
  check_breakdown(answer.breakdown);
  require(answer.tokens >= Tokens(0) && answer.next > answer.tokens, "the grid runs backwards");
  require(answer.next_wall.tokens >= answer.tokens, "the next wall is nearer than the answer");
  require(answer.shortfall > Bytes() || answer.tokens >= Tokens(std::int64_t{1} << 39),
          "nothing is missing behind the answer");
}

}  // namespace

void require(bool condition, const char* what) {
  if (!condition) throw std::logic_error(what);
}

bool answered(const std::function<void()>& ask, std::string& sentence) {
  try {
    ask();
    return true;
  } catch (const InputError& error) {
    sentence = error.what();
    return false;
  }
}

bool answered(const std::function<void()>& ask) {
  std::string sentence;
  if (answered(ask, sentence)) return true;
  const std::string fault = fault_of_sentence(sentence);
  if (!fault.empty()) throw std::logic_error(fault);
  return false;
}

std::string fault_of_sentence(const std::string& sentence) {
  if (sentence.empty()) return "the refusal says nothing";
  if (sentence.size() >= kLongestRefusal)
    return "the refusal is " + std::to_string(sentence.size()) + " bytes long: " + sentence;
  for (const char c : sentence) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return "the refusal has control characters: " + sentence;
  }
  try {
    static_cast<void>(nlohmann::json(sentence).dump());
  } catch (const nlohmann::json::exception&) {
    return "the refusal is not UTF-8: " + sentence;
  }
  return {};
}

void ask_everything(const Job& job) {
  std::optional<Predictor> predictor;
  if (!answered([&] { predictor.emplace(job); })) return;
  const std::vector<std::function<void()>> questions{
      [&] { check_at(*predictor, Tokens(1)); },
      [&] { check_at(*predictor, Tokens(131072)); },
      [&] { check_at(*predictor, job.seq); },
      [&] { check_max_context(*predictor, {}); },
      [&] {
        check_max_context(*predictor, {Grid::Kind::powers_of_two, Tokens(256)});
      },
  };
  for (const auto& question : questions) static_cast<void>(answered(question));
}

}  // namespace headroom::test
