// Words that options of clients and servers share.
#pragma once

#include "network/receiving.hpp"
#include "support.hpp"

DCMTK_NATIVE_CHOICES(dcmtk_native::network::Identity,
                     {"unchecked", dcmtk_native::network::Identity::unchecked},
                     {"exact", dcmtk_native::network::Identity::exact},
                     {"padded", dcmtk_native::network::Identity::padded});
