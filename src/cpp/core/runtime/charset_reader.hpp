// Readers walk the bytes of a value character by character; decoding and splitting are loops over
// one.
//
// `next` reads the first character of bytes that are not empty; while `in_first_state`, plain ASCII
// is itself and changes nothing.
#pragma once

#include <cstddef>
#include <string_view>

#include "runtime/charset.hpp"
#include "runtime/charset_repertoires.hpp"
#include "runtime/charset_tables.hpp"
#include "runtime/charset_utf8.hpp"

namespace dcmtk_native::runtime {

/// In place of a code point: an escape sequence, which stands for no text.
constexpr char32_t no_text = 0xFFFFFFFE;

/// UTF-8.
struct Utf8Reader {
    [[nodiscard]] CodePoint next(std::string_view rest) const { return next_utf8(rest); }
    [[nodiscard]] bool in_first_state() const { return true; }
};

/// GB18030, or its subset GBK: one, two or four bytes, no state.
class GbReader {
  public:
    explicit GbReader(bool four_bytes) : four_bytes_(four_bytes) {}
    [[nodiscard]] CodePoint next(std::string_view rest) const;
    [[nodiscard]] bool in_first_state() const { return true; }

  private:
    bool four_bytes_;
};

/// ISO 2022 with the sets of PS3.3 tables C.12-3 and C.12-4: bytes up to 0x7F mean the set in G0,
/// bytes from 0xA0 on the one in G1; escape sequences put sets there, and delimiters put the first
/// ones back.
///
/// Every known escape sequence is followed, declared or not: it names its set, and nothing else in
/// DICOM uses ESC (PS3.5 section 6.1.3).
class Iso2022Reader {
  public:
    Iso2022Reader(Repertoire first_g1, TextKind kind)
        : first_g1_(first_g1), g1_(first_g1), kind_(kind) {}
    [[nodiscard]] CodePoint next(std::string_view rest);
    [[nodiscard]] bool in_first_state() const { return g0_ == nullptr && g1_ == first_g1_; }

  private:
    CodePoint designate(std::string_view rest);
    CodePoint single(std::string_view rest);
    CodePoint left_pair(std::string_view rest);
    [[nodiscard]] CodePoint right(std::string_view rest) const;
    [[nodiscard]] CodePoint japanese(std::string_view rest) const;
    [[nodiscard]] bool delimits(unsigned char byte) const;
    void reset();

    Repertoire first_g1_;
    const charset_tables::CodeUnit* g0_ = nullptr;  // a two-byte set; ASCII if none
    Repertoire g1_;
    TextKind kind_;
};

}  // namespace dcmtk_native::runtime
