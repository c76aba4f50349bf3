"""`python -m dcmtk_native` is the command `dcmtk-native`."""

import sys

from dcmtk_native.cli import main

sys.exit(main())
