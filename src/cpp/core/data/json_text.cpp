#include "data/json_text.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <string>

#include "runtime/call_scope.hpp"

namespace dcmtk_native::data {

namespace {

using runtime::Tag;
using runtime::Vr;

constexpr std::size_t buffer_size = 64 * 1024;
// What a double holds without a gap.
constexpr std::int64_t max_safe_integer = (std::int64_t{1} << 53) - 1;

class TextSink final : public JsonSink {
  public:
    TextSink(runtime::Sink& sink, JsonLayout layout)
        : sink_(sink), is_formatted_(layout == JsonLayout::formatted) {
        buffer_.reserve(buffer_size);
    }

    void begin_model() override;
    void end_model() override;
    void begin_element(Tag tag, Vr vr) override;
    void end_element() override;
    void begin_values(std::size_t count) override;
    void end_values() override;

    void null() override;
    void string(std::string_view text) override;
    void integer(std::int64_t number) override;
    void unsigned_integer(std::uint64_t number) override;
    void real(double number) override;
    void decimal(double number, std::string_view text) override;
    void person_name(const PersonName& name) override;
    void binary(InlineBinary& value) override;
    void pause() override { runtime::checkpoint_now(); }

    /// To be called at the end.
    void finish() {
        if (is_formatted_) put("\n");
        flush();
    }

  private:
    void flush() {
        sink_.write(buffer_);
        buffer_.clear();
    }
    void put(std::string_view text);
    void put_quoted(std::string_view text);
    void put_escaped(char character);
    void put_key(std::string_view key);
    template <typename Number>
    void put_number(Number number);
    template <typename Integer>
    void put_integer(Integer number, bool is_safe);
    void new_line();
    /// What separates an entry, an element or a name's group from the one before.
    void begin_entry();
    void open(char bracket);
    void close(char bracket);

    runtime::Sink& sink_;
    const bool is_formatted_;
    std::string buffer_;
    std::string piece_;  // of base64
    unsigned indent_ = 0;
    bool is_first_ = true;  // nothing stands yet behind the bracket that was opened last
};

void TextSink::put(std::string_view text) {
    if (buffer_.size() + text.size() > buffer_size) flush();
    if (text.size() > buffer_size) return sink_.write(text);
    buffer_.append(text);
}

void TextSink::put_quoted(std::string_view text) {
    put("\"");
    while (!text.empty()) {
        std::size_t plain = 0;
        while (plain < text.size() && static_cast<unsigned char>(text[plain]) >= 0x20 &&
               text[plain] != '"' && text[plain] != '\\')
            ++plain;
        put(text.substr(0, plain));
        if (plain < text.size()) put_escaped(text[plain++]);
        text.remove_prefix(plain);
    }
    put("\"");
}

void TextSink::put_escaped(char character) {
    switch (character) {
    case '"': return put("\\\"");
    case '\\': return put("\\\\");
    case '\b': return put("\\b");
    case '\f': return put("\\f");
    case '\n': return put("\\n");
    case '\r': return put("\\r");
    case '\t': return put("\\t");
    default: break;
    }
    constexpr std::string_view hex = "0123456789abcdef";
    const char escape[] = {'\\', 'u', '0', '0', hex[character >> 4 & 0xF], hex[character & 0xF]};
    put({escape, sizeof escape});
}

void TextSink::put_key(std::string_view key) {
    put("\"");
    put(key);
    put(is_formatted_ ? "\": " : "\":");
}

template <typename Number>
void TextSink::put_number(Number number) {
    std::array<char, 32> digits{};
    const auto written = std::to_chars(digits.data(), digits.data() + digits.size(), number);
    put({digits.data(), static_cast<std::size_t>(written.ptr - digits.data())});
}

void TextSink::new_line() {
    if (!is_formatted_) return;
    put("\n");
    for (unsigned level = 0; level < indent_; ++level) put("  ");
}

void TextSink::begin_entry() {
    if (!is_first_) put(",");
    is_first_ = false;
    // The data set itself begins the text.
    if (indent_ != 0) new_line();
}

void TextSink::open(char bracket) {
    put({&bracket, 1});
    ++indent_;
    is_first_ = true;
}

void TextSink::close(char bracket) {
    --indent_;
    if (!is_first_) new_line();
    put({&bracket, 1});
    is_first_ = false;
}

void TextSink::begin_model() {
    begin_entry();
    open('{');
}

void TextSink::end_model() { close('}'); }

void TextSink::begin_element(Tag tag, Vr vr) {
    char digits[8];
    write_tag(tag, digits);
    char letters[2];
    write_letters(vr, letters);
    begin_entry();
    put_key({digits, sizeof digits});
    open('{');
    begin_entry();
    put_key("vr");
    put("\"");
    put({letters, sizeof letters});
    put("\"");
}

void TextSink::end_element() { close('}'); }

void TextSink::begin_values(std::size_t) {
    begin_entry();
    put_key("Value");
    open('[');
}

void TextSink::end_values() { close(']'); }

void TextSink::null() {
    begin_entry();
    put("null");
}

void TextSink::string(std::string_view text) {
    begin_entry();
    put_quoted(text);
}

template <typename Integer>
void TextSink::put_integer(Integer number, bool is_safe) {
    begin_entry();
    if (!is_safe) put("\"");
    put_number(number);
    if (!is_safe) put("\"");
}

void TextSink::integer(std::int64_t number) {
    put_integer(number, number <= max_safe_integer && number >= -max_safe_integer);
}

void TextSink::unsigned_integer(std::uint64_t number) {
    put_integer(number, number <= static_cast<std::uint64_t>(max_safe_integer));
}

void TextSink::decimal(double, std::string_view text) {
    begin_entry();
    put(text);
}

void TextSink::real(double number) {
    begin_entry();
    if (number == 0) return put(std::signbit(number) ? "-0.0" : "0");
    if (std::isfinite(number)) return put_number(number);
    put(std::isnan(number) ? "nan" : number < 0 ? "-inf" : "inf");
}

void TextSink::person_name(const PersonName& name) {
    begin_entry();
    open('{');
    const std::pair<std::string_view, std::string_view> groups[] = {
        {"Alphabetic", name.alphabetic},
        {"Ideographic", name.ideographic},
        {"Phonetic", name.phonetic},
    };
    for (const auto& [key, group] : groups) {
        if (group.empty()) continue;
        begin_entry();
        put_key(key);
        put_quoted(group);
    }
    close('}');
}

void TextSink::binary(InlineBinary& value) {
    begin_entry();
    put_key("InlineBinary");
    put("\"");
    piece_.resize(InlineBinary::piece_size);
    while (const std::size_t count = value.read(piece_.data())) {
        runtime::checkpoint_now();
        put({piece_.data(), count});
    }
    put("\"");
}

}  // namespace

JsonReport write_json_text(const Dataset& dataset, const JsonOptions& options, JsonLayout layout,
                           runtime::Sink& sink) {
    TextSink text(sink, layout);
    const JsonReport report = write_json(dataset, options, text);
    text.finish();
    return report;
}

}  // namespace dcmtk_native::data
