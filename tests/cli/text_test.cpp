#include "text.h"

#include "catch.h"

using namespace headroom::cli;

TEST_CASE("Width counts characters, wide ones twice and combining ones not at all") {
  CHECK(display_width("abc") == 3);
  CHECK(display_width("b·s·h") == 5);
  CHECK(display_width("漢字") == 4);
  CHECK(display_width("e\xcc\x81") == 1);
  CHECK(display_width("") == 0);
}

TEST_CASE("Control characters and bytes that are not UTF-8 become question marks") {
  CHECK(printable("a\x1b[31m\n\x7f") == "a?[31m??");
  CHECK(printable("\xff\xc3") == "??");
  CHECK(printable("ö·") == "ö·");
  CHECK(printable("\xc2\x85") == "?");
}

TEST_CASE("Clipping ends with an ellipsis inside the columns given") {
  CHECK(clip("abcdef", 6) == "abcdef");
  CHECK(clip("abcdefg", 6) == "abcde…");
  CHECK(clip("漢字漢字", 4) == "漢…");
}

TEST_CASE("Wrapping breaks between words, indents what follows and cuts words that are too long") {
  CHECK(wrap("one two three", 0, 7) == "one two\nthree");
  CHECK(wrap("one two three", 2, 9) == "one two\n  three");
  CHECK(wrap("abcdefghij k", 0, 4) == "abcd\nefgh\nij k");
  CHECK(wrap("a  b", 0, 80) == "a b");
  CHECK(wrap("", 0, 80).empty());
}
