// libFuzzer: any bytes as a job file.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include <headroom/models/read.h>

#include "every_question.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  headroom::Job job;
  if (!headroom::test::answered([&] { job = headroom::parse_job(text, "job.json").value; })) return 0;
  headroom::test::require(headroom::parse_job(headroom::job_to_json(job), "saved.json").value == job,
                          "saving changes the job");
  headroom::test::ask_everything(job);
  return 0;
}
