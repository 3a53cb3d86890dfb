#!/bin/sh
# A subshell is made by a fork.
# fails: vforked child-first suspended as-asked
( echo child )
echo parent
