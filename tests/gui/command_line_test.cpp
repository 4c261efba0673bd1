#include <headroom/models/error.h>

#include "application.h"
#include "model/command_line.h"
#include "model/prediction.h"
#include "program.h"

using namespace headroom;
using namespace headroom::gui;
using namespace headroom::gui::test;

namespace {

/// The command's answer is that of the window.
void check_same_answer(const JobState& state) {
  const QString command = command_line(state);
  INFO(command.toStdString());
  const QJsonObject breakdown = ask_shell(command)["breakdown"].toObject();
  const Prediction prediction = predict(state.job());
  REQUIRE(prediction.breakdown);
  CHECK(integer(breakdown["device_bytes"]) == prediction.breakdown->device.count());
  CHECK(integer(breakdown["allocated_bytes"]) == prediction.breakdown->allocated.count());
  CHECK(integer(breakdown["seq_tokens"]) == state.job().seq.count());
}

}  // namespace

TEST_CASE("the copied command gives the window's answer, whatever field was changed") {
  for (const JobField& field : job_fields()) {
    if (field.kind == FieldKind::toggle) {
      JobState state;
      state.set_field(field, "true");
      if (refusal(state.job()).isEmpty()) check_same_answer(state);
    }
    for (const FieldValue& value : field.values) {
      JobState state;
      state.set_method(field.name.starts_with("head") ? "mst" : "bpt");
      const bool is_every = field.kind == FieldKind::recompute && value.name == "every";
      state.set_field(field, is_every ? "every:4" : QString::fromUtf8(value.name.data(), qsizetype(value.name.size())));
      if (refusal(state.job()).isEmpty()) check_same_answer(state);
    }
  }
}

TEST_CASE("the copied command names a budget, a path with spaces, or the job's file") {
  const Folder folder;
  JobState state;
  state.set_budget(Bytes(std::int64_t{40} << 30));
  check_same_answer(state);

  state.set_model(folder.with("my config's copy.json", content_of(QStringLiteral(HEADROOM_CONFIG))));
  check_same_answer(state);

  const QString path = folder.file("job.json");
  state.save(path);
  JobState opened;
  opened.open(path);
  check_same_answer(opened);
  opened.set_method("mst");
  CHECK_THROWS_AS(command_line(opened), InputError);
}
