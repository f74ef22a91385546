// Feeds a verilated network from a file or pipe and writes down what it answers.
//
//   simulator INPUT OUTPUT SAMPLES SEED QUIET [WAVES]
//
// INPUT ("-" for standard input) holds S_BYTES a beat, OUTPUT gets M_BYTES a beat; for every TAP
// the file OUTPUT.NAME gets the layer's beats. SEED 0 never pauses; other seeds pause both ends at
// random. Standard output tells how many samples are done, and last the cycles from the first
// input beat to the last output beat, with those of them in which each TAP moved a beat, was
// blocked, and starved the next unit. QUIET cycles without pauses in which no beat moves are a
// deadlock. A program compiled to trace writes the waveform of every signal to WAVES, a VCD file in
// which a clock period is ten units of time.

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "Vtop.h"
#if VM_TRACE
#include "verilated_vcd_c.h"
#endif
#include "ports.h"

static FILE *open_or_die(const std::string &path, const char *mode) {
    FILE *file = path == "-" ? stdin : std::fopen(path.c_str(), mode);
    if (!file) {
        std::perror(path.c_str());
        std::exit(2);
    }
    return file;
}

// Pauses of random length, most of them short and some long enough to fill every buffer, if there
// is a seed; none if not.
struct Pauses {
    uint64_t state;
    uint64_t left = 0;
    bool operator()() {
        if (!state) return false;
        if (left) return --left, true;
        state ^= state << 13, state ^= state >> 7, state ^= state << 17;
        left = (state >> 40 & 7) ? state >> 44 & 3 : state >> 44 & 255;
        return left;
    }
};

struct Activity {
    uint64_t moved = 0, blocked = 0, idle = 0;
};

int main(int argc, char **argv) {
    if (argc != 6 + VM_TRACE) return 2;
    FILE *input = open_or_die(argv[1], "rb");
    FILE *output = open_or_die(argv[2], "wb");
    const uint64_t samples = std::strtoull(argv[3], nullptr, 10);
    const uint64_t seed = std::strtoull(argv[4], nullptr, 10);
    const uint64_t most_quiet = std::strtoull(argv[5], nullptr, 10);
    const uint64_t wanted = samples * M_BEATS, report = samples / 200 ? samples / 200 : 1;
    Pauses i_pause{seed * 0x2545f4914f6cdd1du}, o_pause{seed * 0x9e3779b97f4a7c15u};
#define TAP(name, bytes, beats) \
    FILE *file_##name = open_or_die(std::string(argv[2]) + "." #name, "wb"); \
    Activity activity_##name; \
    int64_t left_##name = samples * beats;
    TAPS
#undef TAP

    VerilatedContext context;
    Vtop top{&context};
#if VM_TRACE
    context.traceEverOn(true);
    VerilatedVcdC waves;
    top.trace(&waves, 99);
    waves.open(argv[6]);
    auto dump = [&] { waves.dump(context.time()), context.timeInc(5); };
#else
    auto dump = [] {};
#endif
    auto edge = [&] {
        dump();                 // the inputs, settled, before the rising edge
        top.clk = 1, top.eval();
        dump();
        top.clk = 0, top.eval();
    };
    top.rst = 1, top.eval();
    edge(), edge();
    top.rst = 0;

    unsigned char in[S_BYTES];
    bool loaded = std::fread(in, S_BYTES, 1, input) == 1, offered = false, started = false;
    uint64_t got = 0, first = 0, quiet = 0;
    auto finished = [&] {       // a layer may have more to say than the last output needs
        bool all = got >= wanted;
#define TAP(name, bytes, beats) all &= left_##name <= 0;
        TAPS
#undef TAP
        return all;
    };
    for (uint64_t cycle = 0; !finished(); ++cycle) {
        if (quiet == most_quiet) {
            std::fprintf(stderr, "nothing moved for %llu cycles after %llu of %llu output beats",
                         (unsigned long long)most_quiet, (unsigned long long)got,
                         (unsigned long long)wanted);
#define TAP(name, bytes, beats) if (top.tap_##name##_blocked) std::fprintf(stderr, "; %s is blocked", #name);
            TAPS
#undef TAP
            return 3;
        }
        offered = loaded && (offered || !i_pause());
        top.s_axis_tvalid = offered;
        std::memcpy(&top.s_axis_tdata, in, S_BYTES);
        top.m_axis_tready = !o_pause();
        quiet += top.m_axis_tready && (offered || !loaded);     // pauses are no deadlock
        top.eval();
        const bool taken = offered && top.s_axis_tready;
        if (taken && !started) started = true, first = cycle;
        if (taken) quiet = 0;
        const bool counted = started && got < wanted;
#define TAP(name, bytes, beats) \
    if (top.tap_##name##_valid) \
        std::fwrite(&top.tap_##name##_data, bytes, 1, file_##name), quiet = 0, --left_##name; \
    activity_##name.moved += counted && top.tap_##name##_valid; \
    activity_##name.blocked += counted && top.tap_##name##_blocked; \
    activity_##name.idle += counted && top.tap_##name##_idle;
        TAPS
#undef TAP
        if (top.m_axis_tvalid && top.m_axis_tready) {
            std::fwrite(&top.m_axis_tdata, M_BYTES, 1, output), quiet = 0;
            if (top.m_axis_tlast != (++got % M_BEATS == 0)) {
                std::fprintf(stderr, "TLAST is %d at output beat %llu\n", int(top.m_axis_tlast),
                             (unsigned long long)got);
                return 4;
            }
            if (got % (M_BEATS * report) == 0)
                std::printf("%llu\n", (unsigned long long)(got / M_BEATS)), std::fflush(stdout);
            if (got == wanted)
                std::printf("cycles %llu\n", (unsigned long long)(cycle - first + 1));
        }
        edge();
        if (taken) offered = false, loaded = std::fread(in, S_BYTES, 1, input) == 1;
    }
#define TAP(name, bytes, beats) \
    std::printf("tap %s %llu %llu %llu\n", #name, (unsigned long long)activity_##name.moved, \
                (unsigned long long)activity_##name.blocked, \
                (unsigned long long)activity_##name.idle);
    TAPS
#undef TAP
    return std::fclose(output) ? 2 : 0;
}
