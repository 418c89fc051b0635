"""`python -m engine WORD ...`"""

import sys

from engine.cli import main

sys.exit(main())
