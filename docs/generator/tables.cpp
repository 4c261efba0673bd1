#include "tables.h"

#include <algorithm>

#include <fmt/format.h>

#include "words.h"

namespace headroom::docs {
namespace {

constexpr const char* kNewLine = "<br>";

std::string births(const TensorRow& row) {
  std::vector<std::string_view> words;
  for (const Lifetime& life : row.lifetimes) words.push_back(words_of(life.born));
  return fmt::format("{}", fmt::join(words, kNewLine));
}

std::string deaths(const TensorRow& row) {
  std::vector<std::string_view> words;
  for (const Lifetime& life : row.lifetimes) words.push_back(life.dies ? words_of(*life.dies) : "lives on");
  return fmt::format("{}", fmt::join(words, kNewLine));
}

const TensorRow* find(const std::vector<TensorRow>& rows, const TensorRow& weight, Category category) {
  const auto found = std::find_if(rows.begin(), rows.end(), [&](const TensorRow& row) {
    return row.name == weight.name && row.shape == weight.shape && row.category == category;
  });
  return found != rows.end() ? &*found : nullptr;
}

std::string type_of(const TensorRow* row) { return row != nullptr ? std::string(type_name(row->dtype)) : ""; }

}  // namespace

MarkdownTable::MarkdownTable(const std::vector<std::string>& heads) {
  row(heads);
  row(std::vector<std::string>(heads.size(), "---"));
}

void MarkdownTable::row(const std::vector<std::string>& cells) {
  text_ += fmt::format("| {} |\n", fmt::join(cells, " | "));
}

std::string tensor_table(const std::vector<TensorRow>& rows) {
  MarkdownTable table({"tensor", "shape", "type", "category", "born", "dies", "source"});
  for (const TensorRow& row : rows) {
    table.row({row.name, row.shape, std::string(type_name(row.dtype)), std::string(words_of(row.category)), births(row),
               deaths(row), row.source});
  }
  return table.text();
}

std::string weight_table(const std::vector<TensorRow>& rows) {
  MarkdownTable table({"weight", "shape", "parameters", "optimizer state, each moment", "gradients", "gradient born",
                       "gradient dies", "source"});
  for (const TensorRow& row : rows) {
    if (row.category != Category::parameters) continue;
    const TensorRow* gradient = find(rows, row, Category::gradients);
    table.row({row.name, row.shape, type_of(&row), type_of(find(rows, row, Category::optimizer_state)),
               type_of(gradient), gradient != nullptr ? births(*gradient) : "",
               gradient != nullptr ? deaths(*gradient) : "", row.source});
  }
  return table.text();
}

}  // namespace headroom::docs
