#include "servers/naming.hpp"

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dcuid.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>

#include "network/naming.hpp"
#include "runtime/uid.hpp"

namespace dcmtk_native::servers {

namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

// Leaves room in NAME_MAX for a time and for the name of a temporary file.
constexpr std::size_t max_name_of_patient = 160;

[[nodiscard]] std::string modality_of(std::string_view sop_class, const char* otherwise) {
    return dcmSOPClassUIDToModality(std::string(sop_class).c_str(), otherwise);
}

/// In the time of the place, by strftime's words.
[[nodiscard]] std::string formatted(WallTime time, const char* format) {
    const std::time_t seconds = std::chrono::system_clock::to_time_t(time);
    std::tm local{};
    ::localtime_r(&seconds, &local);
    char text[32] = "";
    const std::size_t length = std::strftime(text, sizeof text, format, &local);
    return {text, length};
}

/// The part of a second, by this many digits.
[[nodiscard]] std::string fraction(WallTime time, int digits) {
    auto left = std::chrono::duration_cast<microseconds>(time.time_since_epoch()).count() % 1'000'000;
    for (int i = digits; i < 6; ++i) left /= 10;
    char text[24];
    std::snprintf(text, sizeof text, "%0*lld", digits, static_cast<long long>(left));
    return text;
}

/// The Latin letters of ISO 8859-1 beyond ASCII without their marks, from U+00C0 on.
constexpr const char* base_letters[] = {
    "A", "A", "A", "A", "Ae", "A", "A", "C", "E", "E", "E", "E", "I", "I", "I", "I",
    "D", "N", "O", "O", "O", "O", "Oe", "_", "O", "U", "U", "U", "Ue", "Y", "_", "ss",
    "a", "a", "a", "a", "ae", "a", "a", "c", "e", "e", "e", "e", "i", "i", "i", "i",
    "d", "n", "o", "o", "o", "o", "oe", "_", "o", "u", "u", "u", "ue", "y", "_", "y"};

[[nodiscard]] bool is_alphanumeric(unsigned char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/// Letters and digits; each other character is an underscore.
[[nodiscard]] std::string plain_letters(std::string_view utf8) {
    std::string plain;
    for (std::size_t at = 0; at < utf8.size() && plain.size() < max_name_of_patient; ++at) {
        const auto c = static_cast<unsigned char>(utf8[at]);
        if ((c & 0xC0U) == 0x80U) continue;  // of a character that has been dealt with
        // U+00C0 to U+00FF.
        if (c == 0xC3 && at + 1 < utf8.size())
            plain += base_letters[static_cast<unsigned char>(utf8[at + 1]) & 0x3FU];
        else
            plain += is_alphanumeric(c) ? static_cast<char>(c) : '_';
    }
    return plain;
}

[[nodiscard]] bool is_date(std::string_view text) {
    if (text.size() != 8) return false;
    for (const char c : text)
        if (c < '0' || c > '9') return false;
    const std::string_view month = text.substr(4, 2);
    const std::string_view day = text.substr(6, 2);
    return month >= "01" && month <= "12" && day >= "01" && day <= "31";
}

[[nodiscard]] std::string series_date_folder(std::string_view date, WallTime now) {
    if (!is_date(date)) return "undef/" + formatted(now, "%Y%m%d");
    std::string folder = "data/";
    folder.append(date.substr(0, 4)).append("/").append(date.substr(4, 2)).append("/").append(date.substr(6, 2));
    return folder;
}

[[nodiscard]] std::string behind_prefix(const std::string& prefix, const std::string& name) {
    return prefix.empty() ? name : prefix + "_" + name;
}

[[nodiscard]] std::string random_hexadecimal() {
    // A UID's last digits are random ones.
    const std::string uid = runtime::new_uid();
    char text[24];
    std::snprintf(text, sizeof text, "%016llx",
                  std::strtoull(uid.substr(uid.size() - 19).c_str(), nullptr, 10));
    return text;
}

}  // namespace

std::string Naming::system_time(WallTime now) {
    const std::lock_guard<std::mutex> lock(mutex_);
    last_instant_ = std::max(now, last_instant_ + std::chrono::microseconds(1));
    return formatted(last_instant_, "%Y%m%d%H%M%S") + "." + fraction(last_instant_, 6);
}

std::string Naming::counted_time(std::string_view modality, WallTime now) {
    const std::lock_guard<std::mutex> lock(mutex_);
    // Those that come at once need not come in the order of their times, and clocks are set back.
    const WallTime instant = std::max<WallTime>(std::chrono::floor<milliseconds>(now), last_instant_);
    last_count_ = instant == last_instant_ ? last_count_ + 1 : -1;
    last_instant_ = instant;
    std::string name = formatted(instant, "%Y%m%d%H%M%S") + fraction(instant, 3);
    if (last_count_ >= 0) {
        char count[16];
        std::snprintf(count, sizeof count, "_%04d", last_count_);
        name += count;
    }
    return name.append(".").append(modality);
}

std::string Naming::study_time(WallTime now) {
    const std::lock_guard<std::mutex> lock(mutex_);
    // No two studies share a folder, however fast they come.
    last_study_ = std::max<WallTime>(std::chrono::floor<milliseconds>(now), last_study_ + milliseconds(1));
    return formatted(last_study_, "%Y%m%d_%H%M%S") + fraction(last_study_, 3);
}

std::string Naming::file_name(std::string_view sop_class, std::string_view sop_instance, WallTime now) {
    const std::string modality = modality_of(sop_class, "UNKNOWN");
    std::string name;
    switch (rules_.names) {
    case FileNames::sop_instance: name = network::file_name_of(sop_class, sop_instance); break;
    case FileNames::unique: name = modality + ".X." + runtime::new_uid(); break;
    case FileNames::short_unique: name = modality_of(sop_class, "XX") + "_" + random_hexadecimal(); break;
    case FileNames::system_time: name = system_time(now) + "." + modality; break;
    case FileNames::time_counter: name = counted_time(modality, now); break;
    }
    return name + rules_.extension;
}

std::string Naming::folder(const StudyFacts& facts, WallTime now) {
    switch (rules_.folders) {
    case Folders::none: return {};
    case Folders::series_date: return series_date_folder(facts.series_date, now);
    case Folders::study_time: return behind_prefix(rules_.prefix, study_time(now));
    case Folders::study_uid:
        return behind_prefix(rules_.prefix, network::uid_or_hash(facts.study_instance_uid));
    case Folders::patient_name: {
        const std::string name = plain_letters(facts.patient_name);
        return (name.empty() ? "ANONYMOUS" : name) + "_" + study_time(now);
    }
    }
    return {};
}

std::string Naming::numbered_name(std::string_view sop_class, unsigned number) {
    char digits[16];
    std::snprintf(digits, sizeof digits, "%06u", number);
    return modality_of(sop_class, "UNKNOWN").substr(0, 2) + digits;
}

}  // namespace dcmtk_native::servers
