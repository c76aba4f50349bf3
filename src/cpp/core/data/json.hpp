// The DICOM JSON model (PS3.18 annex F) of a data set: a walk that says what comes next, and the
// interface of those who make Python objects or text of it.
//
// The values are those of DCMTK's dcm2json: text without what it strips by VR, malformed IS and DS
// as strings, binary values inline, group lengths left out. Text of any character set is UTF-8, so
// (0008,0005) says "ISO_IR 192".
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "data/dataset.hpp"
#include "data/inline_binary.hpp"
#include "runtime/tag.hpp"
#include "runtime/vr.hpp"

namespace dcmtk_native::data {

enum class JsonBinary : std::uint8_t {
    inline_base64,
    omit,  // the element without its value
};

struct JsonOptions {
    bool write_meta;       // group 0002 too
    bool encode_extended;  // infinity and not-a-number as numbers
    JsonBinary binary;
    /// What JSON has no form for is an Error; else it takes the form of the native XML model.
    bool direct_only;
};

enum class JsonSource : std::uint8_t {
    direct,
    xml,  // at least one element has the form that the native XML model (PS3.19 annex A) gives it:
          // compressed pixel data without a value, a number that is not finite as a string
};

/// How it went.
struct JsonReport {
    JsonSource source = JsonSource::direct;
    std::vector<std::string> warnings;  // what of the values did not get into the model
};

/// The component groups of one person name; empty: absent.
struct PersonName {
    std::string_view alphabetic;
    std::string_view ideographic;
    std::string_view phonetic;

    [[nodiscard]] bool is_empty() const noexcept {
        return alphabetic.empty() && ideographic.empty() && phonetic.empty();
    }
};

/// Takes a model in order. Text is UTF-8 and lives as long as the call.
class JsonSink {
  public:
    virtual ~JsonSink() = default;

    /// The data set, or an item as an entry of a sequence's values.
    virtual void begin_model() = 0;
    virtual void end_model() = 0;
    virtual void begin_element(runtime::Tag tag, runtime::Vr vr) = 0;
    virtual void end_element() = 0;
    /// Exactly `count` entries follow, at least one: models, or calls of the next group.
    virtual void begin_values(std::size_t count) = 0;
    virtual void end_values() = 0;

    virtual void null() = 0;
    virtual void string(std::string_view text) = 0;
    virtual void integer(std::int64_t number) = 0;
    virtual void unsigned_integer(std::uint64_t number) = 0;
    virtual void real(double number) = 0;
    /// A number that was text, and that text as JSON writes it.
    virtual void decimal(double number, std::string_view text) = 0;
    virtual void person_name(const PersonName& name) = 0;

    /// The element has this value instead of entries.
    virtual void binary(InlineBinary& value) = 0;

    /// Called now and then: the place to end the call.
    virtual void pause() = 0;
    /// Does work that takes long and does not touch the sink.
    virtual void run_slow(const std::function<void()>& work) { work(); }
};

/// The model of the whole data set.
[[nodiscard]] JsonReport write_json(const Dataset& dataset, const JsonOptions& options,
                                    JsonSink& sink);
/// One top-level element of it (begin_element to end_element), of group 0002 too; nothing when there
/// is none.
[[nodiscard]] std::optional<JsonReport> write_json_element(const Dataset& dataset, runtime::Tag tag,
                                                           const JsonOptions& options,
                                                           JsonSink& sink);

/// True if the model has an element of that tag at its top level.
[[nodiscard]] bool has_json_element(const Dataset& dataset, runtime::Tag tag);

/// Calls `visit` with the index and the position in it of every top-level element of the model, no
/// tag twice. Group lengths are no part of it; what a broken meta header shares with the data set is
/// the data set's.
void visit_json_elements(
    const Dataset& dataset, bool with_meta,
    const std::function<void(const intake::Index& index, std::size_t position)>& visit);

/// The eight digits that name an element, upper case.
void write_tag(runtime::Tag tag, char* digits);

}  // namespace dcmtk_native::data
