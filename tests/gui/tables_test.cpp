#include <QAbstractItemModelTester>
#include <QFileInfo>

#include <headroom/models/presets.h>

#include "application.h"
#include "model/answer.h"
#include "model/breakdown_scene.h"
#include "model/comparison.h"
#include "model/job_state.h"
#include "model/predictions_table.h"
#include "model/records.h"
#include "model/tensors_table.h"
#include "model/text.h"
#include "program.h"

using namespace headroom;
using namespace headroom::gui;
using namespace headroom::gui::test;

namespace {

QString cell(const QAbstractItemModel& model, int row, const QString& title) {
  for (int column = 0; column < model.columnCount(); ++column) {
    if (model.headerData(column, Qt::Horizontal).toString() == title) return model.index(row, column).data().toString();
  }
  FAIL("no column " << title.toStdString());
  return {};
}

QString bytes_of(const QJsonValue& value) { return bytes_text(Bytes(integer(value))); }
QString tokens_of(const QJsonValue& value) { return tokens_text(Tokens(integer(value))); }

Job first_job() { return first_document().job; }

/// Checkpoints and optimizer states of eight ranks of one node on its host.
Job offloading_job() {
  Job job = first_job();
  job.method = method_preset("alst").method;
  job.degrees.sequence = 8;
  return job;
}

void check_same(const sim::CheckedFigure& figure, const QJsonValue& answered) {
  REQUIRE(answered.isObject());
  CHECK(figure.measured.count() == integer(answered["measured_bytes"]));
  CHECK(figure.predicted.count() == integer(answered["predicted_bytes"]));
  CHECK(figure.difference().count() == integer(answered["difference_bytes"]));
  CHECK(figure.tolerance.count() == integer(answered["tolerance_bytes"]));
}

/// A record that is right on the first rank's device memory, and wrong everywhere else.
CheckedRecord wrong_beside_the_total() {
  const sim::CheckedFigure right{1_GiB, 1_GiB, Bytes()};
  const sim::CheckedFigure wrong{1_GiB, 2_GiB, Bytes()};
  CheckedRecord record{"record.json", first_job(), "host", {}, {}, {}};
  record.check.total = right;
  record.check.host = sim::CheckedHost{right, {{Category::optimizer_state, wrong}}};
  record.check.ranks = {{0, right, {{Category::gradients, right}}, std::nullopt, std::nullopt},
                        {1,
                         wrong,
                         {{Category::gradients, wrong}},
                         sim::CheckedHost{wrong, {}},
                         sim::CheckedSent{{1_GiB, 7}, {1_GiB, 8}}}};
  record.check.device = wrong;
  return record;
}

}  // namespace

TEST_CASE("every table keeps the rules of item models, empty and filled") {
  TensorsTable tensors;
  PredictionsTable predictions;
  ComparisonTable comparison;
  RecordsTable records;
  CheckTable figures;
  for (QAbstractItemModel* model :
       std::initializer_list<QAbstractItemModel*>{&tensors, &predictions, &comparison, &records, &figures}) {
    new QAbstractItemModelTester(model, QAbstractItemModelTester::FailureReportingMode::Fatal, model);
  }
  const Job job = first_job();
  Job other = job;
  other.method = predict_methods(job).front().job.method;
  tensors.set_rows(tensors_of(job, Category::head_and_loss));
  predictions.set_rows(predict_methods(job));
  comparison.set_rows(terms_of(compare_jobs(other, job)));
  const auto read = read_records({QStringLiteral(HEADROOM_RECORDS)}, [](double) { return true; });
  REQUIRE(read);
  REQUIRE_FALSE(read->checked.empty());
  records.set_rows(read->checked);
  figures.set_rows(checked_rows(read->checked.front().check));
  for (const QAbstractItemModel* model :
       std::initializer_list<const QAbstractItemModel*>{&tensors, &predictions, &comparison, &records, &figures}) {
    REQUIRE(model->rowCount() > 0);
    for (int row = 0; row < model->rowCount(); ++row) {
      for (int column = 0; column < model->columnCount(); ++column) {
        const QString text = model->index(row, column).data().toString();
        CHECK_FALSE(text.contains("nan", Qt::CaseInsensitive));
      }
    }
  }
  tensors.set_rows({});
  CHECK(tensors.rowCount() == 0);
}

TEST_CASE("the table of methods shows the figures of the command line's answers") {
  const Job job = first_job();
  PredictionsTable table;
  table.set_rows(predict_methods(job));
  for (int row = 0; row < table.rowCount(); ++row) {
    const Job& variant = table.row_at(row).job;
    const QJsonObject at_length = ask_about("breakdown", variant);
    const QJsonObject longest = ask_about("max-context", variant)["results"].toArray()[0].toObject();
    CHECK(cell(table, row, "Device memory") == bytes_of(at_length["breakdown"].toObject()["device_bytes"]));
    CHECK(cell(table, row, "Max context") == tokens_of(longest["max_context_tokens"]));
    CHECK(at_length["measured_status"].toString().startsWith(cell(table, row, "Status")));
    CHECK(cell(table, row, "At this length").startsWith("fits") == at_length["fits"].toBool());
  }
}

TEST_CASE("the table of tensors shows the tensors of headroom explain") {
  const Job job = first_job();
  const QJsonArray all = ask_about("explain", job)["tensors"].toArray();
  TensorsTable table;
  int seen = 0;
  for (const auto& named : values_of<Category>()) {
    table.set_rows(tensors_of(job, named.value));
    int row = 0;
    for (const QJsonValue value : all) {
      const QJsonObject tensor = value.toObject();
      if (tensor["category"].toString() != to_qt(named.name)) continue;
      CHECK(cell(table, row, "Tensor") == tensor["name"].toString());
      CHECK(cell(table, row, "Total") == bytes_of(tensor["total_bytes"]));
      CHECK(cell(table, row, "Each") == bytes_of(tensor["each_bytes"]));
      CHECK(cell(table, row, "Type") == tensor["dtype"].toString());
      CHECK(cell(table, row, "Formula") == tensor["formula"].toString());
      CHECK(cell(table, row, "Source") == tensor["source"].toString());
      ++row;
      ++seen;
    }
    CHECK(table.rowCount() == row);
  }
  CHECK(seen == all.size());
}

TEST_CASE("the answer above the tabs has the figures of the command line's answers") {
  for (const Job& job : jobs_by_method(first_job())) {
    const Answer answer = answer_for(predict(job));
    INFO(answer.memory.toStdString() + "; " + answer.longest.toStdString());
    const QJsonObject at_length = ask_about("breakdown", job);
    CHECK(answer.memory.startsWith(bytes_of(at_length["breakdown"].toObject()["device_bytes"]) + " of "));
    CHECK(answer.memory.contains(bytes_of(at_length["capacity_bytes"])));
    CHECK((answer.verdict == Answer::Verdict::fits) == at_length["fits"].toBool());
    const QJsonObject longest = ask_about("max-context", job)["results"].toArray()[0].toObject();
    CHECK(answer.longest.startsWith("Longest context " + tokens_of(longest["max_context_tokens"]) + " tokens"));
    CHECK(answer.longest.contains("next wall " + tokens_of(longest["next_wall"].toObject()["tokens"]) + " tokens"));
  }
}

TEST_CASE("an answer that host memory ends says so, and a job too large for it does not fit") {
  Job job = offloading_job();
  job.host_memory = 100_GiB;
  const Prediction at_first = predict(job);
  REQUIRE(at_first.longest->host);
  REQUIRE(at_first.longest->host->binds);
  CHECK(answer_for(at_first).longest.contains("bound by host memory"));

  job.seq = at_first.longest->next;
  const Prediction too_long = predict(job);
  const Answer answer = answer_for(too_long);
  const Bytes of_node = sim::host_of_node(job, too_long.breakdown->host.allocated);
  CHECK(answer.verdict == Answer::Verdict::does_not_fit);
  CHECK(answer.memory.contains("left; "));
  CHECK(answer.memory.contains("host memory " + bytes_text(of_node) + " of " + bytes_text(100_GiB)));
  CHECK(answer.memory.endsWith(bytes_text(of_node - 100_GiB) + " too much"));
  PredictionsTable table;
  table.set_rows({too_long});
  CHECK(cell(table, 0, "At this length").startsWith("host memory too small by "));

  job.host_memory = 1_GiB;
  const Prediction nothing = predict(job);
  CHECK(answer_for(nothing).longest.contains("lack " + bytes_text(nothing.longest->shortfall) + " of host memory"));
}

TEST_CASE("the answer and the bars name the pipeline's stage that peaks") {
  Job job = first_job();
  job.degrees.pipeline = 4;
  job.micro_batches = 8;
  const Prediction prediction = predict(job);
  REQUIRE(prediction.breakdown->moment.stage >= 0);
  const QString stage = QStringLiteral("pipeline stage %1").arg(prediction.breakdown->moment.stage);
  CHECK(answer_for(prediction).memory.contains(stage));
  const Scene scene = stacks_scene(stacks_of({prediction}), job.device.capacity.bytes);
  CHECK(scene.readout({0, 0, 0, 0}).contains(stage));
}

TEST_CASE("records are those of headroom validate, and unreadable ones are said") {
  const Folder folder;
  const QString broken = folder.with("broken.json", "{}");
  const QString records = QStringLiteral(HEADROOM_RECORDS);
  const auto read = read_records({records, broken, folder.file("none.json")}, [](double) { return true; });
  REQUIRE(read);
  CHECK(read->errors.size() == 2);
  const QJsonArray validated = ask_program({"validate", records})["records"].toArray();
  REQUIRE(validated.size() == qsizetype(read->checked.size()));
  for (qsizetype i = 0; i < validated.size(); ++i) {
    const QJsonObject record = validated[i].toObject();
    const CheckedRecord& mine = read->checked[std::size_t(i)];
    CHECK(mine.path == record["record"].toString());
    CHECK(mine.check.agrees() == record["agrees"].toBool());
    const QJsonObject categories = record["categories"].toObject();
    CHECK(qsizetype(mine.check.categories.size()) == categories.size());
    for (const CheckedRow& row : checked_rows(mine.check)) {
      INFO(row.name.toStdString());
      const QString key = row.name == "seen by the witness" ? "witness" : row.name;
      check_same(row.figure, row.category ? categories[to_qt(name_of(*row.category))] : record[key]);
    }
  }
}

TEST_CASE("a record that differs only on the host, on a rank or on its device says in which figures") {
  const CheckedRecord record = wrong_beside_the_total();
  REQUIRE_FALSE(record.check.agrees());
  QStringList wrong;
  for (const CheckedRow& row : checked_rows(record.check)) {
    if (!row.figure.agrees()) wrong << row.name;
  }
  CHECK(wrong == QStringList{"on the host, optimizer state", "rank 1 allocated", "rank 1 gradients",
                             "rank 1 on the host", "rank 1 messages", "taken of the device"});
  RecordsTable records;
  records.set_rows({record});
  CHECK(cell(records, 0, "Verdict") == "6 figures differ");
  CheckTable figures;
  figures.set_rows(checked_rows(record.check));
  CHECK(cell(figures, figures.rowCount() - 2, "Figure") == "rank 1 messages");
  CHECK(cell(figures, figures.rowCount() - 2, "Measured") == "7");
  CHECK(cell(figures, figures.rowCount() - 3, "Measured") == "1.00 GiB");
}

TEST_CASE("a point of either kind names its record and the bytes that it stands for") {
  const auto read = read_records({QStringLiteral(HEADROOM_RECORDS)}, [](double) { return true; });
  REQUIRE(read);
  const Scene scene = records_scene(*read);
  REQUIRE(scene.points.size() == 2);
  REQUIRE(scene.points[1].x.size() < read->checked.size());
  for (int series = 0; series < 2; ++series) {
    for (int i = 0; i < int(scene.points[std::size_t(series)].x.size()); ++i) {
      const Hit hit{series, i, 0, 0};
      const auto place = record_of(*read, hit);
      REQUIRE(place);
      const CheckedRecord& record = read->checked[*place];
      const sim::CheckedFigure& figure = series == 0 ? record.check.total : record.check.witness.value();
      CHECK(scene.points[std::size_t(series)].y[std::size_t(i)] == double(figure.measured.count()));
      const QString text = scene.readout(hit);
      CHECK(text.contains(QFileInfo(record.path).fileName()));
      CHECK(text.contains(bytes_text_exact(figure.measured)));
    }
  }
  CHECK(scene.readout({}).isEmpty());
}

TEST_CASE("reading records stops when nobody waits any more") {
  CHECK_FALSE(read_records({QStringLiteral(HEADROOM_RECORDS)}, [](double) { return false; }));
}
