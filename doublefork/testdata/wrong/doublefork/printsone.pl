#!/usr/bin/perl
# Does not ask: orphans go to process 1, it is said.
# fails: saw-it
use POSIX;

pipe my $end, my $waited;
my $pid = fork();
if ($pid == 0) {
    close $waited;
    POSIX::_exit(0) if fork();
    <$end>; # until the original has waited
    print "second child, parent pid = 1\n";
    exit 0;
}
waitpid($pid, 0);
