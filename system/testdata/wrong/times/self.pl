#!/usr/bin/env perl
# The first two values of times are the parent's own time.
# fails: said-right
# races
use strict;
use warnings;
use POSIX ();

sub ticks {
    my ($user, $system) = times;
    return int(100 * ($user + $system) + 0.5);
}

my $before = ticks();
my $pid = fork;
if (!$pid) {
    my $end = ticks() + 30;
    while (ticks() < $end) {
        for my $i (1 .. 200_000) { }
    }
    POSIX::_exit(0);
}
while (1) {    # dead, but not reaped
    open my $stat, '<', "/proc/$pid/stat" or last;
    last if <$stat> =~ /\) Z/;
    select undef, undef, undef, 0.01;
}
my $dead = ticks();
waitpid $pid, 0;
printf "before = %d, dead = %d, waited = %d\n", $before, $dead, ticks();
