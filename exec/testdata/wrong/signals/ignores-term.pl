#!/usr/bin/env perl
# Ignores SIGTERM where it was to be blocked.
# fails: mask-stays pending-stays
use strict;
use warnings;

$SIG{USR1} = 'IGNORE';
$SIG{USR2} = sub { };
$SIG{TERM} = 'IGNORE';
kill TERM => $$;
alarm 1;
exec 'sleep', '5';
