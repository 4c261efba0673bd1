// headroom_manual FILE: writes the manual page headroom(1).

#include <cstdio>
#include <exception>

#include <headroom/models/read.h>

#include "description.h"
#include "manual_page.h"
#include "program.h"

int main(int argc, char* argv[]) try {
  if (argc != 2) {
    std::fputs("usage: headroom_manual FILE\n", stderr);
    return 2;
  }
  const headroom::cli::Program program;
  headroom::write_file_atomically(argv[1], headroom::cli::manual_page(headroom::cli::describe(program.parser())));
  return 0;
} catch (const std::exception& error) {
  std::fprintf(stderr, "headroom_manual: %s\n", error.what());
  return 1;
}
