#!/usr/bin/perl
# Waits first and looks then.
# fails: was-zombie as-asked
use strict;
use warnings;

my $pid = fork();
exit 0 if $pid == 0;
waitpid($pid, 0);
system("ps -o pid,ppid,stat,comm");
