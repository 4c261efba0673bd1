#pragma once

#include <QString>
#include <QStringList>

#include "model/prediction.h"

namespace headroom::gui {

/// What stands above every tab: the answer for the job itself, in sentences.
struct Answer {
  enum class Verdict { fits, does_not_fit, refused };
  Verdict verdict = Verdict::fits;
  QString headline;      ///< "llama-3-8b on one A100-80GB at 32,768 (32K) tokens with flash"
  QString verdict_text;  ///< "fits"
  QString settings;      ///< "bf16, adamw with bf16 states, batch 1, recompute full"
  QString memory;        ///< how much, when, and what binds; or why it is refused
  QString longest;       ///< the longest context and the next wall
  QStringList remarks;   ///< choices that save nothing, lengths beyond the model's positions
};

/// What ends the longest context: "saved activations", "host memory".
[[nodiscard]] QString binding_text(const sim::MaxContext& longest);
/// "Longest context 34,816 (34K) tokens, bound by ...; next wall ...", or what is missing where nothing fits.
[[nodiscard]] QString longest_text(const sim::MaxContext& longest);

[[nodiscard]] Answer answer_for(const Prediction& prediction);

/// What stands below every tab: what the answer rests on and how far to trust it.
struct Honesty {
  QString assumptions;  ///< "capacity 79.14 GiB ASSUMED · context ..."
  QString origins;      ///< a line for each assumption
  QString status;
  QString runtime;
};

[[nodiscard]] Honesty honesty_for(const Prediction& prediction);

}  // namespace headroom::gui
