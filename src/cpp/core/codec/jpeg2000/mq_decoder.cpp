#include "codec/jpeg2000/mq_decoder.hpp"

namespace dcmtk_native::codec {

namespace {

struct Row {
    std::uint16_t probability;
    std::uint8_t if_more_probable;
    std::uint8_t if_less_probable;
    bool switches;  // the symbols change places after the less probable one
};

constexpr std::array<Row, 47> rows{{
    {0x5601, 1, 1, true},    {0x3401, 2, 6, false},   {0x1801, 3, 9, false},
    {0x0ac1, 4, 12, false},  {0x0521, 5, 29, false},  {0x0221, 38, 33, false},
    {0x5601, 7, 6, true},    {0x5401, 8, 14, false},  {0x4801, 9, 14, false},
    {0x3801, 10, 14, false}, {0x3001, 11, 17, false}, {0x2401, 12, 18, false},
    {0x1c01, 13, 20, false}, {0x1601, 29, 21, false}, {0x5601, 15, 14, true},
    {0x5401, 16, 14, false}, {0x5101, 17, 15, false}, {0x4801, 18, 16, false},
    {0x3801, 19, 17, false}, {0x3401, 20, 18, false}, {0x3001, 21, 19, false},
    {0x2801, 22, 19, false}, {0x2401, 23, 20, false}, {0x2201, 24, 21, false},
    {0x1c01, 25, 22, false}, {0x1801, 26, 23, false}, {0x1601, 27, 24, false},
    {0x1401, 28, 25, false}, {0x1201, 29, 26, false}, {0x1101, 30, 27, false},
    {0x0ac1, 31, 28, false}, {0x09c1, 32, 29, false}, {0x08a1, 33, 30, false},
    {0x0521, 34, 31, false}, {0x0441, 35, 32, false}, {0x02a1, 36, 33, false},
    {0x0221, 37, 34, false}, {0x0141, 38, 35, false}, {0x0111, 39, 36, false},
    {0x0085, 40, 37, false}, {0x0049, 41, 38, false}, {0x0025, 42, 39, false},
    {0x0015, 43, 40, false}, {0x0009, 44, 41, false}, {0x0005, 45, 42, false},
    {0x0001, 45, 43, false}, {0x5601, 46, 46, false},
}};

constexpr MqState make_state(unsigned row, unsigned symbol) {
    return {2 * row + symbol, rows[row].probability, symbol};
}

constexpr std::array<MqTransition, 94> make_transitions() {
    std::array<MqTransition, 94> transitions{};
    for (unsigned number = 0; number < transitions.size(); ++number) {
        const Row& row = rows[number / 2];
        const unsigned symbol = number % 2;
        transitions[number] = {
            make_state(row.if_more_probable, symbol),
            make_state(row.if_less_probable, row.switches ? 1 - symbol : symbol)};
    }
    return transitions;
}

}  // namespace

constexpr std::array<MqTransition, 94> mq_transitions = make_transitions();

MqState mq_state(unsigned row) { return make_state(row, 0); }

void unstuff(const std::uint8_t* bytes, std::size_t size, std::vector<std::uint8_t>& code) {
    code.clear();
    code.reserve(size + 1 + padding_of_code);
    std::uint32_t pending = 0;
    unsigned count = 0;  // of pending bits, up to 7 between two bytes
    std::uint8_t last = 0;
    for (std::size_t i = 0; i < size; ++i) {
        const std::uint8_t byte = bytes[i];
        if (last == 0xff && byte > 0x8f) break;
        const unsigned bits = last == 0xff ? 7 : 8;
        pending = (pending << bits) + byte;
        count += bits;
        // The stuffed bit takes a carry.
        if (pending >> count != 0)
            for (auto at = code.rbegin(); at != code.rend() && ++*at == 0;)
                ++at;
        pending &= (1U << count) - 1;
        if (count >= 8) {
            count -= 8;
            code.push_back(static_cast<std::uint8_t>(pending >> count));
            pending &= (1U << count) - 1;
        }
        last = byte;
    }
    code.push_back(static_cast<std::uint8_t>(pending << (8 - count) | 0xffU >> count));
    code.insert(code.end(), padding_of_code, 0xff);
}

}  // namespace dcmtk_native::codec
