#include "commands/sweep.h"

#include <memory>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <headroom/models/error.h>
#include <headroom/models/format.h>

#include "commands/commands.h"
#include "commands/sweep_plan.h"
#include "deliver.h"
#include "exit_code.h"
#include "grid_option.h"
#include "help.h"
#include "in_order.h"
#include "interruption.h"
#include "job_request.h"
#include "output_options.h"
#include "progress.h"
#include "result_stream.h"

namespace headroom::cli {
namespace {

constexpr std::int64_t kRowsAtLengths = 4096;  ///< of a block, some milliseconds
constexpr std::int64_t kRowsAtLongest = 64;

struct Options {
  JobOptions job;
  std::vector<std::string> varied;
  GridOption grid;
  bool skips_refused = false;
  OutputOptions output;
};

/// Rows one after the other, computed.
struct Block {
  std::string lines;
  std::vector<SweepRow> rows;  ///< where a table is asked for
  SweepCounts counts;
};

std::unique_ptr<SweepWriter> writer_for(Format format, const SweepPlan& plan) {
  if (format == Format::csv) return std::make_unique<SweepCsv>(plan);
  if (format == Format::jsonl) return std::make_unique<SweepJsonLines>(plan);
  return nullptr;
}

/// One sweep, from the first row to the last, or to a signal.
class Run {
 public:
  Run(const SweepPlan& plan, const Options& options, Console& console)
      : plan_(plan),
        options_(options),
        console_(console),
        writer_(writer_for(options.output.format(), plan)),
        stream_(options.output.output(), console) {}

  /// Throws Interrupted behind the last whole row.
  void write() {
    if (writer_) stream_.add(writer_->begin());
    write_blocks();
    if (!writer_) stream_.add(table_text(plan_, rows_, options_.output.style(console_)));
    if (counts_.all() < plan_.sweep.rows()) {
      const std::string where = stream_.finish_early();
      throw Interrupted(interruption_.signal(),
                        fmt::format("interrupted: {} of {} jobs are answered, in {}", format_grouped(counts_.all()),
                                    format_grouped(plan_.sweep.rows()), where));
    }
    stream_.finish();
  }

  [[nodiscard]] const SweepCounts& counts() const { return counts_; }

 private:
  [[nodiscard]] Block compute(std::int64_t block) const {
    Block result;
    const std::int64_t first = block * block_rows_;
    const auto add = [&](std::int64_t row, const sim::SweepAnswer& answer) {
      result.counts.add(answer);
      if (options_.skips_refused && !answer.refused.empty()) return;
      writer_ ? void(result.lines += writer_->line(row, answer)) : result.rows.push_back({row, answer});
    };
    plan_.sweep.answer(first, std::min(block_rows_, plan_.sweep.rows() - first), add);
    return result;
  }

  void write_blocks() {
    const bool is_shown = console_.is_terminal(Console::Stream::err) &&
                          (!options_.output.output().empty() || !console_.is_terminal(Console::Stream::out));
    Progress progress(plan_.sweep.rows(), is_shown, console_);
    const std::int64_t blocks = (plan_.sweep.rows() - 1) / block_rows_ + 1;
    InOrder in_order(blocks, [this](std::int64_t block) { return compute(block); });
    for (std::int64_t i = 0; i < blocks && interruption_.signal() == 0; ++i) {
      Block block = in_order.take();
      stream_.add(block.lines);
      std::move(block.rows.begin(), block.rows.end(), std::back_inserter(rows_));
      counts_.add(block.counts);
      progress.show(counts_.all());
    }
  }

  const SweepPlan& plan_;
  const Options& options_;
  Console& console_;
  Interruption interruption_;
  std::unique_ptr<SweepWriter> writer_;  ///< null: a table
  ResultStream stream_;
  std::int64_t block_rows_ = plan_.grid ? kRowsAtLongest : kRowsAtLengths;
  std::vector<SweepRow> rows_;
  SweepCounts counts_;
};

void refuse_long_table(const SweepPlan& plan, const OutputOptions& output) {
  if (output.format() != Format::table || plan.sweep.rows() <= kMostTableRows) return;
  throw InputError(fmt::format("a table of {} rows is too long to be read; give --format csv or jsonl",
                               format_grouped(plan.sweep.rows())));
}

int answer(const Options& options, Console& console) {
  const SweepPlan plan = plan_sweep(options.job, options.varied, options.grid);
  refuse_long_table(plan, options.output);
  Run run(plan, options, console);
  run.write();
  const SweepCounts& counts = run.counts();
  print_notes(plan.notes, console);
  print_notes({counts_text(counts)}, console);
  if (options.skips_refused) print_notes(refusals_text(counts), console);
  return counts.fitting > 0 ? kFits : kDoesNotFit;
}

}  // namespace

Action add_sweep(CLI::App& app) {
  const auto options = std::make_shared<Options>();
  options->job.add_to(app, JobOptions::Methods::one, JobOptions::Length::optional);
  app.add_option("--vary", options->varied,
                 "an axis: model, hardware, method, seq or a job option without its dashes; values are a list, "
                 "FIRST:LAST:*FACTOR or FIRST:LAST:+STEP; each --vary adds an axis. With lengths each is predicted, "
                 "else the longest is found")
      ->option_text("NAME=VALUES")
      ->allow_extra_args(false)
      ->group(kQuestionGroup);
  options->grid.add_to(app);
  app.add_flag("--skip-refused", options->skips_refused, "leave refused combinations out, and count them by reason")
      ->disable_flag_override()
      ->group(kQuestionGroup);
  options->output.add_to(app, {Format::table, Format::csv, Format::jsonl});
  return [options](Console& console) { return answer(*options, console); };
}

}  // namespace headroom::cli
