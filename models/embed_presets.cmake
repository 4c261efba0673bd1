# Turns the *.json of a folder into one C++ file with a table of PresetSource, run as
#   cmake -D FOLDER=<folder> -D OUTPUT=<file.cpp> -D FUNCTION=<name> -P embed_presets.cmake
# Each file may give "aliases", other names it answers to, and "order", a word that sorts in place of its name.
cmake_minimum_required(VERSION 3.25)

set(longest_literal 60000)  # compilers must take string literals of 65536 characters

file(GLOB files ${FOLDER}/*.json)
cmake_path(GET FOLDER FILENAME folder)
set(sorted "")
foreach(file IN LISTS files)
  file(READ ${file} json)
  cmake_path(GET file STEM LAST_ONLY name)
  string(JSON name_inside GET "${json}" name)
  if(NOT name_inside STREQUAL name)
    message(FATAL_ERROR "${file} calls its preset ${name_inside}, not ${name}")
  endif()
  string(JSON order ERROR_VARIABLE no_order GET "${json}" order)
  if(no_order)
    set(order ${name})
  endif()
  list(APPEND sorted "${order} ${file}")
endforeach()
list(SORT sorted COMPARE NATURAL CASE INSENSITIVE)

set(entries "")
foreach(entry IN LISTS sorted)
  string(REGEX REPLACE "^[^ ]* " "" file "${entry}")
  cmake_path(GET file STEM LAST_ONLY name)
  file(READ ${file} json)
  string(LENGTH "${json}" length)
  if(length GREATER longest_literal)
    message(FATAL_ERROR "${file} is longer than ${longest_literal} characters")
  endif()

  set(aliases "")
  string(JSON count ERROR_VARIABLE no_aliases LENGTH "${json}" aliases)
  if(NOT no_aliases AND count GREATER 0)
    math(EXPR last "${count} - 1")
    foreach(i RANGE ${last})
      string(JSON alias GET "${json}" aliases ${i})
      string(APPEND aliases "${alias}\n")
    endforeach()
  endif()
  string(APPEND entries "    {R\"json(${name})json\", R\"json(${aliases})json\", R\"json(${json})json\"},\n")
endforeach()

file(WRITE ${OUTPUT} "// Generated from the JSON files of ${folder} by embed_presets.cmake.
#include \"preset_source.h\"

namespace headroom {
namespace {

constexpr PresetSource kPresets[] = {
${entries}};

}  // namespace

std::span<const PresetSource> ${FUNCTION}() { return kPresets; }

}  // namespace headroom
")
