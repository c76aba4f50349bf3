// Where an object that comes is put: the one place where a peer's words become part of a path.
// Names and folders are those of DCMTK's dcmrecv and storescp.
#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>

namespace dcmtk_native::servers {

/// What the name of a file is made of, besides the letters of the modality and the extension.
enum class FileNames : std::uint8_t {
    sop_instance,  // "CT.<SOP Instance UID>"
    unique,        // "CT.X.<new UID>"
    short_unique,  // "CT_<16 hexadecimal digits>"
    system_time,   // "YYYYMMDDhhmmss.ffffff.CT"
    time_counter,  // "YYYYMMDDhhmmssmmm.CT", "YYYYMMDDhhmmssmmm_0000.CT", ...
};

/// The folder of a file below the root.
enum class Folders : std::uint8_t {
    none,
    series_date,   // "data/YYYY/MM/DD" or "undef/YYYYMMDD"
    study_time,    // "<prefix>_YYYYMMDD_hhmmssmmm", when the study's first object came
    study_uid,     // "<prefix>_<Study Instance UID>"
    patient_name,  // "<name>_YYYYMMDD_hhmmssmmm"
};

struct NamingRules {
    FileNames names = FileNames::sop_instance;
    Folders folders = Folders::none;
    std::string prefix;     // of a study's folder
    std::string extension;  // with its dot
};

/// What an object says of itself, as UTF-8.
struct StudyFacts {
    std::string study_instance_uid;
    std::string patient_name;
    std::string series_date;
};

using WallTime = std::chrono::system_clock::time_point;

class Naming {
  public:
    explicit Naming(NamingRules rules) : rules_(std::move(rules)) {}

    [[nodiscard]] const NamingRules& rules() const noexcept { return rules_; }
    /// An object that comes again has its name again.
    [[nodiscard]] bool has_lasting_names() const noexcept { return rules_.names == FileNames::sop_instance; }
    /// A study that comes again has its folder again.
    [[nodiscard]] bool has_lasting_folders() const noexcept {
        return rules_.folders != Folders::study_time && rules_.folders != Folders::patient_name;
    }
    /// Never the same twice, but for FileNames::sop_instance.
    [[nodiscard]] std::string file_name(std::string_view sop_class, std::string_view sop_instance,
                                        WallTime now);
    /// Relative to the root; empty: the root itself. It may have several parts. A time in it is
    /// never the same twice.
    [[nodiscard]] std::string folder(const StudyFacts& facts, WallTime now);
    /// "CT000001": what is left of a name when its study has ended (storescp's --rename-on-eostudy).
    [[nodiscard]] static std::string numbered_name(std::string_view sop_class, unsigned number);

  private:
    [[nodiscard]] std::string study_time(WallTime now);
    [[nodiscard]] std::string system_time(WallTime now);
    [[nodiscard]] std::string counted_time(std::string_view modality, WallTime now);

    NamingRules rules_;
    std::mutex mutex_;
    WallTime last_study_{};
    WallTime last_instant_{};
    int last_count_ = -1;
};

}  // namespace dcmtk_native::servers
