// libdcmtk's own parser behind our guards: for what needs its objects (dump, XML) and for inputs
// that the scanner does not understand.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "data/read_options.hpp"
#include "runtime/error.hpp"
#include "runtime/files.hpp"
#include "runtime/switches.hpp"

class DcmFileFormat;

namespace dcmtk_native::data {

using runtime::ParseOptions;

/// Readies libdcmdata: its dictionary, its logs. To be called before any use of it; works once a
/// process.
void prepare_toolkit();

/// What becomes of a transfer syntax that the linked libdcmdata does not know.
enum class UnknownSyntax : std::uint8_t {
    as_detected,  // as DCMTK: explicit VR little endian; can be shown, not saved
    stand_in,     // an encapsulated syntax that it knows; can be saved under the true UID
};

enum class OnDamage : std::uint8_t { fail, keep_what_was_read };

struct LoadOptions {
    /// Values longer than this stay in the input until they are asked for.
    std::uint32_t max_read_length;
    UnknownSyntax unknown_syntax = UnknownSyntax::as_detected;
    OnDamage on_damage = OnDamage::fail;
    /// A value that the end of the input cuts short keeps what is there, and ends in zeros.
    bool complete_values = false;
};

/// An input in libdcmtk's form. It is of one call and one thread: as long as it lives it holds the
/// gate before libdcmdata's parser switches, on which values that are read later depend.
class ToolkitFile {
  public:
    /// Throws Error: file (missing, unreadable), format (not DICOM), limit, toolkit (libdcmdata
    /// cannot read it), aborted, timed out.
    [[nodiscard]] static ToolkitFile load(const runtime::Input& input, const ReadOptions& read,
                                          const ParseOptions& parse, const LoadOptions& load);
    ToolkitFile(ToolkitFile&&) noexcept;
    ToolkitFile& operator=(ToolkitFile&&) = delete;
    ~ToolkitFile();

    [[nodiscard]] DcmFileFormat& file() const noexcept;
    /// As the meta header declares it, else as it was detected.
    [[nodiscard]] const std::string& transfer_syntax() const noexcept;
    /// Bytes of the input, a deflated data set inflated.
    [[nodiscard]] std::uint64_t size() const noexcept;
    /// libdcmdata knows the pixel data under another syntax than `transfer_syntax`.
    [[nodiscard]] bool has_stand_in() const noexcept;
    /// Why less than everything was read (OnDamage::keep_what_was_read).
    [[nodiscard]] const std::optional<runtime::Error>& damage() const noexcept;

    /// Reads the values that were left in the input.
    void load_values();
    /// Throws when a value could not be read because of the input, an abort or the deadline:
    /// libdcmdata shows such a value as if it were empty. To be called after work that may have
    /// read values.
    void check_values() const;

  private:
    struct State;
    explicit ToolkitFile(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

/// What was loaded, changed or not, as a complete file; `transfer_syntax` is a UID that libdcmdata
/// knows, or the one that has a stand-in.
[[nodiscard]] std::string rewrite(const ToolkitFile& loaded, const std::string& transfer_syntax);

/// The input as a complete file that the scanner understands, with libdcmtk's corrections: a native
/// data set in explicit VR little endian, an encapsulated one in its own syntax.
[[nodiscard]] std::string normalise(const runtime::Input& input, const ReadOptions& read,
                                    const ParseOptions& parse);

}  // namespace dcmtk_native::data
