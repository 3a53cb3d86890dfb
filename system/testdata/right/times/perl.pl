#!/usr/bin/env perl
# Perl's times has seconds; the state of the child is in /proc.
use strict;

sub children {
    my (undef, undef, $user, $system) = times;
    return sprintf '%.0f', 100 * ($user + $system);
}

sub state {
    open my $f, '<', "/proc/$_[0]/stat" or return '';
    return (split ' ', (<$f> =~ /\) (.*)/)[0])[0];
}

my $before = children();
my $pid = fork;
if ($pid == 0) {
    while (1) {
        my ($user, $system) = times;
        exit 0 if $user + $system > 0.25;
        my $sum = 0;
        $sum += $_ for 1 .. 10000;
    }
}
select undef, undef, undef, 0.01 until state($pid) eq 'Z';
my $dead = children();
waitpid $pid, 0;
print "before = $before, dead = $dead, waited = ", children(), "\n";
