#include "records.h"

#include <cstdlib>

#include <headroom/models/presets.h>
#include <headroom/models/read.h>
#include <headroom/sim/communication.h>
#include <headroom/sim/predictor.h>

namespace headroom::test {

Folder::Folder() {
  std::string pattern = (std::filesystem::temp_directory_path() / "headroom-cli-test-XXXXXX").string();
  path_ = ::mkdtemp(pattern.data());
}

Folder::~Folder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

namespace {

Record agreeing_record(const std::string& method, const Degrees& degrees) {
  Record record;
  record.job.model = model_preset("gpt2");
  record.job.device = device_preset("A100-80GB");
  record.job.method = method_preset(method).method;
  record.job.degrees = degrees;
  record.job.seq = Tokens(1024);
  record.backend = "host";
  record.device = "a processor";
  const sim::Breakdown predicted = sim::Predictor(record.job).breakdown(record.job.seq);
  record.allocated.total = predicted.allocated;
  for (const Category category :
       {Category::parameters, Category::gradients, Category::optimizer_state, Category::saved_activations,
        Category::attention, Category::feed_forward, Category::head_and_loss, Category::communication}) {
    record.allocated.categories[category] = predicted.categories[category];
  }
  record.allocated.instant = "head";
  record.allocated.tensor = "logits";
  return record;
}

}  // namespace

Record agreeing_record(const std::string& method) { return agreeing_record(method, {}); }

Record agreeing_record_of_ranks() {
  Record record = agreeing_record("ring", {1, 2, 1});
  for (std::int64_t rank = 0; rank < 2; ++rank) {
    const sim::Sent sent = sim::communication(record.job, record.job.seq, rank).step().total();
    record.ranks.push_back({rank, record.allocated, {}, {}, MeasuredSent{sent.bytes, sent.messages}});
  }
  return record;
}

std::string write(const Folder& folder, const std::string& name, const Record& record) {
  const std::string path = folder.file(name);
  std::filesystem::create_directories(std::filesystem::path(path).parent_path());
  write_file_atomically(path, record_to_json(record));
  return path;
}

}  // namespace headroom::test
