#pragma once

#include <QColor>
#include <QString>

#include <cstdint>
#include <functional>
#include <vector>

namespace headroom::gui {

/// What the numbers of an axis count; its ticks are written accordingly.
enum class Unit : std::uint8_t { none, bytes, tokens };
enum class Scale : std::uint8_t { linear, logarithmic };

/// An axis of numbers from `lower` to `upper`, or of names at 0, 1, 2, ...
struct SceneAxis {
  QString title;
  Unit unit = Unit::none;
  Scale scale = Scale::linear;
  double lower = 0;
  double upper = 1;
  std::vector<QString> names;
};

/// Bars of one colour: a value for each name of the x axis.
struct BarSeries {
  QString name;  ///< empty: not in the legend
  QColor colour;
  std::vector<double> values;
  bool is_last_in_legend = false;
};
enum class BarArrangement : std::uint8_t { stacked, grouped };

/// Share of the distance between two names that bars take.
inline constexpr double kBarWidth = 0.72;

/// One layer of a stack of areas: a value from each x of the scene's `area_x` to the next.
struct AreaSeries {
  QString name;
  QColor colour;
  std::vector<double> values;
  bool is_last_in_legend = false;
};

struct Curve {
  QString name;  ///< empty: not in the legend
  QColor colour;
  Qt::PenStyle dash = Qt::SolidLine;
  bool is_emphasised = false;
  std::vector<double> x;
  std::vector<double> y;
};

enum class Shape : std::uint8_t { circle, diamond, cross };

struct Points {
  QString name;
  QColor colour;
  Shape shape = Shape::circle;
  std::vector<double> x{};
  std::vector<double> y{};
  double size = 8;  ///< of a circle, in points; other shapes are as large to the eye
};

/// A line across the whole picture at one value of an axis.
struct Limit {
  Qt::Orientation orientation = Qt::Horizontal;
  double value = 0;
  QString label;
  QColor colour;
  Qt::PenStyle dash = Qt::SolidLine;
};

/// A dot with a text beside it that keeps out of the way of other texts.
struct Marker {
  double x = 0;
  double y = 0;
  QString label;
  QColor colour;
};

/// A part of the x axis with another ground and its name above.
struct Shade {
  double from = 0;
  double to = 0;
  QString label;
};

/// The part of one bar that is hatched.
struct Hatch {
  int bar = 0;
  double from = 0;
  double to = 0;
  QString label;
};

/// The ground between two curves over x.
struct Band {
  QString name;
  std::vector<double> x;
  std::vector<double> lower;
  std::vector<double> upper;
};

/// What the mouse is on: the n-th series of the picture's kind, and its n-th value; -1: none.
struct Hit {
  int series = -1;
  int index = -1;
  double x = 0;
  double y = 0;

  bool operator==(const Hit&) const = default;
};

/// A picture as plain values: what a plot draws, whatever draws it.
struct Scene {
  SceneAxis x;
  SceneAxis y;
  std::vector<BarSeries> bars;
  BarArrangement arrangement = BarArrangement::stacked;
  std::vector<double> area_x;  ///< one more than the areas have values
  std::vector<AreaSeries> areas;
  std::vector<Curve> curves;
  std::vector<Points> points;
  std::vector<Limit> limits;
  std::vector<Marker> markers;
  std::vector<Shade> shades;
  std::vector<Hatch> hatches;
  std::vector<Band> bands;
  bool is_zoomable = true;
  bool has_legend = true;
  QString empty;  ///< a sentence in the place of the picture, where there is none
  /// What is said of a hit, as rich text; empty: nothing.
  std::function<QString(const Hit&)> readout;
};

}  // namespace headroom::gui
