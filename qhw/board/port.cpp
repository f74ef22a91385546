// The far end of a verilated design's serial line, at rx and tx: bytes from standard input go into
// the design and what it sends goes to standard output.
//
//   simulator CLOCK BAUD QUIET
//
// Time stands still while no byte comes and nothing has moved on the line for QUIET cycles. At the
// end of input standard error gets the cycles from the first bit to the last one, and how many
// bytes went in and came out.

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <poll.h>
#include <unistd.h>

#include "Vtop.h"

static const uint64_t POLL = 64;    // cycles between looks at an input that had nothing

// Bytes of standard input, looked for without waiting unless told to.
struct Input {
    unsigned char bytes[4096];
    ssize_t have = 0, next = 0;
    bool end = false;
    bool get(unsigned char &byte, bool wait) {
        if (next == have) {
            pollfd in{0, POLLIN, 0};
            if (end || (!wait && poll(&in, 1, 0) < 1)) return false;
            next = 0, have = read(0, bytes, sizeof bytes);
            if (have <= 0) return have = 0, end = true, false;
        }
        return byte = bytes[next++], true;
    }
};

// Cycles as bits: after start() it holds half a bit later, and then once a bit.
struct Clock {
    uint64_t clock, baud, phase = 0;
    void start(uint64_t at) { phase = at; }
    bool operator()() {
        phase += baud;
        if (phase < clock) return false;
        return phase -= clock, true;
    }
};

int main(int argc, char **argv) {
    if (argc != 4) return 2;
    const uint64_t clock = std::strtoull(argv[1], nullptr, 10);
    const uint64_t baud = std::strtoull(argv[2], nullptr, 10);
    const uint64_t quiet = std::strtoull(argv[3], nullptr, 10);

    VerilatedContext context;
    Vtop top{&context};
    auto edge = [&] {
        top.clk = 1, top.eval();
        top.clk = 0, top.eval();
    };
    top.rx = 1, top.rst = 1;
    edge(), edge();
    top.rst = 0;

    Input input;
    Clock i_bit{clock, baud}, o_bit{clock, baud};
    unsigned i_shift = 1, i_left = 0, o_shift = 0, o_left = 0;
    uint64_t in = 0, out = 0, first = 0, last = 0;
    bool before = true;
    for (uint64_t cycle = 0, look = 0;; ++cycle) {
        if (!i_left && cycle >= look) {
            unsigned char byte;
            const bool idle = !o_left && cycle > last + quiet;
            if (input.get(byte, idle)) {
                if (!in++) first = cycle;
                i_shift = 1u << 9 | byte << 1, i_left = 10, i_bit.start(0);
            } else if (input.end && idle) {
                break;
            } else {
                look = cycle + POLL;
            }
        }
        top.rx = i_left ? i_shift & 1 : 1;
        edge();
        if (i_left && i_bit()) i_shift >>= 1, --i_left, last = cycle;

        if (!o_left && before && !top.tx) o_left = 10, o_bit.start(clock / 2);
        before = top.tx;
        if (o_left && o_bit()) {
            o_shift = o_shift >> 1 | top.tx << 9, last = cycle;
            if (!--o_left) {
                const unsigned char byte = o_shift >> 1;
                if ((o_shift & 1) || !(o_shift >> 9)) {
                    std::fprintf(stderr, "tx: byte %llu has start bit %u and stop bit %u\n",
                                 (unsigned long long)out, o_shift & 1, o_shift >> 9);
                    return 3;
                }
                if (write(1, &byte, 1) != 1) return 4;
                ++out;
            }
        }
    }
    std::fprintf(stderr, "cycles %llu in %llu out %llu\n", (unsigned long long)(last - first + 1),
                 (unsigned long long)in, (unsigned long long)out);
    return 0;
}
