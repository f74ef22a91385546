// Clocks a module with the ports clk, in and out: IN_BYTES a cycle from the first file, OUT_BYTES
// a cycle, as they are before the edge, to the second.
#include <cstdio>
#include <cstring>

#include "Vtop.h"
#include "sizes.h"

int main(int, char **argv) {
    std::FILE *input = std::fopen(argv[1], "rb"), *output = std::fopen(argv[2], "wb");
    if (!input || !output) return 2;
    VerilatedContext context;
    Vtop top{&context};
    unsigned char in[IN_BYTES];
    while (std::fread(in, IN_BYTES, 1, input) == 1) {
        std::memcpy(&top.in, in, IN_BYTES);
        top.clk = 0, top.eval();
        std::fwrite(&top.out, OUT_BYTES, 1, output);
        top.clk = 1, top.eval();
    }
    return std::fclose(output) ? 2 : 0;
}
