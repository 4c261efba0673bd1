# The GUI needs Qt 6 and QCustomPlot's Qt 6 build. Nothing else does, so a system without them
# builds the rest. HEADROOM_HAS_GUI says which it is.
find_package(Qt6 6.2 QUIET COMPONENTS Widgets Concurrent PrintSupport Svg OPTIONAL_COMPONENTS Test)
# QCustomPlot's package names Qt's targets without looking for them.
if(Qt6_FOUND)
  find_package(QCustomPlotQt6 QUIET CONFIG)
endif()

set(missing "")
if(NOT Qt6_FOUND)
  list(APPEND missing "Qt 6 with Widgets, Concurrent, PrintSupport and Svg (qt6-base-dev qt6-svg-dev)")
endif()
if(NOT TARGET QCustomPlotQt6::QCustomPlotQt6)
  list(APPEND missing "QCustomPlot for Qt 6 (libqcustomplot-dev)")
endif()

if(missing)
  set(HEADROOM_HAS_GUI OFF)
  list(JOIN missing " and " missing)
  message(STATUS "headroom: headroom-gui is left out; to build it, install ${missing}")
else()
  set(HEADROOM_HAS_GUI ON)
  message(STATUS "headroom: Qt ${Qt6_VERSION} and QCustomPlot (system)")
endif()
