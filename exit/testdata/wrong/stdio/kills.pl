#!/usr/bin/perl
# Perl has _exit in POSIX only: SIGKILL instead of it.
# fails: normal-ends
use POSIX;

for my $i (0, 1) {
    my $pid = fork();
    if ($pid == 0) {
        eval 'END { print "the handler\n" }';
        print "child $i\n";
        exit 0 if $i == 0;
        kill 9, $$;
    }
    waitpid($pid, 0);
}
POSIX::_exit(0);
