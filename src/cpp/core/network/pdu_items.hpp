// Types of the items in association requests and answers (PS3.8 section 9.3.2, PS3.7 annex D.3.3).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace dcmtk_native::network::items {

constexpr std::uint8_t application_context = 0x10;
constexpr std::uint8_t proposed_context = 0x20;
constexpr std::uint8_t answered_context = 0x21;
constexpr std::uint8_t abstract_syntax = 0x30;
constexpr std::uint8_t transfer_syntax = 0x40;
constexpr std::uint8_t user_information = 0x50;
constexpr std::uint8_t max_length = 0x51;
constexpr std::uint8_t implementation_class = 0x52;
constexpr std::uint8_t asynchronous = 0x53;
constexpr std::uint8_t role = 0x54;
constexpr std::uint8_t implementation_version = 0x55;
constexpr std::uint8_t extended = 0x56;
constexpr std::uint8_t identity = 0x58;
constexpr std::uint8_t identity_response = 0x59;

/// Between the AE titles and the items.
constexpr std::size_t reserved_bytes = 32;
constexpr std::string_view dicom_application_context = "1.2.840.10008.3.1.1.1";

}  // namespace dcmtk_native::network::items
