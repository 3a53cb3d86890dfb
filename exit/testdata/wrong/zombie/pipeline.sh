#!/bin/sh
# The parts of a pipeline are programs that the shell waits for.
# fails: was-zombie as-asked
/bin/true | /bin/true | /bin/true
