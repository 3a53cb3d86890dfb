#!/bin/sh
# A script that asks a helper or two and then becomes the program.
# (Perl flushes its streams before it forks, so this one buffers.)
line=$(echo "straight to the kernel" | cat)
export line
exec perl -e '
use strict;
our $glob = 6;
my $var = 88;
my $buf = "";
sub put { $buf .= sprintf(shift, @_); flush() if -t STDOUT; }
sub flush { syswrite(STDOUT, $buf); $buf = ""; }
syswrite(STDOUT, "$ENV{line}\n");
put("by way of a buffer\n");
my $pid = fork();
if ($pid == 0) { $glob++; $var++; } else { waitpid($pid, 0); }
put("pid = %d, glob = %d, var = %d\n", $$, $glob, $var);
flush();
'
