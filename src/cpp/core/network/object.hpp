// A composite SOP instance on its way out: what names it, and the bytes of its data set as they
// stand in the file.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "data/dataset.hpp"
#include "network/upper_layer.hpp"
#include "runtime/files.hpp"

namespace dcmtk_native::data {
class Draft;
struct WriteOptions;
}

namespace dcmtk_native::network {

/// How a data set is written anew.
struct Rewriting {
    bool enable_new_vr;     // false: VRs of after 1993 become OB
    int compression_level;  // of a deflated data set
};

class StorageObject {
  public:
    /// Reads no more of the input than its first elements. Throws Error: file, format, and operation
    /// where the data set has no SOP Class or SOP Instance UID.
    [[nodiscard]] static StorageObject open(const runtime::Input& input, const data::ReadOptions& options);

    [[nodiscard]] const std::string& sop_class() const noexcept { return sop_class_; }
    [[nodiscard]] const std::string& sop_instance() const noexcept { return sop_instance_; }
    [[nodiscard]] const std::string& transfer_syntax() const noexcept { return transfer_syntax_; }
    /// Valid as long as this object.
    [[nodiscard]] Payload payload() const;
    /// The same in another transfer syntax: decoded, encoded, or only written in another order.
    /// Throws Error: codec, limit, unsupported.
    [[nodiscard]] StorageObject in_syntax(const std::string& transfer_syntax,
                                          const Rewriting& rewriting) const;

  private:
    StorageObject() = default;

    [[nodiscard]] std::string first_text(runtime::Tag tag, runtime::Tag meta_tag) const;
    void locate_data_set();
    void rewrite(const data::Draft& draft, data::WriteOptions options);

    runtime::Input input_;
    data::ReadOptions options_{};
    std::shared_ptr<const data::Dataset> dataset_;
    std::string sop_class_;
    std::string sop_instance_;
    std::string transfer_syntax_;
    std::shared_ptr<const runtime::FileDescriptor> file_;  // where the data set's own is closed
    std::uint64_t begin_ = 0;
    std::uint64_t end_ = 0;
    // Instead of bytes of the input: what has been converted.
    std::shared_ptr<const std::string> rewritten_;
};

}  // namespace dcmtk_native::network
