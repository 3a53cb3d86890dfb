#!/usr/bin/perl
# The second child polls until it is adopted.
use POSIX;

my $pid = fork();
if ($pid == 0) {
    my $first = $$;
    POSIX::_exit(0) if fork();
    select undef, undef, undef, 0.001 while POSIX::getppid() == $first;
    print "second child, parent pid = ", POSIX::getppid(), "\n";
    exit 0;
}
waitpid($pid, 0);
