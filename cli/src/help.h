#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace CLI {
class FormatterBase;
}

namespace headroom::cli {

/// Headings of --help, in the order in which options are added.
inline constexpr const char* kJobGroup = "Job";
inline constexpr const char* kMethodGroup = "Method (overrides the method's own choice)";
inline constexpr const char* kTrainingGroup = "Training";
inline constexpr const char* kInferenceGroup = "Inference";
inline constexpr const char* kQuestionGroup = "Question";
inline constexpr const char* kOutputGroup = "Output";

/// "how to print: table, json, csv (default table)"
[[nodiscard]] std::string describe_values(std::string_view what, const std::vector<std::string_view>& values,
                                          std::string_view standard);

/// Prints help within 80 columns.
[[nodiscard]] std::shared_ptr<CLI::FormatterBase> help_formatter();

}  // namespace headroom::cli
