// Feeds a network behind the shift registers of serial.v, and writes down what it answers. Called
// like flow/harness.cpp, whose BOUND counts cycles; here each has bits.
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "Vtop.h"
#include "ports.h"

int main(int argc, char **argv) {
    if (argc != 6) return 2;
    std::FILE *input = std::fopen(argv[1], "rb"), *output = std::fopen(argv[2], "wb");
    if (!input || !output) return 2;
    const uint64_t wanted = std::strtoull(argv[3], nullptr, 10) * M_BEATS;
    const uint64_t bound = std::strtoull(argv[5], nullptr, 10) * 8 * (S_BYTES + M_BYTES + 2);
    VerilatedContext context;
    Vtop top{&context};
    uint64_t cycles = 0;
    auto edge = [&] { top.clk = 1, top.eval(), top.clk = 0, top.eval(), ++cycles; };
    top.clk = top.i_shift = top.i_push = top.o_shift = top.o_pop = 0;
    top.rst = 1;
    for (int k = 0; k < 4; ++k) edge();
    top.rst = 0;

    unsigned char in[S_BYTES], out[M_BYTES];
    bool loaded = false;
    for (uint64_t got = 0; got < wanted && cycles < bound;) {
        if (!loaded && std::fread(in, S_BYTES, 1, input) == 1) {
            for (int k = 0; k < 8 * S_BYTES; ++k)
                top.i_bit = in[k / 8] >> k % 8 & 1, top.i_shift = 1, edge();
            top.i_shift = 0, loaded = true;
        }
        top.i_push = loaded;
        top.eval();
        const bool taken = loaded && top.i_ready;
        edge();
        if (taken) loaded = false;
        top.i_push = 0, top.eval();
        if (!top.o_valid) continue;
        const bool last = top.o_last;
        top.o_pop = 1, edge(), top.o_pop = 0;
        for (int k = 0; k < 8 * M_BYTES; ++k) {
            if (k % 8 == 0) out[k / 8] = 0;
            top.eval(), out[k / 8] |= top.o_bit << k % 8;
            top.o_shift = 1, edge(), top.o_shift = 0;
        }
        std::fwrite(out, M_BYTES, 1, output);
        if (last != (++got % M_BEATS == 0)) {
            std::fprintf(stderr, "TLAST is %d at output beat %llu\n", last,
                         (unsigned long long)got);
            return 4;
        }
    }
    std::printf("cycles %llu\n", (unsigned long long)cycles);
    if (cycles >= bound) std::fprintf(stderr, "No end in %llu cycles\n", (unsigned long long)cycles);
    return std::fclose(output) || cycles >= bound ? 3 : 0;
}
