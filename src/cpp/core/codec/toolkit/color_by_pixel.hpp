// Colour by plane made colour by pixel (PS3.3 section C.7.6.3.1.3), frame by frame.
#pragma once

class DcmItem;
class DcmPixelData;

namespace dcmtk_native::codec {

/// Reorders native cells of 8 or 16 bits whose claims have been checked, and says so in the item.
/// libdcmjpeg does it too, but takes all frames for one.
void make_color_by_pixel(DcmItem& item, DcmPixelData& pixels);

}  // namespace dcmtk_native::codec
