#include "console.h"
#include "run.h"

int main(int argc, char* argv[]) {
  headroom::cli::Terminal terminal;
  return headroom::cli::run(argc, argv, terminal);
}
