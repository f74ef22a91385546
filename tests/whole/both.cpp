// Feeds two networks of one design, `left` and `right`, with the beats of standard input, a line
// each of a name and a number, and prints what they answer in the same way until it has WANTED lines.

#include <cstdint>
#include <cstdio>
#include <deque>
#include <string>

#include "Vtop.h"

int main() {
    VerilatedContext context;
    Vtop top{&context};
    std::deque<uint64_t> left, right;
    char name[16];
    unsigned long long value;
    while (std::scanf("%15s %llx", name, &value) == 2)
        (name[0] == 'l' ? left : right).push_back(value);
    auto edge = [&] {
        top.clk = 1, top.eval();
        top.clk = 0, top.eval();
    };
    top.rst = 1, edge(), edge(), top.rst = 0;
    int got = 0;
    for (int cycle = 0; got < WANTED && cycle < 100000; ++cycle) {
        top.left_s_axis_tvalid = !left.empty(), top.right_s_axis_tvalid = !right.empty();
        if (!left.empty()) top.left_s_axis_tdata = left.front();
        if (!right.empty()) top.right_s_axis_tdata = right.front();
        top.left_m_axis_tready = cycle % 3 != 0, top.right_m_axis_tready = cycle % 5 != 0;
        top.eval();
        if (top.left_m_axis_tvalid && top.left_m_axis_tready)
            std::printf("left %llx\n", (unsigned long long)top.left_m_axis_tdata), ++got;
        if (top.right_m_axis_tvalid && top.right_m_axis_tready)
            std::printf("right %llx\n", (unsigned long long)top.right_m_axis_tdata), ++got;
        if (!left.empty() && top.left_s_axis_tready) left.pop_front();
        if (!right.empty() && top.right_s_axis_tready) right.pop_front();
        edge();
    }
}
