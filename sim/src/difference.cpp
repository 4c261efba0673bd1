#include <headroom/sim/difference.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <tuple>
#include <utility>

namespace headroom::sim {
namespace {

using Terms = std::map<std::tuple<Memory, Category, std::string>, TermDifference>;
using Side = Held TermDifference::*;

Held& held(Terms& terms, Memory memory, Category category, const std::string& name, Side side) {
  TermDifference& term = terms[{memory, category, name}];
  term.memory = memory;
  term.category = category;
  term.name = name;
  return term.*side;
}

void add_tensors(Terms& terms, const std::vector<LiveTensor>& tensors, Memory memory, Side side) {
  for (const LiveTensor& tensor : tensors) {
    Held& term = held(terms, memory, tensor.category, tensor.name, side);
    term.tensors.push_back(tensor);
    term.total += tensor.total;
  }
}

/// What is no tensor is called by its category.
void add_overhead(Terms& terms, const BytesByCategory& categories, Side side) {
  for (const Category category : {Category::workspace, Category::context, Category::allocator_slack}) {
    Bytes tensors;
    for (const auto& [key, term] : terms) {
      const bool counts = std::get<Memory>(key) == Memory::device && std::get<Category>(key) == category;
      if (counts) tensors += (term.*side).total;
    }
    const Bytes rest = categories[category] - tensors;
    if (rest == Bytes()) continue;
    held(terms, Memory::device, category, std::string(description_of(category)), side).total += rest;
  }
}

void add_job(Terms& terms, const Predictor& predictor, const Breakdown& breakdown, Side side) {
  const Tokens seq = predictor.job().seq;
  add_tensors(terms, predictor.explain(seq).tensors, Memory::device, side);
  add_tensors(terms, predictor.explain_host(seq).tensors, Memory::host, side);
  add_overhead(terms, breakdown.categories, side);
}

Bytes magnitude(Bytes bytes) { return std::max(bytes, Bytes() - bytes); }

}  // namespace

std::int64_t Held::count() const {
  std::int64_t count = 0;
  for (const LiveTensor& tensor : tensors) count += tensor.count;
  return count;
}

Difference difference(const Predictor& first, const Predictor& second) {
  Difference result{first.breakdown(first.job().seq), second.breakdown(second.job().seq), {}};
  Terms terms;
  add_job(terms, first, result.first, &TermDifference::first);
  add_job(terms, second, result.second, &TermDifference::second);
  for (auto& [key, term] : terms) result.terms.push_back(std::move(term));
  std::stable_sort(result.terms.begin(), result.terms.end(), [](const TermDifference& a, const TermDifference& b) {
    return magnitude(a.difference()) > magnitude(b.difference());
  });
  return result;
}

}  // namespace headroom::sim
