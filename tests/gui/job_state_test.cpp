#include <QSignalSpy>

#include <headroom/models/error.h>
#include <headroom/models/read.h>

#include "application.h"
#include "model/job_state.h"
#include "model/text.h"

using namespace headroom;
using namespace headroom::gui;
using namespace headroom::gui::test;

TEST_CASE("undo takes back one change at a time and redo brings it again") {
  JobState state;
  const Job first = state.job();
  state.set_method("mst");
  state.set_field(job_field("batch"), "4");
  const Job last = state.job();

  CHECK(state.undo_text() == "Batch");
  state.undo();
  CHECK(state.job().batch == 1);
  CHECK(state.job().method.name == "mst");
  state.undo();
  CHECK(state.job() == first);
  CHECK_FALSE(state.can_undo());
  state.redo();
  state.redo();
  CHECK(state.job() == last);
  CHECK_FALSE(state.can_redo());
}

TEST_CASE("the steps of one drag are undone together, those of two drags are not") {
  JobState state;
  const Tokens first = state.job().seq;
  state.set_seq(Tokens(1024));
  state.set_seq(Tokens(2048));
  state.end_gesture();
  state.set_seq(Tokens(4096));

  state.undo();
  CHECK(state.job().seq == Tokens(2048));
  state.undo();
  CHECK(state.job().seq == first);
}

TEST_CASE("a change after undo forgets what was undone") {
  JobState state;
  state.set_method("mst");
  state.undo();
  state.set_method("bpt");
  CHECK_FALSE(state.can_redo());
  CHECK(state.job().method.name == "bpt");
}

TEST_CASE("what is not a change is not told and not undone") {
  JobState state;
  const QSignalSpy changes(&state, &JobState::changed);
  state.set_seq(state.job().seq);
  state.set_method("flash");
  CHECK(changes.isEmpty());
  CHECK_FALSE(state.can_undo());
}

TEST_CASE("a broken model, device or job is refused in a sentence and changes nothing") {
  const Folder folder;
  JobState state;
  const Document before = state.document();
  const QSignalSpy changes(&state, &JobState::changed);
  const QString broken = folder.with("config.json", "{\"hidden_size\": ");
  CHECK_THROWS_AS(state.set_model(broken), InputError);
  CHECK_THROWS_AS(state.set_device(broken), InputError);
  CHECK_THROWS_AS(state.open(broken), InputError);
  CHECK_THROWS_AS(state.set_model("llama-3-9b"), InputError);
  CHECK_THROWS_AS(state.set_field(job_field("batch"), "0"), InputError);
  CHECK_THROWS_AS(state.set_budget(Bytes(0)), InputError);
  CHECK(state.document() == before);
  CHECK(changes.isEmpty());
}

TEST_CASE("a saved job is read again as it was, by the window and by the reader of job files") {
  const Folder folder;
  const QString path = folder.file("job.json");
  JobState state;
  state.set_method("mst");
  state.set_field(job_field("head-chunk"), "2048");
  CHECK(state.is_modified());
  state.save(path);
  CHECK_FALSE(state.is_modified());
  CHECK(read_job(to_utf8(path)).value == state.job());

  JobState other;
  other.open(path);
  CHECK(other.job() == state.job());
  CHECK(other.document().model_source == "llama-3-8b");
  CHECK_FALSE(other.can_undo());
  CHECK_FALSE(other.is_modified());
}

TEST_CASE("devices are arranged as gets furthest, in one change") {
  JobState state;
  state.set_method("ring");
  state.set_devices("8");
  CHECK(state.job().degrees == Degrees{.sequence = 8});
  CHECK(state.undo_text() == "Devices");
  state.undo();
  CHECK(state.job().degrees == Degrees{});
}

TEST_CASE("devices keep the pipeline's stages, and are refused where they cannot") {
  JobState state;
  state.set_field(job_field("pipeline-parallel"), "4");
  state.set_devices("8");
  CHECK(state.job().degrees.pipeline == 4);
  CHECK(rank_count(state.job().degrees) == 8);
  const Job before = state.job();
  CHECK_THROWS_AS(state.set_devices("6"), InputError);
  CHECK_THROWS_AS(state.set_devices("some"), InputError);
  CHECK_THROWS_AS(state.set_devices("0"), InputError);
  CHECK(state.job() == before);
}

TEST_CASE("more ranks than can be counted are refused and change nothing") {
  JobState state;
  state.set_field(job_field("data-parallel"), "1099511627776");
  const Job before = state.job();
  CHECK_THROWS_AS(state.set_field(job_field("tensor-parallel"), "1099511627776"), InputError);
  CHECK(state.job() == before);
}

TEST_CASE("a job that cannot be saved says so and keeps its path") {
  JobState state;
  CHECK_THROWS_AS(state.save("/nowhere/at/all/job.json"), InputError);
  CHECK(state.path().isEmpty());
}
